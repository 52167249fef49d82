"""Lines of a file that are no rows end as skipped rows with their reason, and a file of several tables asks first."""

import pytest

from import_pipeline.service import confirming, queries
from import_pipeline.service.run_imports import run_imports
from import_pipeline.service.running import PhaseResult
from import_pipeline.words import Phase
from import_pipeline_tests.importing import Importing, counts

PEOPLE = "external_id,email,first_name,date_of_birth\nA1,ida@example.com,Ida,2001-02-03\nB1,jon@example.com,Jon,\n"
MORE = "external_id,email,first_name,date_of_birth\nC1,kim@example.com,Kim,\n"


def test_the_rows_of_two_joined_exports_are_all_imported_and_the_header_between_is_skipped(
    importing: Importing,
) -> None:
    done = importing.run(PEOPLE + MORE)
    assert done["total_rows"] == 4
    assert counts(done) == {"created": 3, "skipped": 1}
    assert importing.outcomes(done["id"])[2] == (3, "skipped", "repeated_header")
    assert importing.defects(done["id"]) == [(3, None, "repeated_header")]
    assert done["details"]["reading"]["lines_not_rows"] == {"repeated_header": 1}


def test_an_overwrite_keeps_the_records_below_a_header_that_comes_again(importing: Importing) -> None:
    importing.run(PEOPLE + MORE)
    importing.run(PEOPLE + MORE, action="overwrite", confirm_deletions=True)
    assert {one["external_id"] for one in importing.stored()} == {"A1", "B1", "C1"}


def test_a_note_below_the_rows_is_skipped_with_its_text_told(importing: Importing) -> None:
    done = importing.run(PEOPLE + "Note: all of those who left in March,,,\n")
    assert counts(done) == {"created": 2, "skipped": 1}
    [defect] = queries.defects(importing.home, done["id"], limit=10)
    assert (defect["row_number"], defect["code"], defect["level"]) == (3, "note", "info")
    assert defect["value"] == "Note: all of those who left in March"


def test_a_short_last_row_is_imported(importing: Importing) -> None:
    done = importing.run("name,city\nAller,Oslo\n1. FC Köln,\n*NSYNC Ltd,\n", "company")
    assert counts(done) == {"created": 3}
    assert {one["name"] for one in importing.stored("company")} == {"Aller", "1. FC Köln", "*NSYNC Ltd"}


def test_a_total_becomes_no_company_and_total_of_paris_does(importing: Importing) -> None:
    text = "name,city,industry\nAller,Oslo,Oil\nBox,Bern,Paper\n"
    done = importing.run(text + "Total,Paris,Energy\nTotal,,\n", "company")
    assert counts(done) == {"created": 3, "skipped": 1}
    assert [one["city"] for one in importing.stored("company") if one["name"] == "Total"] == ["Paris"]


def test_a_line_that_is_no_row_has_no_further_defect_and_one_reason(importing: Importing) -> None:
    done = importing.run(PEOPLE + "Report generated on 2024-03-31 at noon,nobody,,never\n,,,\n" + MORE)
    by_row = {row: code for row, _, code in importing.defects(done["id"])}
    assert by_row[5] == "repeated_header"
    assert [outcome for _, outcome, _ in importing.outcomes(done["id"])].count("skipped") == 2
    assert importing.outcomes(done["id"])[3] == (4, "skipped", "blank_row")


def test_hooks_do_not_see_lines_that_are_no_rows(importing: Importing) -> None:
    hook = "(record) => { record.row.first_name.value = record.row.first_name.value.toUpperCase(); return record }"
    done = importing.run(PEOPLE + MORE, row_hooks=[hook])
    assert importing.outcomes(done["id"])[2] == (3, "skipped", "repeated_header")


def test_a_half_row_at_the_end_of_a_cut_off_file_fails_and_the_rest_is_imported(importing: Importing) -> None:
    done = importing.run(PEOPLE + "C1,kim@exa")
    assert counts(done) == {"created": 2, "failed": 1}
    assert (None, None, "truncated_file") in importing.defects(done["id"])
    assert (3, None, "truncated_row") in importing.defects(done["id"])
    assert {one["external_id"] for one in importing.stored()} == {"A1", "B1"}


TABLES = PEOPLE + "\nname,city\nAller,Oslo\nBox,Bern\n"


def test_a_file_of_several_tables_asks_which_one_is_meant(importing: Importing) -> None:
    waiting = importing.run(TABLES)
    assert waiting["status"] == "needs_review"
    assert "--table N" in waiting["reason"]
    assert "from line 5 (name, city" in waiting["reason"]
    assert [(one["number"], one["line"], one["rows"]) for one in waiting["details"]["tables"]] == [(1, 1, 2), (2, 5, 2)]
    assert importing.stored() == []

    confirming.confirm(importing.home, waiting["id"], reading={"table": 1})
    done = importing.go(waiting["id"])
    assert done["status"] == "completed"
    assert counts(done) == {"created": 2, "skipped": 3}
    assert [reason for _, _, reason in importing.outcomes(done["id"])][2:] == ["further_table"] * 3


def test_the_second_table_of_a_file_is_imported_where_it_is_chosen(importing: Importing) -> None:
    done = importing.run(TABLES, "company", reading={"table": 2})
    assert counts(done) == {"created": 2}
    assert {one["name"] for one in importing.stored("company")} == {"Aller", "Box"}


@pytest.mark.parametrize(("odd", "status", "total"), [(PEOPLE + MORE, "completed", 4), (TABLES, "needs_review", None)])
def test_small_imports_of_one_batch_leave_such_files_to_go_alone(
    importing: Importing, odd: str, status: str, total: int | None
) -> None:
    others = [importing.begin(MORE.replace("C1,kim", f"X{number},x{number}")) for number in (7, 8)]
    joined = importing.begin(odd)
    batches: list[list[str]] = []

    def note(phase: Phase, result: PhaseResult) -> None:
        if phase is Phase.PREVALIDATION and result.reports:
            batches.append(list(result.reports))

    run_imports(importing.home, [*others, joined], None, note)
    found = queries.import_object(importing.home, joined)
    assert batches == [others, [joined]]
    assert (found["status"], found["total_rows"]) == (status, total)
    assert [queries.import_object(importing.home, one)["status"] for one in others] == ["completed"] * 2


def test_the_lines_below_a_report_are_notes_together_where_two_of_them_say_so(importing: Importing):
    rows = "".join(f"{n},P{n},Q{n},p{n}@x.example,Ulm\n" for n in range(3))
    terms = "Copyright (c) 2020 Acme. All rights reserved."
    below = f'\n\n"My people"\n"{terms}"\n"Generated By: Ann 3/1/2026 9:15 AM"\n"Acme"\n'
    imported = importing.run(f"External ID,First name,Last name,Email,City\n{rows}{below}")
    assert (imported["created_count"], imported["skipped_count"]) == (3, 4)


def test_a_short_line_below_a_table_stays_a_row_where_nothing_says_that_it_is_a_note(importing: Importing):
    rows = "".join(f"{n},P{n},Q{n},p{n}@x.example,Ulm\n" for n in range(3))
    imported = importing.run(f"External ID,First name,Last name,Email,City\n{rows}\n\nK7\nK8\n")
    assert imported["created_count"] == 5


def test_the_moment_at_which_a_report_was_printed_is_no_row(importing: Importing):
    rows = "Company,Phone,Email\nAcorn,030 1111111,a@x.example\nBirch,030 2222222,b@x.example\n"
    imported = importing.run(f'{rows}\n\n" Monday, March 2, 2026 09:15 AM GMT+01:00",,\n', "company", auto_map=True)
    assert [one["name"] for one in importing.stored("company")] == ["Acorn", "Birch"]
    assert imported["skipped_count"] == 1


def test_the_first_row_is_no_part_of_the_header_above_it(importing: Importing):
    rows = "Oak,oak.example,030 1\nPine,https://pine.example,+49 30 2222222\nYew,www.yew.example/a,030 3333333\n"
    importing.run(f"Company Name,Website,Phone\n{rows}", "company", auto_map=True)
    assert "Pine" in [one["name"] for one in importing.stored("company")]
