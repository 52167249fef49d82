"""Workbooks as people make them: tables anywhere in a sheet, numbers as they are shown, cells without a value."""

import io
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlwt

from import_pipeline.errors import LimitExceededError
from import_pipeline.intake import read_payload
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.intake.reading import ReadWorkbook
from import_pipeline_tests.intake.workbooks import MAIN, PACKAGE, RELATIONS, ods, row, xls, xlsx, xlsx_of_parts


def test_a_table_that_begins_in_column_c_below_a_title_keeps_all_its_columns(read_workbook: ReadWorkbook) -> None:
    sheet = (
        row(2, "Guests of the summer party", first="C")
        + row(4, "First name", "Last name", "Email", first="C")
        + row(5, "Eva", "Ott", "eva@example.org", first="C")
        + row(6, "Udo", "Erb", "udo@example.org", first="C")
    )
    rows, found, _ = read_workbook(xlsx_of_parts({"S": sheet}))
    assert found.columns == ("First name", "Last name", "Email")
    assert rows == [("Eva", "Ott", "eva@example.org"), ("Udo", "Erb", "udo@example.org")]


@pytest.mark.parametrize("make", [xls, ods])
def test_empty_columns_before_a_table_take_nothing_from_it_in_other_workbooks(
    read_workbook: ReadWorkbook, make: Any
) -> None:
    table = [[None, None, "Name", "City"], [None, None, "Eva", "Ulm"], [None, None, "Udo", "Kiel"]]
    rows, found, _ = read_workbook(make({"S": table}))
    assert found.columns == ("Name", "City")
    assert rows == [("Eva", "Ulm"), ("Udo", "Kiel")]


@pytest.mark.parametrize("make", [xlsx, xls, ods])
def test_a_sheet_of_one_column_beside_empty_ones_is_a_table(read_workbook: ReadWorkbook, make: Any) -> None:
    addresses = [["E-mail"], ["eva@example.org"], ["udo@example.org"], ["pia@example.org"]]
    rows, found, _ = read_workbook(make({"List": addresses, "Sheet2": [], "Sheet3": []}))
    assert found.columns == ("E-mail",)
    assert rows == [("eva@example.org",), ("udo@example.org",), ("pia@example.org",)]


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("00000", 1067, "01067"),
        ("00000", 89073, "89073"),
        ("[$-407]00000", 4109, "04109"),
        ("00000\\-0000", 123456789, "12345-6789"),
        ("000\\-00\\-0000", 12345678, "012-34-5678"),
        ('"+"0', 4930123456, "+4930123456"),
        ('"CU-"0000', 42, "CU-0042"),
        ("00 00 00 00 00", 123456789, "01 23 45 67 89"),
        ("[<=9999999]###\\-####;\\(###\\) ###\\-####", 5550104321, "(555) 010-4321"),
        ("0%", 0.25, "25%"),
        (10, 0.1234, "12.34%"),
        ("#,##0.00", 1234567.891, "1234567.891"),
        ('#,##0.00\\ "€"', 19.9, "19.9"),
        ("[$$-409]#,##0", 1200, "1200"),
        ('0" kg"', 75, "75"),
        ("0.00", 2.5, "2.5"),
        ("# ?/?", 0.5, "0.5"),
        ("0.00E+00", 123456, "123456"),
        ("@", 12, "12"),
        ("+0;-0;0", 5, "5"),
        (14, 29342, "1980-05-01"),
        ("dd\\.mm\\.yyyy", 29342, "1980-05-01"),
        ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", 29342, "1980-05-01"),
        (31, 29342, "1980-05-01"),
        ("hh:mm", 0.75, "18:00:00"),
        ("[h]:mm", 1.5, "36:00:00"),
    ],
)
def test_a_number_is_read_as_people_see_it_where_its_format_means_more_than_its_digits(
    read_workbook: ReadWorkbook, code: str | int, value: float, shown: str
) -> None:
    sheet = row(1, "Name", "Value") + row(2, "Eva", (value, 1)) + row(3, "Udo", (value, 1))
    assert read_workbook(xlsx_of_parts({"S": sheet}, [code]))[0] == [("Eva", shown), ("Udo", shown)]


def test_days_of_a_workbook_that_counts_from_1904_are_those_that_it_shows(read_workbook: ReadWorkbook) -> None:
    sheet = row(1, "Name", "Born", "Seen") + row(2, "Eva", (27880, 1), (27880, 2)) + row(3, "Udo", (0, 1), (1, 2))
    rows, _, _ = read_workbook(xlsx_of_parts({"S": sheet}, [14, 31], is_1904=True))
    assert rows[0] == ("Eva", "1980-05-01", "1980-05-01")


def test_the_zeros_that_an_old_workbook_shows_are_kept(read_workbook: ReadWorkbook) -> None:
    def make() -> bytes:
        workbook = xlwt.Workbook()
        sheet = workbook.add_sheet("Stores")
        padded = xlwt.easyxf(num_format_str="00000")
        percent = xlwt.easyxf(num_format_str="0%")
        for place, name in enumerate(("Store", "ZIP", "Share", "Sum")):
            sheet.write(0, place, name)
        for number in range(1, 4):
            sheet.write(number, 0, f"Store {number}")
            sheet.write(number, 1, 1000 + number, padded)
            sheet.write(number, 2, 0.5, percent)
        sheet.write(1, 3, xlwt.Formula("1/0"))
        sheet.row(2).hidden = True
        sink = io.BytesIO()
        workbook.save(sink)
        return sink.getvalue()

    rows, _, told = read_workbook(make())
    assert [one[:3] for one in rows] == [(f"Store {n}", f"0100{n}", "50%") for n in (1, 2, 3)]
    assert "1 row is hidden in the sheet" in told["hidden_rows"]
    assert "3." in told["hidden_rows"]


def test_zeros_and_percentages_that_a_text_document_of_cells_shows_are_kept(read_workbook: ReadWorkbook) -> None:
    def cell(kind: str, value: str, shown: str) -> str:
        begin = f'<table:table-cell office:value-type="{kind}" office:value="{value}">'
        return f"{begin}<text:p>{shown}</text:p></table:table-cell>"

    line = cell("float", "1067", "01067") + cell("percentage", "0.5", "50%") + cell("float", "1234", "1.234,00 €")
    rows, _, _ = read_workbook(
        ods({"S": [["zip", "share", "sum"]]}, rows=f"<table:table-row>{line}</table:table-row>" * 2)
    )
    assert rows == [("01067", "50%", "1234")] * 2


def test_a_percentage_of_a_workbook_is_its_value_in_a_field_of_numbers(importing: Importing) -> None:
    sheet = row(1, "code", "rate") + row(2, "a", (0.25, 1)) + row(3, "b", (1.5, 1))
    fields = ({"key": "code", "label": "code"}, {"key": "rate", "label": "rate", "type": "number"})
    importing.run(xlsx_of_parts({"S": sheet}, ["0%"]), "custom_rates", schema_fields=fields)
    assert [float(record["rate"]) for record in importing.stored("custom_rates")] == [0.25, 1.5]


def test_hidden_rows_and_columns_are_read_and_told(read_workbook: ReadWorkbook) -> None:
    sheet = (
        '<cols><col min="2" max="2" hidden="1"/></cols><sheetData>'
        + row(1, "Name", "Salary", "City")
        + row(2, "Eva", 1, "Ulm")
        + "".join(row(number, f"P{number}", number, "Kiel", attributes='hidden="1"') for number in (3, 4, 6))
        + "</sheetData>"
    )
    rows, found, told = read_workbook(xlsx_of_parts({"S": sheet}))
    assert len(rows) == 4
    assert "3 rows are hidden in the sheet and were read like the others: 3-4, 6." in told["hidden_rows"]
    assert "'Salary' is hidden" in told["hidden_columns"]
    assert any("3-4, 6" in note for note in found.notes)


def test_a_value_that_is_merged_over_rows_belongs_to_each_of_them(read_workbook: ReadWorkbook) -> None:
    sheet = (
        "<sheetData>"
        + row(1, "Team list")
        + row(2, "Company", "Name", "City")
        + row(3, "Oak", "Eva", "Ulm")
        + row(4, None, "Udo", "Ulm")
        + row(5, None, "Pia", "Bonn")
        + row(6, "Elm", "Max", "Kiel")
        + '</sheetData><mergeCells count="2"><mergeCell ref="A1:C1"/><mergeCell ref="A3:A5"/></mergeCells>'
    )
    rows, found, told = read_workbook(xlsx_of_parts({"S": sheet}))
    assert found.columns == ("Company", "Name", "City")
    assert [one[0] for one in rows] == ["Oak", "Oak", "Oak", "Elm"]
    assert "Column 'Company' has cells that are merged over several rows" in told["merged_cells"]


def test_names_that_are_merged_over_two_rows_of_a_header_name_their_columns_once(read_workbook: ReadWorkbook) -> None:
    sheet = (
        "<sheetData>"
        + row(1, "Name", "Contact", None)
        + row(2, None, "Email", "Phone")
        + row(3, "Eva", "eva@example.org", "030 11")
        + row(4, "Udo", "udo@example.org", "030 12")
        + '</sheetData><mergeCells count="2"><mergeCell ref="A1:A2"/><mergeCell ref="B1:C1"/></mergeCells>'
    )
    rows, found, _ = read_workbook(xlsx_of_parts({"S": sheet}))
    assert found.columns[0] == "Name"
    assert rows == [("Eva", "eva@example.org", "030 11"), ("Udo", "udo@example.org", "030 12")]


def test_elements_with_a_prefix_and_cells_without_a_name_are_understood(read_workbook: ReadWorkbook) -> None:
    cells = "".join(f"<x:c t='inlineStr'><x:is><x:t>{name}</x:t></x:is></x:c>" for name in ("Name", "ZIP"))
    sheet = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row>{cells}</x:row>'
        "<x:row><x:c t='inlineStr'><x:is><x:t>Eva</x:t></x:is></x:c><x:c s='1'><x:v>1067</x:v></x:c></x:row>"
        "<x:row><x:c t='e'><x:v>#N/A</x:v></x:c><x:c s='1'><x:v>99</x:v></x:c></x:row></x:sheetData></x:worksheet>"
    )
    content = xlsx_of_parts({"S": ""}, ["00000"], parts={"xl/worksheets/sheet1.xml": sheet.encode()})
    assert read_workbook(content)[0] == [("Eva", "01067"), ("#N/A", "00099")]


def test_one_text_that_stands_in_many_cells_makes_no_large_file(tmp_path: Path) -> None:
    strings = f'<sst xmlns="{MAIN}"><si><t>{"long text " * 3_000}</t></si></sst>'
    sheet = row(1, "Name", "Note") + "".join(
        f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c><c r="B{n}" t="s"><v>0</v></c></row>' for n in range(2, 1_500)
    )
    related = (
        f'<Relationship Id="r1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
    )
    relations = f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>'
    parts = {"xl/sharedStrings.xml": strings.encode(), "xl/_rels/workbook.xml.rels": relations.encode()}
    path = tmp_path / "book"
    path.write_bytes(xlsx_of_parts({"S": sheet}, parts=parts))
    with duckdb.connect() as connection, pytest.raises(LimitExceededError, match="MAX_INFLATE_RATIO"):
        read_payload(connection, path, ReadOptions(), Settings())
    assert [one.name for one in tmp_path.iterdir()] == ["book"]


def test_days_and_codes_of_people_reach_the_record_as_the_sheet_shows_them(importing: Importing) -> None:
    sheet = (
        row(2, "Email", "Postal code", "Date of birth", "Customer number", first="B")
        + row(3, "eva@example.org", (1067, 1), (29342, 2), (7, 3), first="B")
        + row(4, "udo@example.org", (89073, 1), (18325, 2), (12, 3), first="B")
    )
    mapping = {
        "Email": "email",
        "Postal code": "postal_code",
        "Date of birth": "date_of_birth",
        "Customer number": "external_id",
    }
    importing.run(xlsx_of_parts({"S": sheet}, ["00000", 14, '"K-"000']), column_mapping=mapping)
    stored = {record["email"]: record for record in importing.stored()}
    eva = stored["eva@example.org"]
    assert (eva["postal_code"], str(eva["date_of_birth"])[:10], eva["external_id"]) == ("01067", "1980-05-01", "K-007")
    assert date.fromisoformat(str(stored["udo@example.org"]["date_of_birth"])[:10]) == date(1950, 3, 3)
