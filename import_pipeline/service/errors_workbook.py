"""The failed rows of an import as a workbook: bad cells are coloured, and the reasons stand beside them.

Mended and uploaded again it is taken as the errors file that it is. Rows are written as they are read, so that any
number of them takes the same memory. All cells are text; one that looks like a formula is marked as no formula.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import PayloadError
from import_pipeline.phases.formulas import ERROR_COLUMNS, is_formula, may_be_harmless, text_as_it_was
from import_pipeline.sql import literal
from import_pipeline.words import DefectLevel, Outcome

if TYPE_CHECKING:
    from import_pipeline.service.published import Results

MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 1_048_576, 16_384, 32_767
"""What a sheet takes, by the specification of Excel; the first row is the header."""
_ROWS_AT_ONCE = 1_000
_MOST_COMMENTS = 2_000
"""Comments are held until the end: beyond these, the reasons beside the rows say the same."""
_LONGEST_COMMENT = 500
_WIDTH, _WIDTH_OF_REASONS = 22, 60
_RED, _AMBER, _GREY = "#F6C7C3", "#FBE6B5", "#E8EAED"
_INSTEAD = "Download the errors as CSV instead."


def write_errors_workbook(results: "Results", to: Path) -> None:
    """Write the failed rows: row number and reasons first, then the columns of the file, then the codes.

    Args:
        results: The results of the import.
        to: The file.

    Raises:
        PayloadError: No sheet takes so many rows or columns, or so long a cell.
    """
    import xlsxwriter

    names = [(place, name) for place, (name, _) in enumerate(results.about.columns, 1) if name not in ERROR_COLUMNS]
    _refuse_too_many(results, len(names) + len(ERROR_COLUMNS))
    options = {"constant_memory": True, "tmpdir": str(to.parent), "strings_to_formulas": False}
    with xlsxwriter.Workbook(str(to), options | {"strings_to_urls": False}) as book:
        _Sheet(book, [name for _, name in names]).write(_failed_rows(results, names))


def _refuse_too_many(results: "Results", columns: int) -> None:
    found = results.connection.execute(f"SELECT count(*) FROM rows WHERE outcome = '{Outcome.FAILED}'").fetchone()
    rows = int(found[0]) if found else 0
    if rows >= MOST_ROWS or columns > MOST_COLUMNS:
        raise PayloadError(
            f"{rows:,} failed rows with {columns:,} columns do not go on a sheet, which takes {MOST_ROWS - 1:,} rows "
            f"and {MOST_COLUMNS:,} columns. {_INSTEAD}"
        )


def _failed_rows(results: "Results", names: Sequence[tuple[int, str]]) -> Iterator[tuple[Any, ...]]:
    """Row number, messages, codes, what is wrong with which column, cells, and whether each looks like a formula."""
    cells = [f"cells[{place}]" for place, _ in names]
    # What begins with apostrophes before a formula gets one more: all of them are taken one away from on the way back.
    written = ", ".join(f"CASE WHEN {may_be_harmless(cell)} THEN '''' || {cell} ELSE {cell} END" for cell in cells)
    looks = ", ".join(f"coalesce({is_formula(cell)}, false)" for cell in cells)
    select = f"""
        WITH reasons AS (
            SELECT row_number,
                string_agg(code, '; ' ORDER BY code, field) FILTER (level = '{DefectLevel.ERROR}') AS codes,
                string_agg(coalesce("column" || ': ', '') || message, '; ' ORDER BY code, field)
                    FILTER (level = '{DefectLevel.ERROR}') AS messages,
                list({{'column': "column", 'level': level, 'message': message}} ORDER BY level DESC, code)
                    FILTER ("column" IS NOT NULL) AS bad
            FROM defects
            WHERE row_number IS NOT NULL AND level <> {literal(str(DefectLevel.INFO))}
            GROUP BY row_number
        )
        SELECT rows.row_number, reasons.messages, reasons.codes, reasons.bad, [{written}]::VARCHAR[] AS written,
            [{looks}]::BOOLEAN[] AS looks
        FROM rows
        LEFT JOIN reasons ON reasons.row_number = rows.row_number
        WHERE rows.outcome = '{Outcome.FAILED}'
        ORDER BY rows.row_number
    """
    found = results.connection.execute(select)
    while rows := found.fetchmany(_ROWS_AT_ONCE):
        yield from rows


class _Sheet:
    """The sheet while it is written, row by row.

    Args:
        book: The workbook.
        names: The columns of the file.
    """

    def __init__(self, book: Any, names: Sequence[str]) -> None:
        self._sheet = book.add_worksheet("Errors")
        self._places = {name: place for place, name in enumerate(names, start=2)}
        self._comments = 0
        looks = ("", _RED, _AMBER)
        self._formats = {
            (colour, looks_so): book.add_format(
                {"num_format": "@", "valign": "top", "quote_prefix": looks_so}
                | ({"bg_color": colour} if colour else {})
            )
            for colour in looks
            for looks_so in (False, True)
        }
        self._told = book.add_format({"num_format": "@", "valign": "top", "bg_color": _GREY})
        self._number = book.add_format({"num_format": "0", "valign": "top", "bg_color": _GREY})
        head = book.add_format({"num_format": "@", "bold": True, "bottom": 1})
        row_number, codes, messages = ERROR_COLUMNS
        header = [
            row_number,
            messages,
            *(name if text_as_it_was(name) == name else f"'{name}" for name in names),
            codes,
        ]
        self._sheet.set_column(0, 0, 10)
        self._sheet.set_column(1, 1, _WIDTH_OF_REASONS)
        self._sheet.set_column(2, len(header) - 1, _WIDTH)
        self._sheet.freeze_panes(1, 2)
        self._sheet.autofilter(0, 0, MOST_ROWS - 1, len(header) - 1)
        for column, name in enumerate(header):
            self._write(0, column, name, head)

    def write(self, rows: Iterator[tuple[Any, ...]]) -> None:
        """Write the rows below the header."""
        for at, (row_number, messages, codes, bad, cells, looks) in enumerate(rows, start=1):
            self._sheet.write_number(at, 0, row_number, self._number)
            colours = self._colours(at, bad or [])
            # What is wrong with the row as a whole colours what says so.
            is_of_row = not any(colour == _RED for colour in colours.values())
            self._write(at, 1, messages, self._formats[_RED, False] if is_of_row else self._told)
            for column, (cell, looks_so) in enumerate(zip(cells, looks, strict=True), start=2):
                self._write(at, column, cell, self._formats[colours.get(column, ""), looks_so])
            self._write(at, len(cells) + 2, codes, self._told)

    def _colours(self, at: int, bad: Sequence[dict[str, str]]) -> dict[int, str]:
        """Colour the cells of a row that something is wrong with, the worst last, and comment on them."""
        colours: dict[int, str] = {}
        messages: dict[int, str] = {}
        for one in sorted(bad, key=lambda defect: defect["level"] == DefectLevel.ERROR):
            column = self._places.get(one["column"])
            if column is not None:
                colours[column] = _RED if one["level"] == DefectLevel.ERROR else _AMBER
                messages[column] = f"{messages[column]}\n{one['message']}" if column in messages else one["message"]
        for column, message in messages.items():
            if self._comments < _MOST_COMMENTS:
                self._comments += 1
                self._sheet.write_comment(at, column, message[:_LONGEST_COMMENT], {"x_scale": 2})
        return colours

    def _write(self, at: int, column: int, text: str | None, look: Any) -> None:
        if not text:
            self._sheet.write_blank(at, column, None, look)
            return
        if len(text) > LONGEST_CELL:
            if column == 1:
                text = text[: LONGEST_CELL - 1] + "…"  # the reasons go on in the defects
            else:
                raise PayloadError(
                    f"A cell of line {at + 1} has {len(text):,} characters, and a workbook takes {LONGEST_CELL:,}. "
                    f"{_INSTEAD}"
                )
        self._sheet.write_string(at, column, text, look)
