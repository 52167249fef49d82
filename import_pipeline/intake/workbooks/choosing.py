"""Which sheet of a workbook is meant: the one that holds a table, or several that could be.

Only the first rows of a sheet are looked at: names of columns with rows below them are a table, prose is none, and a
narrow list of words beside a wide table belongs to it.
"""

from collections.abc import Sequence
from typing import Any

from import_pipeline.intake.header_words import is_header_word

LOOKED_AT = 60
"""How many rows of a sheet are enough to judge it."""
_MOST_CELLS = 200
_LONG = 60


class SheetLook:
    """What a sheet holds, at first sight.

    Attributes:
        name: Its name.
        rows: Rows from the first to the last that holds a cell.
        columns: Columns from the first to the last that holds a cell.
        hidden: Whether people see it only after asking for it.
        columns_named: How many columns the table in it names; 0 if it holds none.
    """

    def __init__(self, name: str, rows: int, columns: int, *, hidden: bool) -> None:
        self.name = name
        self.rows = rows
        self.columns = columns
        self.hidden = hidden
        self.columns_named = 0

    def as_dict(self) -> dict[str, Any]:
        """The sheet as JSON-able values."""
        return {"name": self.name, "rows": self.rows, "columns": self.columns, "hidden": self.hidden}


def look(sheet: SheetLook, rows: Sequence[Sequence[str]]) -> SheetLook:
    """Judge a sheet by its first rows, blank ones included."""
    lines = [[cell.strip() for cell in row[:_MOST_CELLS]] for row in rows]
    lines = [line for line in lines if any(line)]
    for place, line in enumerate(lines[:-1]):
        names = [cell for cell in line if cell]
        below = [[cell for cell in row if cell] for row in lines[place + 1 :]]
        if _names_columns(names, below):
            sheet.columns_named = len(names)
            return sheet
    width = max((sum(map(bool, line)) for line in lines), default=0)
    if width > 1 and len(lines) > 2 and sum(sum(map(bool, line)) == width for line in lines) * 5 >= len(lines) * 4:
        sheet.columns_named = width  # rows of one width without names
    return sheet


def choose(sheets: Sequence[SheetLook]) -> tuple[SheetLook | None, list[SheetLook]]:
    """Choose a sheet.

    Returns:
        The sheet to read (None if none holds a cell), and those that could be meant as well as it, with it, in their
        order; none where it is sure.
    """
    filled = [sheet for sheet in sheets if sheet.rows]
    candidates = [sheet for sheet in filled if not sheet.hidden] or filled
    if not candidates:
        return None, []
    tables = [sheet for sheet in candidates if sheet.columns_named]
    widest = max((sheet.columns_named for sheet in tables), default=0)
    tables = [sheet for sheet in tables if not _belongs_to_another(sheet, widest)]
    if len(tables) == 1:
        return tables[0], []
    return (tables or candidates)[0], tables


def _names_columns(names: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether texts are names of the columns of the rows below them."""
    if any(len(name) > _LONG or _is_number(name) or "@" in name for name in names):
        return False
    if len({name.casefold() for name in names}) < len(names):
        return False
    known = sum(map(is_header_word, names))
    if len(names) == 1:
        of_one = [row for row in below if len(row) == 1 and len(row[0]) <= _LONG]
        return known == 1 and len(names[0].split()) <= 3 and len(of_one) == len(below)
    fitting = [row for row in below if 0 < len(row) <= len(names)]
    full = [row for row in fitting if len(row) * 2 >= len(names) or len(row) > 1]
    return bool(known or len(names) > 2) and len(fitting) * 10 >= len(below) * 8 and len(full) * 2 >= len(below)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).replace(",", "", 1).lstrip("+-").isdecimal()


def _belongs_to_another(sheet: SheetLook, widest: int) -> bool:
    """Whether a sheet is narrow where another is wide: a list of the words that one column may hold, a legend."""
    return sheet.columns_named <= 2 and sheet.columns_named * 2 <= widest
