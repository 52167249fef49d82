"""Every row ends with exactly one outcome, bad rows cost themselves only, and nothing is written twice."""

import csv

import pytest

from import_pipeline.errors import ImportPipelineError
from import_pipeline.service import confirming, queries
from import_pipeline.stores import imports
from import_pipeline.words import Phase
from import_pipeline_tests.importing import Importing, counts

MESSY = (
    "email,date_of_birth,status,phone\n"
    "ann@example.com,1990-02-30,active,+1 555 0100\n"  # no such day
    "bad,1990-01-01,active,+1 555 0101\n"  # no address
    ",,,\n"  # blank
    "bob@example.com,1990-01-01,lead,+1 555 0102\n"
    "bob@example.com,,,\n"  # repeated
    ",,active,\n"  # means nobody
    "cyd@example.com,,,=1+1\n"  # no phone
    '"dee@example.com",19900101,,\n'
)


def test_every_row_of_a_messy_file_has_one_outcome_and_its_reasons(importing: Importing):
    imported = importing.run(MESSY)
    assert counts(imported) == {"created": 3, "skipped": 3, "failed": 2}
    assert imported["total_rows"] == imported["processed_rows"] == 8
    outcomes = importing.outcomes(imported["id"])
    assert [row for row, _, _ in outcomes] == list(range(1, 9))
    assert {row: (outcome, reason) for row, outcome, reason in outcomes} == {
        1: ("created", None),
        2: ("failed", "invalid_email"),
        3: ("skipped", "blank_row"),
        4: ("skipped", "duplicate_in_file"),
        5: ("skipped", "duplicate_in_file"),
        6: ("failed", "not_identifiable"),
        7: ("created", None),
        8: ("created", None),
    }


def test_where_asked_a_bad_cell_costs_its_row_whatever_the_field(importing: Importing):
    imported = importing.run(MESSY, on_bad_optional="fail")
    assert counts(imported) == {"created": 1, "skipped": 3, "failed": 4}
    failed = [(row, reason) for row, outcome, reason in importing.outcomes(imported["id"]) if outcome == "failed"]
    assert failed == [(1, "invalid_date"), (2, "invalid_email"), (6, "not_identifiable"), (7, "invalid_phone")]


def test_the_errors_file_holds_the_failed_rows_as_they_were_with_their_reasons(importing: Importing):
    imported = importing.run(MESSY, on_bad_optional="fail")
    text = importing.errors_file(imported["id"])
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["import_row_number"] for row in rows] == ["1", "2", "6", "7"]
    assert rows[0]["date_of_birth"] == "1990-02-30"
    assert rows[0]["import_error_codes"] == "invalid_date"
    assert rows[3]["phone"] == "'=1+1"  # harmless in a spreadsheet
    assert rows[0]["phone"] == "'+1 555 0100"


def test_bad_cells_can_be_emptied_instead_of_costing_their_rows(importing: Importing):
    imported = importing.run(
        "email,date_of_birth,phone\nann@example.com,soon,+1 555 0100\nbob@example.com,1990-01-01,none\n",
        invalid_data="null_cells",
    )
    assert counts(imported) == {"created": 2}
    assert [sorted(record) for record in importing.stored()] == [["email", "phone"], ["date_of_birth", "email"]]
    assert {one["level"] for one in queries.defects(importing.home, imported["id"])} == {"warning"}


def test_with_block_one_bad_row_and_nothing_is_written(importing: Importing):
    waiting = importing.run("email\nann@example.com\nbad\n", invalid_data="block")
    assert waiting["status"] == "needs_review"
    assert importing.stored() == []
    confirming.confirm(importing.home, waiting["id"], invalid_data="remove_rows")
    assert counts(importing.go(waiting["id"])) == {"created": 1, "failed": 1}


@pytest.mark.parametrize("phase", list(Phase))
def test_a_phase_that_runs_again_gives_the_same(importing: Importing, phase: Phase):
    importing.run("email\nbob@example.com\n")
    import_id = importing.begin(MESSY)
    importing.go(import_id, until=phase)
    done = importing.go(import_id, since=phase) if phase is not Phase.CLEANUP else importing.go(import_id)
    assert counts(done) == {"created": 3, "skipped": 3, "failed": 2}
    assert len(importing.outcomes(import_id)) == 8
    assert len(importing.stored()) == 4


def test_after_the_commit_a_second_processing_writes_nothing_even_if_planned_anew(importing: Importing):
    import_id = importing.begin("email\nann@example.com\nbob@example.com\n")
    importing.go(import_id, until=Phase.PROCESSING)
    before = queries.records(importing.home, "contact", "default")
    done = importing.go(import_id, since=Phase.TRANSFORMING)
    assert counts(done) == {"created": 2}
    assert queries.records(importing.home, "contact", "default") == before


def test_what_changed_between_plan_and_writing_is_matched_again(importing: Importing):
    late = importing.begin("email,first_name\nann@example.com,Ann\nbob@example.com,Bob\n")
    importing.go(late, until=Phase.VALIDATION)
    importing.run("email,last_name\nann@example.com,Lee\n")
    done = importing.go(late, since=Phase.PROCESSING)
    assert counts(done) == {"created": 1, "updated": 1}
    assert sorted(record["email"] for record in importing.stored()) == ["ann@example.com", "bob@example.com"]


def test_a_row_whose_record_was_deleted_since_the_plan_says_so(importing: Importing):
    importing.run("external_id\n1\n")
    (record_id,) = importing.ids()
    mapping = {"id": "id", "first_name": "first_name"}
    late = importing.begin(f"id,first_name\n{record_id},Ann\n", column_mapping=mapping)
    importing.go(late, until=Phase.VALIDATION)
    importing.run("external_id\n1\n", action="delete")
    assert counts(importing.go(late, since=Phase.PROCESSING)) == {"failed": 1}
    assert importing.outcomes(late) == [(1, "failed", "changed_since_plan")]


@pytest.mark.parametrize(
    ("csv_text", "spec", "words"),
    [
        ("", {}, "empty"),
        ("email\n", {}, "row"),
        ("email\nann@example.com\n", {"record_type": "person"}, "person"),
        ("email\nann@example.com\n", {"column_mapping": {"email": "mail_address"}}, "mail_address"),
        ("email\nann@example.com\n", {"column_mapping": {"Mail": "email"}}, "Mail"),
        ("email,name\nann@example.com,Ann\n", {"column_mapping": {"name": "first_name"}}, "email"),
        ("email\nann@example.com\n", {"action": "delete", "column_mapping": {"email": "email"}}, "external_id"),
    ],
)
def test_an_import_that_cannot_work_says_what_and_writes_nothing(importing: Importing, csv_text, spec, words):
    importing.run("email\nkept@example.com\n")
    with pytest.raises(ImportPipelineError, match=words):
        importing.run(csv_text, **spec)
    assert importing.stored() == [{"email": "kept@example.com"}]
    assert all(item.status == "failed" for item in imports.list_imports(importing.home.registry).items[:-1])


def test_a_header_may_hold_anything_and_comes_back_in_the_errors_file_as_it_was(importing: Importing):
    header = ["email", "row_number", "Note", "note", 'say "hi"', "$p1", "c1", "action", "größe", "import_row_number"]
    imported = importing.run(
        ",".join('"' + name.replace('"', '""') + '"' for name in header)
        + "\nann@example.com,9,a,b,c,d,e,f,g,h\nbad,8,,,,,,,,7\n",
        column_mapping={"email": "email"},
        keep_unmapped=True,
    )
    assert counts(imported) == {"created": 1, "failed": 1}
    text = importing.errors_file(imported["id"])
    rows = list(csv.reader(text.splitlines()))
    assert rows[0][:9] == [*header[:3], rows[0][3], *header[4:9]]
    assert rows[1][:9] == ["bad", "8", *[""] * 7]
    (stored,) = importing.stored()
    assert '"row_number":"9"' in stored["extra"]
    assert '"$p1":"d"' in stored["extra"]


def test_a_broken_line_of_json_fails_and_is_not_told_as_a_blank_one(importing: Importing):
    imported = importing.run('{"email": "a@example.com"}\n{"email": broken\n{"email": "b@example.com"}\n')
    assert counts(imported) == {"created": 2, "failed": 1}
    assert importing.outcomes(imported["id"])[1] == (2, "failed", "broken_json")
    assert imported["reason"] is None
