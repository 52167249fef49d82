"""Text that was written in UTF-8, read in another encoding, and written in UTF-8 again: 'JosÃ©' for 'José'.

What a cell was before is found by going the same way back. That is done only where it is certain: where the text as it
stands is what no language writes (ftfy knows what such text looks like), and what comes out of it is one. All else that
looks garbled stays, and is told.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import duckdb
import ftfy.bad_codecs  # noqa: F401 (registers the encodings in which each byte is a character)
from ftfy.badness import is_bad

from import_pipeline.intake.mixed_encoding import looks_written
from import_pipeline.intake.reading import Findings
from import_pipeline.intake.structural_defects import DOUBLE_ENCODING, GARBLED_TEXT
from import_pipeline.sql import Parameters, quote

_READ_IN = {
    "sloppy-windows-1252": "windows-1252",
    "latin-1": "latin-1",
    "sloppy-windows-1250": "windows-1250",
    "macroman": "mac-roman",
}
_MOST_TIMES = 3
_MOST_CHARACTERS = 100_000
_SHOWN = 60
_SHOWN_COLUMNS = 20
_FEWEST_FOR_ALL = 2
"""So many certain cells of a file make what is probable certain in a column with no other text beyond ASCII."""


def _images(encoding: str, first: int, last: int) -> str:
    """What bytes look like in an encoding, for a class of characters."""
    return re.escape(bytes(range(first, last + 1)).decode(encoding))


_GARBLED = "|".join(f"[{_images(name, 0xC2, 0xF4)}][{_images(name, 0x80, 0xBF)}]" for name in _READ_IN)
"""The image of the first two bytes of a character in UTF-8."""
_GARBLED_COMPILED = re.compile(_GARBLED)


@dataclass
class _Column:
    """What is known of the garbled cells of one column.

    Attributes:
        certain: Cell → what it was.
        probable: The same, where the cell could also be meant as it stands.
        lost: Cells that look garbled and cannot be brought back.
    """

    certain: dict[str, str] = field(default_factory=dict)
    probable: dict[str, str] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)


def repair(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str], places: Sequence[int], findings: Findings
) -> list[str]:
    """Repair the cells of `source_text`; tells what was repaired, and what looks garbled and was not.

    Args:
        connection: The workspace.
        names: The names of its columns, in their order.
        places: The columns, from 0, with cells of several characters beyond ASCII.
        findings: Where it is told.

    Returns:
        The names, repaired.
    """
    columns: dict[int, _Column] = {}
    for place in places:
        column, bind = quote(f"c{place + 1}"), Parameters()
        found = connection.execute(
            f"""
            SELECT cell
            FROM (SELECT DISTINCT {column} AS cell FROM source_text WHERE strlen({column}) > length({column}) + 1)
            WHERE regexp_matches(cell, {bind.bind(_GARBLED)})
            """,
            bind,
        ).fetchall()
        if found:
            columns[place] = _judged(cell for (cell,) in found)
    repaired = repaired_names(names)
    is_usual = sum(len(column.certain) for column in columns.values()) >= _FEWEST_FOR_ALL
    told = _Told()
    for place, judged in columns.items():
        column = quote(f"c{place + 1}")
        if is_usual and judged.probable and not _has_other_text(connection, column):
            judged.certain |= judged.probable
        if judged.certain:
            told.repaired(repaired[place], *_update(connection, column, judged.certain))
        if judged.lost:
            told.lost(repaired[place], *_first_of(connection, column, judged.lost))
    told.tell(findings)
    return repaired


def repaired_sample(rows: Sequence[Sequence[str]], findings: Findings) -> list[list[str]]:
    """The rows of a preview, repaired as the import will do it, as far as they show it."""
    columns = [
        _judged({cell for cell in column if _GARBLED_COMPILED.search(cell)}) for column in zip(*rows, strict=False)
    ]
    if not any(column.certain for column in columns):
        return [list(row) for row in rows]
    findings.note(
        "Some cells are garbled, read once in a wrong encoding before the file was written: they are repaired."
    )
    return [
        [columns[place].certain.get(cell, cell) if place < len(columns) else cell for place, cell in enumerate(row)]
        for row in rows
    ]


def repaired_names(names: Sequence[str]) -> list[str]:
    """The names of columns, repaired where that is certain."""
    certain = _judged(name for name in names if _GARBLED_COMPILED.search(name)).certain
    return [certain.get(name, name) for name in names]


def may_be_garbled(text: str) -> bool:
    """Whether a text has what looks like the bytes of a character in UTF-8, read in another encoding."""
    return _GARBLED_COMPILED.search(text) is not None


class _Told:
    """What is told of all columns together."""

    def __init__(self) -> None:
        self._repaired: dict[str, int] = {}
        self._lost: dict[str, int] = {}
        self._examples: list[str] = []
        self._lost_example: tuple[str, int, str] | None = None

    def repaired(self, name: str, count: int, row_number: int, before: str, after: str) -> None:
        self._repaired[name] = count
        self._examples.append(f"{_cut(before)!r} in row {row_number} became {_cut(after)!r}")

    def lost(self, name: str, count: int, row_number: int, cell: str) -> None:
        self._lost[name] = count
        self._lost_example = self._lost_example or (name, row_number, cell)

    def tell(self, findings: Findings) -> None:
        if self._repaired:
            count = sum(self._repaired.values())
            findings.tell(
                DOUBLE_ENCODING,
                f"{count:,} {'cell was' if count == 1 else 'cells were'} garbled, read once in a wrong encoding before "
                f"the file was written, and repaired: {self._examples[0]}. Columns: {_counted(self._repaired)}.",
            )
        if self._lost_example is not None:
            count = sum(self._lost.values())
            name, row_number, cell = self._lost_example
            findings.tell(
                GARBLED_TEXT,
                f"{count:,} {'cell looks' if count == 1 else 'cells look'} garbled and cannot be repaired for sure, "
                f"such as {_cut(cell)!r} in row {row_number} of {name!r}; what the file says is imported. "
                f"Export it again in UTF-8 if that is wrong. Columns: {_counted(self._lost)}.",
                cell[:_SHOWN],
            )


def _judged(cells: Iterable[str]) -> _Column:
    """Which cells are garbled, and what they were."""
    column = _Column()
    for cell in cells:
        before = _before(cell) if len(cell) <= _MOST_CHARACTERS else None
        if before is not None:
            (column.certain if is_bad(cell) else column.probable)[cell] = before
        elif is_bad(cell[:_MOST_CHARACTERS]):
            column.lost.append(cell)
    return column


def _before(cell: str) -> str | None:
    """What a cell was before it was read in a wrong encoding, once or several times; None if no way leads back."""
    found, text = None, cell
    for _ in range(_MOST_TIMES):
        back = _once_before(text)
        if back is None:
            break
        found = text = back
    return found


def _once_before(text: str) -> str | None:
    for name in _READ_IN:
        try:
            back = text.encode(name).decode("utf-8")
        except UnicodeError:
            continue
        if back != text and (looks_written(back) or _GARBLED_COMPILED.search(back)):
            return back
    return None


def _has_other_text(connection: duckdb.DuckDBPyConnection, column: str) -> bool:
    """Whether cells of a column have characters beyond ASCII and do not look garbled."""
    bind = Parameters()
    return bool(
        connection.execute(
            f"""
            SELECT 1 FROM source_text
            WHERE strlen({column}) <> length({column}) AND NOT regexp_matches({column}, {bind.bind(_GARBLED)})
            LIMIT 1
            """,
            bind,
        ).fetchone()
    )


def _update(connection: duckdb.DuckDBPyConnection, column: str, certain: dict[str, str]) -> tuple[int, int, str, str]:
    """Put in what the cells were; gives their number and the first with its row."""
    import pyarrow

    pairs = {"cell": pyarrow.array(list(certain)), "repaired": pyarrow.array(list(certain.values()))}
    connection.register("garbled_cells", pyarrow.table(pairs))
    try:
        count, row_number, before, after = connection.execute(
            f"""
            SELECT count(*), min(place) + 1, arg_min(cell, place), arg_min(repaired, place)
            FROM (SELECT rowid AS place, {column} AS given FROM source_text)
            JOIN garbled_cells ON cell = given
            """
        ).fetchall()[0]
        connection.execute(
            f"UPDATE source_text SET {column} = repaired FROM garbled_cells WHERE cell = source_text.{column}"
        )
    finally:
        connection.unregister("garbled_cells")
    return count, row_number, before, after


def _first_of(connection: duckdb.DuckDBPyConnection, column: str, cells: list[str]) -> tuple[int, int, str]:
    """How many cells these are, and the first with its row."""
    return connection.execute(
        f"""
        SELECT count(*), min(place) + 1, arg_min(given, place)
        FROM (SELECT rowid AS place, {column} AS given FROM source_text)
        WHERE list_contains($cells::VARCHAR[], given)
        """,
        {"cells": cells},
    ).fetchall()[0]


def _counted(columns: dict[str, int]) -> str:
    named = [f"{name!r} ({count:,})" for name, count in columns.items()]
    more = f" and {len(named) - _SHOWN_COLUMNS} more" if len(named) > _SHOWN_COLUMNS else ""
    return ", ".join(named[:_SHOWN_COLUMNS]) + more


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
