"""Rows that a person left out in a review: skipped, in no errors file, and never taken for records that are missing."""

import pytest

from import_pipeline.service import confirming, reviewing
from import_pipeline.stores import imports
from import_pipeline_tests.importing import Importing, counts

STORED = "external_id,email\n1,ada@example.com\n2,bob@example.com\n3,cyd@example.com\n"


def left_out(importing: Importing, csv: str, *rows: int, **spec: str) -> str:
    """An import that waited because of its bad rows, some of which were left out; it was run again since."""
    import_id = importing.begin(csv, invalid_data="block", **spec)
    importing.go(import_id)
    record = imports.get(importing.home.registry, import_id)
    reviewing.correct(importing.home, record, {}, "ann", dict.fromkeys(rows, True))
    reviewing.submit(importing.home, record)
    importing.go(import_id)
    return import_id


def test_a_row_that_is_left_out_is_skipped_whatever_is_wrong_with_it(importing: Importing) -> None:
    import_id = left_out(importing, 'external_id,email\n1,ada@example.com\n2,bob@\n3,"cyd@\n', 2, 3)
    assert importing.outcomes(import_id) == [
        (1, "created", None),
        (2, "skipped", "left_out_in_review"),
        (3, "skipped", "left_out_in_review"),
    ]
    assert "2,skipped,,left_out_in_review" in importing.download(import_id, "results.csv")
    assert not imports.get(importing.home.registry, import_id).has_errors_file


def test_an_overwrite_asks_because_of_a_left_out_row_and_keeps_the_record_that_it_names(importing: Importing) -> None:
    importing.run(STORED)
    import_id = left_out(importing, "external_id,email\n1,ada@example.com\n2,bob@\n", 2, action="overwrite")
    record = imports.get(importing.home.registry, import_id)
    assert record.status == "needs_review"
    assert "would delete 1 of 3 contacts, which no good row names: 1 row was left out in" in (record.reason or "")
    assert len(importing.stored()) == 3
    confirming.confirm(importing.home, import_id)
    done = importing.go(import_id)
    assert (done["status"], done["overwritten_count"]) == ("completed", 1)
    assert sorted(one["external_id"] for one in importing.stored()) == ["1", "2"]


@pytest.mark.parametrize("rows", [(2,), (2, 3)])
def test_the_rest_is_counted_as_ever(importing: Importing, rows: tuple[int, ...]) -> None:
    import_id = importing.begin("external_id,email\n1,ada@example.com\n2,bob@\n3,cyd@\n", invalid_data="block")
    importing.go(import_id)
    record = imports.get(importing.home.registry, import_id)
    reviewing.correct(importing.home, record, {}, None, dict.fromkeys(rows, True))
    reviewing.submit(importing.home, record, invalid_data="remove_rows")
    done = importing.go(import_id)
    assert counts(done) == {"created": 1, "skipped": len(rows)} | ({"failed": 1} if len(rows) == 1 else {})
