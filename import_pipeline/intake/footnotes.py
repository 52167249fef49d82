"""Notes below a table whose lines are filled up with delimiters, as spreadsheets write them: they are no rows.

Notes on lines of their own width are told in `csv_faults`, where rows of another width are.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

import duckdb

from import_pipeline.intake.reading import Findings, StructuralDefect
from import_pipeline.intake.table import Rows
from import_pipeline.sql import quoted_list
from import_pipeline.words import DefectLevel

MOST_NOTES = 30
_LONG = 60
_MARK = re.compile(
    r"\W*(sources?|notes?|nb|n\.b\.|footnotes?|remarks?|disclaimer|copyright|quellen?|hinweise?|anmerkung(en)?|fuentes?"
    r"|notas?|remarques?)\b ?[\d(]*[:.)\u2013-]"
    r"|[*†‡§¹²³©]|\([0-9a-z]\) |\[[0-9a-z]\] |[0-9]{1,2}[.:)] +\D",
    re.IGNORECASE,
)


def count_notes(rows: Sequence[Sequence[str | None]]) -> int:
    """How many of the last rows of a table, blank ones before them included, are notes and no rows.

    A note fills the first cell alone. The first one says that it is one, or is long and stands below a blank row.
    """
    count = 0
    for number, row in enumerate(reversed(rows), start=1):
        texts = [cell for cell in row if cell and cell.strip()]
        if not texts:
            if count and count == number - 1:
                count = number  # a blank row above the notes goes with them
            continue
        if len(texts) > 1 or len(row) < 3 or not (row[0] or "").strip():
            break
        above = rows[-number - 1] if number < len(rows) else ()
        is_below_blank = bool(above) and not any(cell and cell.strip() for cell in above)
        if _MARK.match(texts[0].strip()) or (is_below_blank and len(texts[0]) >= _LONG):
            count = number
    return count if count < len(rows) else 0


def without_notes(blocks: Iterable[Rows], findings: Findings) -> Iterator[Rows]:
    """The blocks without the notes at their end, which are reported."""
    rows: Rows = []
    for block in blocks:
        rows = rows + block
        if len(rows) > MOST_NOTES:
            yield rows[:-MOST_NOTES]
            rows = rows[-MOST_NOTES:]
    count = count_notes(rows)
    _report(rows[len(rows) - count :], findings)
    if len(rows) > count:
        yield rows[: len(rows) - count]


def remove_notes(connection: duckdb.DuckDBPyConnection, width: int, findings: Findings) -> None:
    """Take the notes at the end of `source_text` out of it, and report them."""
    columns = quoted_list(f"c{place + 1}" for place in range(width))
    found = connection.execute(
        f"SELECT {columns} FROM source_text WHERE rowid >= (SELECT max(rowid) FROM source_text) - $most ORDER BY rowid",
        {"most": MOST_NOTES - 1},
    ).fetchall()
    count = count_notes(found)
    if count:
        connection.execute(
            "DELETE FROM source_text WHERE rowid > (SELECT max(rowid) FROM source_text) - $count", {"count": count}
        )
        _report(found[len(found) - count :], findings)


def _report(notes: Sequence[Sequence[str | None]], findings: Findings) -> None:
    for note in notes:
        text = next((cell for cell in note if cell and cell.strip()), None)
        if text is not None:
            message = "The row is a note below the table, no row of it."
            findings.add(StructuralDefect(None, "footnote", message, value=text[:1000], level=DefectLevel.INFO))
