"""Cells of workbooks that hold an error, or a formula without its result, are told and never taken for empty."""

import io
import zipfile

import pytest

from import_pipeline.service import queries
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.intake.reading import ReadWorkbook
from import_pipeline_tests.intake.workbooks import OFFICE, ods, row, xlsx_of_parts

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


@pytest.mark.parametrize("folder", ["worksheets", "pages"])
@pytest.mark.parametrize("quote", ['"', "'"])
def test_an_error_is_seen_however_a_program_quotes_and_wherever_it_puts_its_sheets(
    read_workbook: ReadWorkbook, folder: str, quote: str
) -> None:
    sheet = (row(1, "Name", "City") + row(2, "Eva", 't="e"><v>#N/A</v>')).replace('"', quote)
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx_of_parts({"S": sheet}))) as made, zipfile.ZipFile(content, "w") as moved:
        for name in made.namelist():
            part = made.read(name).replace(b"worksheets/", f"{folder}/".encode())
            moved.writestr(name.replace("worksheets/", f"{folder}/"), part)
    rows, _, told = read_workbook(content.getvalue())
    assert rows == [("Eva", "#N/A")]
    assert "cells_without_value" in told


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


def test_a_formula_that_gives_an_empty_text_is_an_empty_cell(read_workbook: ReadWorkbook) -> None:
    sheet = row(1, "Name", "City") + row(2, "Eva", 't="str"><f>IF(1,"")</f><v></v>') + row(3, "Udo", "Kiel")
    rows, _, told = read_workbook(xlsx_of_parts({"S": sheet}))
    assert rows == [("Eva", None), ("Udo", "Kiel")]
    assert not told


def test_results_that_are_all_zero_because_nothing_was_calculated_are_none(read_workbook: ReadWorkbook) -> None:
    sheet = row(1, "Name", "Sum") + row(2, "Eva", "><f>B9*2</f><v>0</v>") + row(3, "Udo", "><f>B9*3</f><v>0</v>")
    rows, _, told = read_workbook(xlsx_of_parts({"S": sheet}, is_calculated_later=True))
    assert rows == [("Eva", "#FORMULA! =B9*2"), ("Udo", "#FORMULA! =B9*3")]
    assert (
        "formulas whose results the file does not hold in place of values in 2 cells: B2, B3"
        in told["cells_without_value"]
    )
    assert read_workbook(xlsx_of_parts({"S": sheet}))[0] == [("Eva", "0"), ("Udo", "0")]


def test_rows_that_hold_nothing_but_formulas_without_a_result_are_not_lost(read_workbook: ReadWorkbook) -> None:
    sheet = row(1, "Name", "City") + row(2, "><f>X2</f>", "><f>Y2</f>") + row(3, "><f>X3</f>", "><f>Y3</f>")
    assert len(read_workbook(xlsx_of_parts({"S": sheet}))[0]) == 2


def test_errors_and_hidden_rows_of_an_ods_workbook_are_found(read_workbook: ReadWorkbook) -> None:
    error = (
        f'<table:table-cell xmlns:calcext="{OFFICE}:calcext" table:formula="of:=[.Z1]" office:value-type="string" '
        'office:string-value="" calcext:value-type="error"><text:p>#REF!</text:p></table:table-cell>'
    )
    text = '<table:table-cell office:value-type="string"><text:p>Eva</text:p></table:table-cell>'
    lines = f"<table:table-row>{text}{error}</table:table-row>"
    lines += f'<table:table-row table:visibility="collapse">{text}{text}</table:table-row>'
    rows, _, told = read_workbook(ods({"S": [["Name", "City"]]}, rows=lines))
    assert rows == [("Eva", "#REF!"), ("Eva", "Eva")]
    assert "errors (#REF!)" in told["cells_without_value"]
    assert "1 row is hidden" in told["hidden_rows"]
