"""Workbooks as people make them: tables anywhere in a sheet, numbers as they are shown, cells without a value."""

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlwt

from import_pipeline.errors import LimitExceededError, PayloadError
from import_pipeline.intake import Reading, preview, read_payload
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.service import confirming, queries
from import_pipeline.settings import Settings
from import_pipeline.words import Phase
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.intake.workbooks import MAIN, OFFICE, PACKAGE, RELATIONS, ods, row, xls, xlsx, xlsx_of_parts

Read = Callable[..., tuple[list[tuple], Reading, dict[str, str]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a workbook: rows, reading, and code → message of what is told of the file."""

    def reading(content: bytes, **options: object) -> tuple[list[tuple], Reading, dict[str, str]]:
        path = tmp_path / "book"
        path.write_bytes(content)
        with duckdb.connect() as connection:
            connection.execute("SET allowed_paths = $paths", {"paths": [str(path), f"{path}.utf8"]})
            connection.execute("SET enable_external_access = false")
            found = read_payload(connection, path, ReadOptions.model_validate(options), Settings())
            rows = connection.execute("SELECT * EXCLUDE row_number FROM source_rows ORDER BY row_number").fetchall()
            told = connection.execute("SELECT code, message FROM defects WHERE row_number IS NULL").fetchall()
        assert preview(path, ReadOptions.model_validate(options), Settings()).sample_rows == list(map(list, rows[:10]))
        return rows, found, dict(told)

    return reading


@pytest.fixture
def importing(tmp_path: Path) -> Importing:
    return Importing(Settings(home=tmp_path / "home"), tmp_path)


def test_a_table_that_begins_in_column_c_below_a_title_keeps_all_its_columns(read: Read) -> None:
    sheet = (
        row(2, "Guests of the summer party", first="C")
        + row(4, "First name", "Last name", "Email", first="C")
        + row(5, "Eva", "Ott", "eva@example.org", first="C")
        + row(6, "Udo", "Erb", "udo@example.org", first="C")
    )
    rows, found, _ = read(xlsx_of_parts({"S": sheet}))
    assert found.columns == ("First name", "Last name", "Email")
    assert rows == [("Eva", "Ott", "eva@example.org"), ("Udo", "Erb", "udo@example.org")]


@pytest.mark.parametrize("make", [xls, ods])
def test_empty_columns_before_a_table_take_nothing_from_it_in_other_workbooks(read: Read, make: Any) -> None:
    table = [[None, None, "Name", "City"], [None, None, "Eva", "Ulm"], [None, None, "Udo", "Kiel"]]
    rows, found, _ = read(make({"S": table}))
    assert found.columns == ("Name", "City")
    assert rows == [("Eva", "Ulm"), ("Udo", "Kiel")]


@pytest.mark.parametrize("make", [xlsx, xls, ods])
def test_a_sheet_of_one_column_beside_empty_ones_is_a_table(read: Read, make: Any) -> None:
    addresses = [["E-mail"], ["eva@example.org"], ["udo@example.org"], ["pia@example.org"]]
    rows, found, _ = read(make({"List": addresses, "Sheet2": [], "Sheet3": []}))
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
    read: Read, code: str | int, value: float, shown: str
) -> None:
    sheet = row(1, "Name", "Value") + row(2, "Eva", (value, 1)) + row(3, "Udo", (value, 1))
    assert read(xlsx_of_parts({"S": sheet}, [code]))[0] == [("Eva", shown), ("Udo", shown)]


def test_days_of_a_workbook_that_counts_from_1904_are_those_that_it_shows(read: Read) -> None:
    sheet = row(1, "Name", "Born", "Seen") + row(2, "Eva", (27880, 1), (27880, 2)) + row(3, "Udo", (0, 1), (1, 2))
    rows, _, _ = read(xlsx_of_parts({"S": sheet}, [14, 31], is_1904=True))
    assert rows[0] == ("Eva", "1980-05-01", "1980-05-01")


def test_the_zeros_that_an_old_workbook_shows_are_kept(read: Read) -> None:
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

    rows, _, told = read(make())
    assert [one[:3] for one in rows] == [(f"Store {n}", f"0100{n}", "50%") for n in (1, 2, 3)]
    assert "1 row is hidden in the sheet" in told["hidden_rows"]
    assert "3." in told["hidden_rows"]


def test_zeros_and_percentages_that_a_text_document_of_cells_shows_are_kept(read: Read) -> None:
    def cell(kind: str, value: str, shown: str) -> str:
        begin = f'<table:table-cell office:value-type="{kind}" office:value="{value}">'
        return f"{begin}<text:p>{shown}</text:p></table:table-cell>"

    line = cell("float", "1067", "01067") + cell("percentage", "0.5", "50%") + cell("float", "1234", "1.234,00 €")
    rows, _, _ = read(ods({"S": [["zip", "share", "sum"]]}, rows=f"<table:table-row>{line}</table:table-row>" * 2))
    assert rows == [("01067", "50%", "1234")] * 2


def test_a_percentage_of_a_workbook_is_its_value_in_a_field_of_numbers(importing: Importing) -> None:
    sheet = row(1, "code", "rate") + row(2, "a", (0.25, 1)) + row(3, "b", (1.5, 1))
    fields = ({"key": "code", "label": "code"}, {"key": "rate", "label": "rate", "type": "number"})
    importing.run(xlsx_of_parts({"S": sheet}, ["0%"]), "custom_rates", schema_fields=fields)
    assert [float(record["rate"]) for record in importing.stored("custom_rates")] == [0.25, 1.5]


ERRORS = ["#N/A", "#REF!", "#DIV/0!", "#NAME?", "#VALUE!", "#NUM!", "#NULL!"]


@pytest.mark.parametrize("error", ERRORS)
def test_a_cell_with_an_error_is_a_defect_that_names_row_and_column(importing: Importing, error: str) -> None:
    sheet = row(1, "Email", "City") + row(2, "eva@example.org", "Ulm")
    sheet += row(3, f't="e"><v>{error}</v>', "Kiel") + row(4, "pia@example.org", "Bonn")
    import_id = importing.begin(xlsx_of_parts({"S": sheet}))
    imported = importing.go(import_id)
    assert (imported["created_count"], imported["failed_count"]) == (2, 1)
    assert (2, "email", "error_value") in importing.defects(import_id)
    assert not any(error in str(record) for record in importing.stored())


def test_a_formula_whose_result_is_not_in_the_file_is_a_defect_and_no_empty_cell(importing: Importing) -> None:
    sheet = row(1, "Email", "City") + row(2, "><f>A3</f><v/>", "Ulm") + row(3, "><f>LOWER(A2)</f>", "Kiel")
    sheet += row(4, "pia@example.org", "Bonn")
    import_id = importing.begin(xlsx_of_parts({"S": sheet}))
    importing.go(import_id)
    assert [one for one in importing.defects(import_id) if one[0]] == [
        (1, "email", "formula_without_result"),
        (2, "email", "formula_without_result"),
    ]
    assert [record["email"] for record in importing.stored()] == ["pia@example.org"]


def test_errors_in_a_column_that_is_not_imported_cost_no_row_and_are_told(importing: Importing) -> None:
    sheet = row(1, "Email", "Score of the model") + row(2, "eva@example.org", 't="e"><v>#REF!</v>')
    import_id = importing.begin(xlsx_of_parts({"S": sheet}), column_mapping={"Email": "email"})
    assert importing.go(import_id)["created_count"] == 1
    (told,) = [
        one for one in queries.defects(importing.home, import_id, limit=10) if one["code"] == "cells_without_value"
    ]
    assert "'Score of the model' holds errors (#REF!) in place of values in 1 cell: B2" in told["message"]


def test_a_formula_that_gives_an_empty_text_is_an_empty_cell(read: Read) -> None:
    sheet = row(1, "Name", "City") + row(2, "Eva", 't="str"><f>IF(1,"")</f><v></v>') + row(3, "Udo", "Kiel")
    rows, _, told = read(xlsx_of_parts({"S": sheet}))
    assert rows == [("Eva", None), ("Udo", "Kiel")]
    assert not told


def test_results_that_are_all_zero_because_nothing_was_calculated_are_none(read: Read) -> None:
    sheet = row(1, "Name", "Sum") + row(2, "Eva", "><f>B9*2</f><v>0</v>") + row(3, "Udo", "><f>B9*3</f><v>0</v>")
    rows, _, told = read(xlsx_of_parts({"S": sheet}, is_calculated_later=True))
    assert rows == [("Eva", "#FORMULA! =B9*2"), ("Udo", "#FORMULA! =B9*3")]
    assert (
        "formulas whose results the file does not hold in place of values in 2 cells: B2, B3"
        in told["cells_without_value"]
    )
    assert read(xlsx_of_parts({"S": sheet}))[0] == [("Eva", "0"), ("Udo", "0")]


def test_rows_that_hold_nothing_but_formulas_without_a_result_are_not_lost(read: Read) -> None:
    sheet = row(1, "Name", "City") + row(2, "><f>X2</f>", "><f>Y2</f>") + row(3, "><f>X3</f>", "><f>Y3</f>")
    assert len(read(xlsx_of_parts({"S": sheet}))[0]) == 2


def test_errors_and_hidden_rows_of_an_ods_workbook_are_found(read: Read) -> None:
    error = (
        f'<table:table-cell xmlns:calcext="{OFFICE}:calcext" table:formula="of:=[.Z1]" office:value-type="string" '
        'office:string-value="" calcext:value-type="error"><text:p>#REF!</text:p></table:table-cell>'
    )
    text = '<table:table-cell office:value-type="string"><text:p>Eva</text:p></table:table-cell>'
    lines = f"<table:table-row>{text}{error}</table:table-row>"
    lines += f'<table:table-row table:visibility="collapse">{text}{text}</table:table-row>'
    rows, _, told = read(ods({"S": [["Name", "City"]]}, rows=lines))
    assert rows == [("Eva", "#REF!"), ("Eva", "Eva")]
    assert "errors (#REF!)" in told["cells_without_value"]
    assert "1 row is hidden" in told["hidden_rows"]


def test_hidden_rows_and_columns_are_read_and_told(read: Read) -> None:
    sheet = (
        '<cols><col min="2" max="2" hidden="1"/></cols><sheetData>'
        + row(1, "Name", "Salary", "City")
        + row(2, "Eva", 1, "Ulm")
        + "".join(row(number, f"P{number}", number, "Kiel", attributes='hidden="1"') for number in (3, 4, 6))
        + "</sheetData>"
    )
    rows, found, told = read(xlsx_of_parts({"S": sheet}))
    assert len(rows) == 4
    assert "3 rows are hidden in the sheet and were read like the others: 3-4, 6." in told["hidden_rows"]
    assert "'Salary' is hidden" in told["hidden_columns"]
    assert any("3-4, 6" in note for note in found.notes)


def test_a_value_that_is_merged_over_rows_belongs_to_each_of_them(read: Read) -> None:
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
    rows, found, told = read(xlsx_of_parts({"S": sheet}))
    assert found.columns == ("Company", "Name", "City")
    assert [one[0] for one in rows] == ["Oak", "Oak", "Oak", "Elm"]
    assert "Column 'Company' has cells that are merged over several rows" in told["merged_cells"]


def test_names_that_are_merged_over_two_rows_of_a_header_name_their_columns_once(read: Read) -> None:
    sheet = (
        "<sheetData>"
        + row(1, "Name", "Contact", None)
        + row(2, None, "Email", "Phone")
        + row(3, "Eva", "eva@example.org", "030 11")
        + row(4, "Udo", "udo@example.org", "030 12")
        + '</sheetData><mergeCells count="2"><mergeCell ref="A1:A2"/><mergeCell ref="B1:C1"/></mergeCells>'
    )
    rows, found, _ = read(xlsx_of_parts({"S": sheet}))
    assert found.columns[0] == "Name"
    assert rows == [("Eva", "eva@example.org", "030 11"), ("Udo", "udo@example.org", "030 12")]


HELP = [["How to fill in this list"], ["Write one person into each row, and send it back to the office by Friday."]]
PEOPLE = [
    ["Name", "Email", "City", "Phone"],
    ["Eva", "eva@example.org", "Ulm", "030 1"],
    ["Udo", "u@example.org", "", ""],
]
PLACES = [["City"], ["Ulm"], ["Kiel"]]


def test_the_sheet_with_the_table_is_read_and_all_sheets_are_listed(read: Read) -> None:
    rows, found, _ = read(xlsx({"Help": HELP, "Guests": PEOPLE, "Places": PLACES}))
    assert rows[0][0] == "Eva"
    assert [(one["name"], one["rows"], one["columns"], one["hidden"], one["chosen"]) for one in found.sheets] == [
        ("Help", 2, 1, False, False),
        ("Guests", 3, 4, False, True),
        ("Places", 3, 1, False, False),
    ]
    assert not any(one["may_be_meant"] for one in found.sheets)


def test_a_hidden_sheet_is_listed_and_not_read(read: Read) -> None:
    hidden = row(1, "Code", "Label", "Kind") + row(2, "a", "b", "c")
    shown = row(1, "Name", "City") + row(2, "Eva", "Ulm")
    rows, found, _ = read(xlsx_of_parts({"Lists": hidden, "People": shown}, hidden={"Lists"}))
    assert rows == [("Eva", "Ulm")]
    assert [(one["hidden"], one["chosen"]) for one in found.sheets] == [(True, False), (False, True)]


def test_where_two_sheets_hold_tables_a_person_is_asked_which_one_is_meant(importing: Importing) -> None:
    firms = [["Company", "Email", "City"], ["Oak", "oak@example.org", "Ulm"], ["Elm", "elm@example.org", "Bonn"]]
    import_id = importing.begin(xlsx({"Firms": firms, "People": PEOPLE}))
    waiting = importing.go(import_id, until=Phase.PREVALIDATION)
    assert waiting["status"] == "needs_review"
    assert "'Firms' (3 rows, 3 columns); 'People' (3 rows, 4 columns)" in waiting["reason"]
    assert [one["may_be_meant"] for one in waiting["details"]["sheets"]] == [True, True]
    confirming.confirm(importing.home, import_id, reading={"sheet": "People"})
    assert importing.go(import_id)["created_count"] == 2


def test_a_sheet_that_is_named_is_read_without_a_question(importing: Importing) -> None:
    firms = [["Company", "Email"], ["Oak", "oak@example.org"], ["Elm", "elm@example.org"]]
    imported = importing.run(xlsx({"Firms": firms, "People": PEOPLE}), reading=ReadOptions(sheet="People"))
    assert (imported["status"], imported["created_count"]) == ("completed", 2)


def test_a_sheet_of_a_file_that_is_no_workbook_is_refused(read: Read) -> None:
    with pytest.raises(PayloadError, match="no workbook, so it has no sheet 'People'"):
        read(b"a,b\n1,2\n", sheet="People")


def test_elements_with_a_prefix_and_cells_without_a_name_are_understood(read: Read) -> None:
    cells = "".join(f"<x:c t='inlineStr'><x:is><x:t>{name}</x:t></x:is></x:c>" for name in ("Name", "ZIP"))
    sheet = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row>{cells}</x:row>'
        "<x:row><x:c t='inlineStr'><x:is><x:t>Eva</x:t></x:is></x:c><x:c s='1'><x:v>1067</x:v></x:c></x:row>"
        "<x:row><x:c t='e'><x:v>#N/A</x:v></x:c><x:c s='1'><x:v>99</x:v></x:c></x:row></x:sheetData></x:worksheet>"
    )
    content = xlsx_of_parts({"S": ""}, ["00000"], parts={"xl/worksheets/sheet1.xml": sheet.encode()})
    assert read(content)[0] == [("Eva", "01067"), ("#N/A", "00099")]


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
