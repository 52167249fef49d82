"""Failed rows stay with their import and can be imported once they, or the mapping, are right; too many stop it."""

from pathlib import Path

import pytest

from import_pipeline.errors import MisuseError, StateError
from import_pipeline.service import confirming, queries, replaying
from import_pipeline_tests.importing import Importing, counts

TEXT = "external_id,status,phone\n1,lead,+1 555 0100\n2,Sponsor?,+1 555 0101\n3,??!,\n4,lead,\n"


def replayed(importing: Importing, import_id: str, rows: Path | None = None, **changes) -> dict:
    """Replay an import and run what that gives; gives the import object."""
    return importing.go(replaying.replay(importing.home, import_id, rows, **changes).id)


@pytest.mark.every_store
def test_a_replay_imports_only_the_failed_rows_with_what_was_corrected(importing: Importing):
    first = importing.run(TEXT, on_bad_optional="fail")
    assert counts(first) == {"created": 2, "failed": 2}
    again = replayed(importing, first["id"], value_mappings={"status": {"Sponsor?": "customer"}})
    assert counts(again) == {"created": 1, "failed": 1}
    assert again["retry_of"] == first["id"]
    stored = {record["external_id"]: record for record in importing.stored()}
    assert sorted(stored) == ["1", "2", "4"]
    assert stored["2"] == {"external_id": "2", "status": "customer", "phone": "+1 555 0101"}
    last = replayed(importing, again["id"], value_mappings={"status": {"??!": None}})
    assert counts(last) == {"created": 1}
    assert last["retry_of"] == again["id"]


def test_a_mended_errors_file_is_imported_without_what_was_added_to_it(importing: Importing, tmp_path: Path):
    first = importing.run(TEXT, on_bad_optional="fail")
    mended = tmp_path / "mended.csv"
    mended.write_text(importing.errors_file(first["id"]).replace("Sponsor?", "customer").replace("??!", "lead"))
    assert counts(replayed(importing, first["id"], mended)) == {"created": 2}
    stored = {record["external_id"]: record for record in importing.stored()}
    assert stored["2"]["phone"] == "+1 555 0101"
    assert "extra" not in stored["2"]


def test_a_replay_keeps_mapping_and_formats_and_takes_another_mapping(importing: Importing):
    text = "Key;Born;Mail\n1;31/12/1990;nobody\n2;30/11/1991;two@example.com\n"
    mapping = {"Key": "external_id", "Born": "date_of_birth", "Mail": "email"}
    first = importing.run(text, column_mapping=mapping, reading={"date_format": "%d/%m/%Y"})
    assert counts(first) == {"created": 1, "failed": 1}
    again = replayed(importing, first["id"], column_mapping={"Key": "external_id", "Born": "date_of_birth"})
    assert counts(again) == {"created": 1}
    assert [str(record["date_of_birth"]) for record in importing.stored()] == ["1991-11-30", "1990-12-31"]


def test_the_replay_of_an_overwrite_deletes_nothing(importing: Importing):
    first = importing.run(TEXT, on_bad_optional="fail", action="overwrite")
    again = replayed(importing, first["id"], value_mappings={"status": {"Sponsor?": "customer"}})
    assert (again["action"], counts(again)) == ("merge", {"created": 1, "failed": 1})
    assert len(importing.stored()) == 3


def test_what_has_no_failed_rows_is_not_replayed(importing: Importing):
    done = importing.run("external_id\n1\n")["id"]
    with pytest.raises(MisuseError, match="No row"):
        replaying.replay(importing.home, done)
    with pytest.raises(StateError):
        replaying.replay(importing.home, importing.begin(TEXT, on_bad_optional="fail"))
    with pytest.raises(MisuseError, match="dry run"):
        replaying.replay(importing.home, importing.run(TEXT, on_bad_optional="fail", dry_run=True)["id"])


@pytest.mark.parametrize(
    ("threshold", "status"),
    [
        ({"max_failed_rows": 1}, "needs_review"),
        ({"max_failed_rows": 2}, "completed"),
        ({"max_failed_fraction": 0.49}, "needs_review"),
        ({"max_failed_fraction": 0.5}, "completed"),
    ],
)
def test_above_a_threshold_nothing_is_written_and_a_person_is_asked(importing: Importing, threshold, status):
    imported = importing.run(TEXT, on_bad_optional="fail", **threshold)
    assert imported["status"] == status
    assert len(importing.stored()) == (0 if status == "needs_review" else 2)


def test_an_import_above_its_threshold_says_what_it_found_and_goes_on_when_confirmed(importing: Importing):
    waiting = importing.run(TEXT, on_bad_optional="fail", max_failed_rows=0)
    assert "2 of 4 rows failed (" in waiting["reason"]
    assert waiting["details"]["failed_rows"] == 2
    found = [row["outcome"] for row in queries.rows(importing.home, waiting["id"])]
    assert found == ["created", "failed", "failed", "created"]
    confirming.confirm(importing.home, waiting["id"], max_failed_rows=None)
    assert counts(importing.go(waiting["id"])) == {"created": 2, "failed": 2}
