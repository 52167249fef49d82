"""Rows with more cells than the header has names: a cell holds the delimiter and was not quoted, or a name is missing.

Where the pieces of a cell can be told by the space that prose has behind its commas, they are put together; where
they cannot, the rows that fit the header say how many columns the table has.
"""

from collections.abc import Sequence

from import_pipeline.intake.several_tables import trimmed

_FITTING = 4
"""One row in so many has to fit the header, for the others to be the ones that are wrong."""


def joined(cells: Sequence[str], width: int, delimiter: str) -> list[str] | None:
    """The row with its split cells put together, where exactly as many begin with a space as there are too many.

    >>> joined(["Oak", " Elm & Co", "Leeds"], 2, ",")
    ['Oak, Elm & Co', 'Leeds']
    """
    if len(cells) <= width or len(delimiter) != 1 or delimiter.isspace():
        return None
    pieces = [place for place, cell in enumerate(cells) if cell[:1] == " " and cell.strip()]
    if len(pieces) != len(cells) - width or not all(place and cells[place - 1].strip() for place in pieces):
        return None
    row: list[str] = []
    for place, cell in enumerate(cells):
        if place in pieces:
            row[-1] += delimiter + cell
        else:
            row.append(cell)
    return row


def has_fewer_names(names: Sequence[str], header: Sequence[str], width: int) -> bool:
    """Whether a header names fewer columns than the rows have cells, and nothing says which one has no name.

    Args:
        names: The names as they were brought to the table's columns.
        header: The header as its row was cut.
        width: How many cells most rows have.
    """
    return 1 < len(header) < width == len(names) and all(map(str.strip, header)) and bool(names[0])


def columns_named(header: Sequence[str], body: Sequence[Sequence[str]], delimiter: str) -> bool:
    """Whether the rows below a header show that its names are all columns, and wider rows have a cell too many."""
    width = len(header)
    wide = [row for row in body if len(trimmed(row)) > width]
    split = sum(joined(row, width, delimiter) is not None for row in wide)
    fitting = split + sum(len(row) == width for row in body)
    return fitting * _FITTING >= len(wide) - split + fitting
