"""What becomes of a stored record when a row meets it, for each duplicate strategy and action."""

import pytest

from import_pipeline.service import confirming, queries
from import_pipeline_tests.importing import Importing, counts
from import_pipeline_tests.stored import rows_of

STORED = "external_id,first_name,last_name,phone,tags\n1,Ada,,+44 20 7946 0001,old\n2,Bob,Stone,,\n"
INCOMING = "external_id,first_name,last_name,phone,tags\n1,Augusta,King,,new\n3,Cyd,Reed,,\n"


@pytest.mark.parametrize(
    ("strategy", "ada", "expected"),
    [
        ("skip", {"first_name": "Ada", "phone": "+44 20 7946 0001", "tags": ["old"]}, {"created": 1, "skipped": 1}),
        (
            "fill",
            {"first_name": "Ada", "last_name": "King", "phone": "+44 20 7946 0001", "tags": ["old"]},
            {"created": 1, "updated": 1},
        ),
        (
            "merge",
            {"first_name": "Augusta", "last_name": "King", "phone": "+44 20 7946 0001", "tags": ["old", "new"]},
            {"created": 1, "updated": 1},
        ),
        ("overwrite", {"first_name": "Augusta", "last_name": "King", "tags": ["new"]}, {"created": 1, "updated": 1}),
    ],
)
def test_a_row_that_meets_a_record_does_to_it_what_the_strategy_says(importing: Importing, strategy, ada, expected):
    importing.run(STORED)
    imported = importing.run(INCOMING, duplicate_strategy=strategy)
    assert counts(imported) == expected
    stored = {record["external_id"]: record for record in importing.stored()}
    assert stored["1"] == {"external_id": "1"} | ada
    assert stored["2"] == {"external_id": "2", "first_name": "Bob", "last_name": "Stone"}
    assert stored["3"] == {"external_id": "3", "first_name": "Cyd", "last_name": "Reed"}


def test_the_same_file_again_changes_nothing_and_says_so(importing: Importing):
    importing.run(STORED)
    before = queries.records(importing.home, "contact", "default")
    assert counts(importing.run(STORED)) == {"unchanged": 2}
    assert queries.records(importing.home, "contact", "default") == before


def test_overwriting_a_record_keeps_the_external_id_that_the_file_does_not_map(importing: Importing):
    importing.run("external_id,email,first_name\n7,ann@example.com,Ann\n")
    importing.run("email,last_name\nann@example.com,Lee\n", duplicate_strategy="overwrite")
    assert importing.stored() == [{"external_id": "7", "email": "ann@example.com", "last_name": "Lee"}]


@pytest.mark.every_store
def test_the_action_overwrite_deletes_what_the_file_does_not_name_and_keeps_before_images(importing: Importing):
    importing.run(STORED)
    imported = importing.run(INCOMING, action="overwrite")
    assert counts(imported) == {"created": 1, "updated": 1, "overwritten": 1}
    assert imported["stats"] == {"created": 1, "updated": 1, "deleted": 0, "overwritten": 1}
    assert [record["external_id"] for record in importing.stored()] == ["1", "3"]
    select = "SELECT operation, row_number, external_id, first_name FROM contacts_history ORDER BY external_id"
    history = rows_of(importing.settings, select)
    assert history == [("updated", 1, "1", "Ada"), ("deleted", None, "2", "Bob")]


def test_an_overwrite_keeps_the_records_of_rows_that_failed_or_repeat_one_another(importing: Importing):
    importing.run("external_id,email\n1,one@example.com\n2,two@example.com\n3,three@example.com\n")
    file = "external_id,email\n1,not an address\n2,two@example.com\n2,two@example.com\n"
    waiting = importing.run(file, action="overwrite")
    assert (waiting["status"], len(importing.stored())) == (
        "needs_review",
        3,
    )  # a row failed: nobody is deleted unasked
    confirming.confirm(importing.home, waiting["id"])
    importing.go(waiting["id"])
    assert [record["external_id"] for record in importing.stored()] == ["1", "2"]


def test_an_overwrite_that_would_delete_most_of_a_large_table_waits_for_a_person(importing: Importing):
    importing.run("external_id\n" + "\n".join(str(number) for number in range(150)) + "\n")
    waiting = importing.run("external_id\n1\n", action="overwrite")
    assert waiting["status"] == "needs_review"
    assert "149 of 150" in waiting["reason"]
    assert len(importing.stored()) == 150
    confirming.confirm(importing.home, waiting["id"], confirm_deletions=True)
    done = importing.go(waiting["id"])
    assert (done["status"], done["overwritten_count"]) == ("completed", 149)
    assert importing.stored() == [{"external_id": "1"}]


def test_the_action_delete_deletes_the_records_named_and_fails_the_rows_that_name_none(importing: Importing):
    importing.run(STORED)
    imported = importing.run("external_id,first_name\n2,whatever\n9,nobody\n", action="delete")
    assert counts(imported) == {"deleted": 1, "failed": 1}
    assert importing.defects(imported["id"]) == [(2, "external_id", "unknown_id")]
    assert [record["external_id"] for record in importing.stored()] == ["1"]


def test_a_row_to_delete_that_names_two_records_deletes_neither(importing: Importing):
    importing.run("external_id,email\n1,a@example.com\n2,b@example.com\n3,c@example.com\n")
    imported = importing.run("external_id,email\n1,B@example.com\n3,old@example.com\n", action="delete")
    assert counts(imported) == {"deleted": 1, "failed": 1}
    assert importing.defects(imported["id"]) == [(1, "email", "ambiguous_match")]
    assert [record["external_id"] for record in importing.stored()] == ["1", "2"]


def test_records_can_be_named_by_their_own_id(importing: Importing):
    importing.run("external_id,first_name\n1,Ada\n")
    (ada,) = importing.ids()
    mapping = {"id": "id", "first_name": "first_name"}
    imported = importing.run(f"id,first_name\n{ada},Augusta\nrec_unknown,Nobody\n", column_mapping=mapping)
    assert counts(imported) == {"updated": 1, "failed": 1}
    assert importing.defects(imported["id"]) == [(2, "id", "unknown_id")]
    assert importing.ids() == [ada]
    assert importing.stored() == [{"external_id": "1", "first_name": "Augusta"}]


def test_a_dry_run_writes_nothing_and_counts_what_the_import_then_does(importing: Importing):
    importing.run(STORED)
    before = queries.records(importing.home, "contact", "default")
    predicted = importing.run(INCOMING, dry_run=True)
    assert (predicted["status"], predicted["dry_run"]) == ("completed", True)
    assert queries.records(importing.home, "contact", "default") == before
    assert counts(importing.run(INCOMING)) == counts(predicted)


def test_a_list_of_ids_alone_deletes_the_records(importing: Importing) -> None:
    importing.run("email\na@example.com\nb@example.com\n")
    first, _ = importing.ids()
    assert counts(importing.run(f"id\n{first}\n", action="delete")) == {"deleted": 1}
    assert [one["email"] for one in importing.stored()] == ["b@example.com"]


def test_an_overwrite_keeps_the_records_that_only_a_hook_names(importing: Importing):
    importing.run("external_id,first_name\nE1,Ann\nE2,Bob\n")
    hook = "(record) => ({row: {external_id: {value: record.row.first_name.value}}})"
    importing.run(
        "first_name,phone\nE1,\nE1,\nE3,+44 20 7946 0101\n",
        action="overwrite",
        confirm_deletions=True,
        row_hooks=(hook,),
    )
    assert [record["external_id"] for record in importing.stored()] == ["E1", "E3"]  # the rows of E1 repeat each other
