"""The rows of an import with their outcomes and differences: predicted, done, paged, filtered, as CSV."""

import csv
from pathlib import Path

import pytest

from import_pipeline.errors import MisuseError
from import_pipeline.service import queries
from import_pipeline.words import Phase
from import_pipeline_tests.importing import Importing, counts

STORED = "external_id,first_name,tags\n1,Ada,old\n2,Bob,\n9,Zoe,\n"
INCOMING = "external_id,email,first_name,tags\n1,ada@example.com,Ada,new\n2,,Bob,\n3,no address,Cyd,\n4,,=Dee(),\n"


def told(importing: Importing, import_id: str, **page) -> list[tuple]:
    """Row, outcome and changes of the rows of an import."""
    return [
        (row["row_number"], row["outcome"], [tuple(change.values()) for change in row["changes"]])
        for row in queries.rows(importing.home, import_id, **page)
    ]


EXPECTED = [
    (1, "updated", [("email", None, "ada@example.com"), ("tags", '["old"]', '["old","new"]')]),
    (2, "unchanged", []),
    (3, "failed", []),
    (4, "created", [("external_id", None, "4"), ("first_name", None, "=Dee()")]),
    (None, "deleted", [("external_id", "9", None), ("first_name", "Zoe", None)]),
]


def test_a_dry_run_tells_every_row_and_what_an_overwrite_would_delete(importing: Importing):
    importing.run(STORED)
    stored = importing.stored()
    predicted = importing.run(INCOMING, action="overwrite", dry_run=True)
    assert importing.stored() == stored
    assert counts(predicted) == {"created": 1, "updated": 1, "unchanged": 1, "failed": 1, "overwritten": 1}
    assert predicted["total_rows"] == predicted["processed_rows"] == 4
    assert told(importing, predicted["id"]) == EXPECTED
    done = importing.run(INCOMING, action="overwrite", confirm_deletions=True)  # a row of it fails
    assert counts(done) == counts(predicted)
    assert told(importing, done["id"]) == EXPECTED


def test_rows_come_in_pages_and_by_outcome(importing: Importing):
    importing.run(STORED)
    done = importing.run(INCOMING, action="overwrite", confirm_deletions=True)["id"]
    assert told(importing, done, limit=2) == EXPECTED[:2]
    assert told(importing, done, limit=2, after=4) == EXPECTED[4:]
    assert told(importing, done, outcome="deleted") == EXPECTED[4:]
    with pytest.raises(MisuseError, match="created, updated"):
        queries.rows(importing.home, done, outcome="lost")


def test_the_rows_as_csv_have_a_line_for_each_change_and_no_formula(importing: Importing, tmp_path: Path):
    importing.run(STORED)
    done = importing.run(INCOMING, action="overwrite", confirm_deletions=True)["id"]
    assert queries.write_rows_csv(importing.home, done, tmp_path / "rows.csv") == 8
    lines = list(csv.DictReader((tmp_path / "rows.csv").read_text().splitlines()))
    assert [(line["row_number"], line["outcome"], line["field"], line["after"]) for line in lines] == [
        ("1", "updated", "email", "ada@example.com"),
        ("1", "updated", "tags", '["old","new"]'),
        ("2", "unchanged", "", ""),
        ("3", "failed", "", ""),
        ("4", "created", "external_id", "4"),
        ("4", "created", "first_name", "'=Dee()"),
        ("", "deleted", "external_id", ""),
        ("", "deleted", "first_name", ""),
    ]


def test_an_import_that_was_not_planned_has_no_rows(importing: Importing, tmp_path: Path):
    import_id = importing.begin(INCOMING)
    assert queries.rows(importing.home, import_id) == []
    assert queries.write_rows_csv(importing.home, import_id, tmp_path / "rows.csv") == 0


def test_the_rows_are_right_even_if_the_phases_before_the_commit_ran_again_after_it(importing: Importing):
    importing.run(STORED)
    import_id = importing.begin(INCOMING, action="overwrite")
    importing.go(import_id, until=Phase.PROCESSING)
    importing.go(import_id, since=Phase.TRANSFORMING)
    assert told(importing, import_id) == EXPECTED


def test_a_dry_run_says_what_the_import_would_wait_for(importing: Importing):
    predicted = importing.run(INCOMING, max_failed_rows=0, dry_run=True)
    assert predicted["status"] == "completed"
    assert "would wait for a person: 1 of 4 rows failed" in predicted["reason"]


def test_references_created_by_an_overwrite_are_not_deleted_by_it(importing: Importing):
    imported = importing.run(
        "external_id,name,parent_external_id\n1,Child,9\n", "company", action="overwrite", create_missing=["company"]
    )
    assert counts(imported) == {"created": 1}
    assert sorted(company["external_id"] for company in importing.stored("company")) == ["1", "9"]


def test_an_overwrite_that_goes_on_late_spares_what_came_meanwhile(importing: Importing):
    importing.run("external_id\n1\n2\n")
    late = importing.begin("external_id\n1\n", action="overwrite")
    importing.go(late, until=Phase.PROCESSING)
    importing.run("external_id\n3\n")
    assert counts(importing.go(late, since=Phase.CLEANUP)) == {"unchanged": 1, "overwritten": 1}
    assert sorted(record["external_id"] for record in importing.stored()) == ["1", "3"]


def test_rows_that_refer_to_a_row_that_fails_fail_too(importing: Importing):
    imported = importing.run("external_id,name,parent_external_id\n1,A,8\n2,B,1\n3,C,2\n4,D,\n", "company")
    assert counts(imported) == {"created": 1, "failed": 3}
    assert importing.stored("company") == [{"external_id": "4", "name": "D"}]


def test_tags_that_a_row_repeats_are_kept_once_so_that_the_same_file_again_changes_nothing(importing: Importing):
    text = "email,tags\nann@example.com,red;blue;red\n"
    importing.run(text, tag_delimiter=";")
    assert importing.stored() == [{"email": "ann@example.com", "tags": ["red", "blue"]}]
    assert counts(importing.run(text, tag_delimiter=";")) == {"unchanged": 1}
