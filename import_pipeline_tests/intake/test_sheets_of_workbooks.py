"""Which sheet of a workbook is read, and when a person is asked."""

import pytest

from import_pipeline.errors import PayloadError
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.service import confirming
from import_pipeline.words import Phase
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.intake.reading import ReadWorkbook
from import_pipeline_tests.intake.workbooks import row, xlsx, xlsx_of_parts

HELP = [["How to fill in this list"], ["Write one person into each row, and send it back to the office by Friday."]]


PEOPLE = [
    ["Name", "Email", "City", "Phone"],
    ["Eva", "eva@example.org", "Ulm", "030 1"],
    ["Udo", "u@example.org", "", ""],
]


PLACES = [["City"], ["Ulm"], ["Kiel"]]


def test_the_sheet_with_the_table_is_read_and_all_sheets_are_listed(read_workbook: ReadWorkbook) -> None:
    rows, found, _ = read_workbook(xlsx({"Help": HELP, "Guests": PEOPLE, "Places": PLACES}))
    assert rows[0][0] == "Eva"
    assert [(one["name"], one["rows"], one["columns"], one["hidden"], one["chosen"]) for one in found.sheets] == [
        ("Help", 2, 1, False, False),
        ("Guests", 3, 4, False, True),
        ("Places", 3, 1, False, False),
    ]
    assert not any(one["may_be_meant"] for one in found.sheets)


def test_a_hidden_sheet_is_listed_and_not_read(read_workbook: ReadWorkbook) -> None:
    hidden = row(1, "Code", "Label", "Kind") + row(2, "a", "b", "c")
    shown = row(1, "Name", "City") + row(2, "Eva", "Ulm")
    rows, found, _ = read_workbook(xlsx_of_parts({"Lists": hidden, "People": shown}, hidden={"Lists"}))
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


def test_a_sheet_of_a_file_that_is_no_workbook_is_refused(read_workbook: ReadWorkbook) -> None:
    with pytest.raises(PayloadError, match="no workbook, so it has no sheet 'People'"):
        read_workbook(b"a,b\n1,2\n", sheet="People")
