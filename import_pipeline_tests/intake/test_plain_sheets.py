"""Plain sheets of XLSX workbooks are read by columns, and what comes of it is what is read by rows."""

import io
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from import_pipeline.errors import PayloadError
from import_pipeline.intake import preview, workbook_parts
from import_pipeline.intake.formats import spreadsheet
from import_pipeline.intake.payload import open_table, payload_at, read_table
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings
from import_pipeline_tests.examples import examples
from import_pipeline_tests.intake.workbooks import row, xlsx_of_parts

FORMATS = {datetime: "yyyy-mm-dd hh:mm:ss", date: "yyyy-mm-dd", time: "hh:mm", timedelta: "[h]:mm:ss"}
TOLD = ReadOptions(repair_text=False)


def workbook(rows: list[list[Any]], **options: Any) -> bytes:
    """A workbook of one sheet."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, options) as book:
        formats = {kind: book.add_format({"num_format": code}) for kind, code in FORMATS.items()}
        sheet = book.add_worksheet("Data")
        for row, cells in enumerate(rows):
            for column, value in enumerate(cells):
                if isinstance(value, str):
                    sheet.write_string(row, column, value)
                elif type(value) in formats:
                    sheet.write_datetime(row, column, value, formats[type(value)])
                elif value is not None:
                    sheet.write(row, column, value)
    return content.getvalue()


def read(content: bytes, *, by_columns: bool = True) -> tuple[bool, Any]:
    """Whether a sheet was read by columns; the reading, the rows and the defects, also of a preview."""
    with TemporaryDirectory() as folder, duckdb.connect() as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr(workbook_parts, "LEAST_BYTES", 0 if by_columns else 1 << 40)
        path = Path(folder) / "book"
        path.write_bytes(content)
        opened: list[bool] = []
        open_columns = spreadsheet.open_columns

        def noting(*told: Any) -> Any:
            table = open_columns(*told)
            opened.append(table is not None)
            return table

        patch.setattr(spreadsheet, "open_columns", noting)
        reading = read_table(connection, open_table(payload_at(path), TOLD, Settings()), TOLD, Settings())
        rows = connection.execute("SELECT * FROM source_rows ORDER BY row_number").fetchall()
        defects = connection.execute("SELECT * FROM defects ORDER BY ALL").fetchall()
        seen = preview(path, TOLD, Settings())
    return any(opened), (reading, rows, defects, seen)


def test_a_plain_sheet_is_read_by_columns_with_its_cells_as_they_are_shown():
    moments = [datetime(2024, 1, 5, 7, 8, 9), datetime(2024, 1, 6), datetime(1999, 12, 31, 23, 59, 59)]
    rows: list[list[Any]] = [["Name", "ZIP", "Amount", "Day", "Moment", "Paid", "Note"]]
    for number in range(3_000):
        amount = [0.1 + 0.2, 12.5, 1e-7, -0.0, 1e16, 123456.75][number % 6]
        rows.append([f"Ada {number}", 1000 + number, amount, date(2024, 2, 29), moments[number % 3], number % 2 == 0])
    rows[7].append("line\none, two")
    rows[8].append("")
    content = workbook(rows)
    by_columns, found = read(content)
    assert by_columns
    assert found[1][0] == (1, "Ada 0", "1000", "0.3", "2024-02-29", "2024-01-05 07:08:09", "TRUE", None)
    assert found[1][2] == (3, "Ada 2", "1002", "0.0000001", "2024-02-29", "1999-12-31 23:59:59", "TRUE", None)
    assert [row[3] for row in found[1][3:6]] == ["0", "10000000000000000", "123456.75"]
    assert found[1][6][-1] == "line\none, two"
    assert [sheet["rows"] for sheet in found[0].sheets] == [3_001]
    assert "maybe_lost_zeros" not in [defect[4] for defect in found[2]]
    assert read(content, by_columns=False) == (False, found)


def test_a_sheet_whose_header_comes_again_or_whose_columns_are_mixed_is_read_by_rows():
    rows: list[list[Any]] = [["Name", "City"], *([f"Ada {number}", "Ulm"] for number in range(100))]
    again = [*rows, ["Name", "City"], *rows[1:]]
    by_columns, found = read(workbook(again))
    assert by_columns
    assert found[0].lines_not_rows == {"repeated_header": 1}
    assert read(workbook(again), by_columns=False) == (False, found)
    mixed = [["Name", "Age"], ["Ada", 3], ["Eve", "unknown"], ["Total", 7]]
    by_columns, found = read(workbook(mixed))
    assert not by_columns
    assert read(workbook(mixed), by_columns=False) == (False, found)


ONLY_BY_ROWS = {
    "texts that mean no value among numbers": (['t="str"><v>N/A</v>', (1, 0)], ["N/A", "1"]),
    "a text that looks like a number which is none": (['t="str"><v>-nan</v>', (1, 0)], ["-nan", "1"]),
    "a day after 9999": ([(1e10, 1), (43831, 1)], ["10000000000", "2020-01-01"]),
    "a moment after 9999": ([(2958466.5, 1), (43831, 1)], ["2958466.5", "2020-01-01"]),
    "yes and no in words": (['t="b"><v>false</v>', 't="b"><v>true</v>'], ["FALSE", "TRUE"]),
    "a letter by its number": (['t="str"><v>_x0041_</v>', "B"], ["A", "B"]),
    "a day before March 1900": ([(59, 1), (43831, 1)], ["1900-02-28", "2020-01-01"]),
    "only times": ([(0.5, 1), (0.25, 1)], ["12:00:00", "06:00:00"]),
    "percentages": ([(0.5, 2), (0.25, 2)], ["50%", "25%"]),
}


@pytest.mark.parametrize(("cells", "texts"), ONLY_BY_ROWS.values(), ids=ONLY_BY_ROWS)
def test_what_columns_of_one_kind_cannot_hold_is_read_by_rows(cells, texts):
    rows = [row(number, f"n{number}", one) for number, one in enumerate([*cells, None, cells[-1]], start=2)]
    by_columns, found = read(xlsx_of_parts({"S": row(1, "Name", "Value") + "".join(rows)}, [14, "0%"]))
    assert not by_columns
    assert [cells[2] for cells in found[1]] == [*texts, None, texts[-1]]


PLAIN = {
    "days with holes": [(43831, 1), None, (43832, 1)],
    "numbers with holes": [(9007199254740993, 0), None, (0.5, 0)],
    "yes and no": ['t="b"><v>1</v>', None, 't="b"><v>0</v>'],
}


@pytest.mark.parametrize("cells", PLAIN.values(), ids=PLAIN)
def test_columns_with_empty_cells_are_read_by_columns_also_where_a_workbook_says_from_when_it_counts(cells):
    rows = "".join(row(number, f"n{number}", one) for number, one in enumerate(cells, start=2))
    content = xlsx_of_parts({"S": row(1, "Name", "Value") + rows}, [14])  # says date1904="0", as LibreOffice does
    by_columns, found = read(content)
    assert by_columns
    assert read(content, by_columns=False) == (False, found)


def test_a_carriage_return_within_a_cell_ends_no_row():
    rows = [["Name", "Note"], *([f"Ada {number}", "x"] for number in range(300)), ["Eve", "one\rtwo"], ["Joe", "y"]]
    for by_columns in (True, False):
        assert read(workbook(rows), by_columns=by_columns)[1][1][-2:] == [(301, "Eve", "one\rtwo"), (302, "Joe", "y")]


TEXTS = [
    "Ada",
    "",
    " x ",
    "0123",
    "TRUE",
    "1.50",
    "two\nlines",
    'say "a, b"',
    "Größe",
    "_x000D_",
    "<&>",
    "name",
    "one\rtwo",
]
NUMBERS = [0, -0.0, 7, 12.5, 0.1 + 0.2, 1e15, 1e16, 1e21, 1e22, 1e-5, 1e-9, 1e-10, -3.25, 123456789012345, 5e-324]
MOMENTS = [datetime(2024, 1, 5), datetime(2024, 1, 5, 7, 8, 9), datetime(2024, 1, 5, 7, 8, 9, 123_000)]
MOMENTS += [date(1900, 3, 1), date(9999, 12, 31), date(1900, 1, 5)]
KINDS: list[list[Any]] = [TEXTS, NUMBERS, MOMENTS, MOMENTS[:1], [True, False], [time(7, 30)], [timedelta(hours=30)]]
KINDS += [[None], [1 / 3, 2.5], [123456, 98765]]
ODD: list[Any] = ["odd", 3, date(2024, 1, 1), True, time(1), "#N/A", "N/A", "null", "nan"]
HEADERS = ["Name", "City", "ZIP", "Name_1", "Phone", "", " Amount", "two\nlines", "012", "__UNNAMED__1"]


@st.composite
def sheets(draw: st.DrawFn) -> list[list[Any]]:
    """Rows of columns of one kind each, with holes, and now and then a cell of another kind."""
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=5))
    header: list[Any] = draw(st.lists(st.sampled_from(HEADERS), min_size=len(kinds), max_size=len(kinds)))
    cells = [st.sampled_from([*kind, *([None] * draw(st.integers(0, 1)))]) for kind in kinds]
    rows: list[list[Any]] = draw(st.lists(st.tuples(*cells).map(list), min_size=1, max_size=12))
    if draw(st.integers(0, 4)) == 0:
        rows[draw(st.integers(0, len(rows) - 1))][draw(st.integers(0, len(kinds) - 1))] = draw(st.sampled_from(ODD))
    return [["First", *header[1:]] if draw(st.booleans()) else header, *rows]


@examples(8)
@given(sheets(), st.booleans())
def test_what_is_read_by_columns_is_what_is_read_by_rows(rows, has_shared_texts):
    content = workbook(rows, constant_memory=not has_shared_texts)
    outcomes = []
    for by_columns in (True, False):
        try:
            outcomes.append(read(content, by_columns=by_columns)[1])
        except PayloadError as error:
            outcomes.append(error.message)
    assert outcomes[0] == outcomes[1]
