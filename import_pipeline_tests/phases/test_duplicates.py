"""Rows that repeat one another, and rows that mean one record though nothing in the file shows it."""

import pytest

from import_pipeline.service import queries
from import_pipeline_tests.importing import Importing, counts


@pytest.mark.parametrize(
    ("handling", "kept", "skipped"),
    [("ignore_all", ["c@example.com"], [1, 3]), ("use_first", ["A@example.com", "c@example.com"], [3])],
)
def test_repeats_inside_the_file_are_left_out_all_or_all_but_the_first(importing: Importing, handling, kept, skipped):
    imported = importing.run(
        "email,first_name\nA@example.com,Ada\nc@example.com,Cyd\na@EXAMPLE.com,Ada again\n", duplicate_handling=handling
    )
    assert sorted(record["email"] for record in importing.stored()) == sorted(kept)
    assert [row for row, outcome, _ in importing.outcomes(imported["id"]) if outcome == "skipped"] == skipped
    assert {code for _, _, code in importing.defects(imported["id"])} == {"duplicate_in_file"}


def test_rows_that_reach_one_record_by_different_identifiers_are_one_record_too_many(importing: Importing):
    importing.run("external_id,email\n1,ann@example.com\n")
    imported = importing.run("external_id,email,first_name\n1,,Ann\n,ann@example.com,Anne\n")
    assert counts(imported) == {"skipped": 2}
    assert {code for _, _, code in importing.defects(imported["id"])} == {"duplicate_in_batch"}
    assert importing.stored() == [{"external_id": "1", "email": "ann@example.com"}]


def test_of_two_new_rows_with_one_address_the_one_without_external_id_means_the_other(importing: Importing):
    imported = importing.run(
        "external_id,email,first_name\n1,ann@example.com,Ann\n,ann@example.com,Anne\n", duplicate_handling="use_first"
    )
    assert counts(imported) == {"created": 1, "skipped": 1}
    assert importing.stored() == [{"external_id": "1", "email": "ann@example.com", "first_name": "Ann"}]


def test_a_new_row_that_may_mean_two_other_new_rows_fails(importing: Importing):
    imported = importing.run("external_id,phone\n1,+44 20 7946 0101\n2,+44 20 7946 0101\n,+44 20 7946 0101\n")
    assert counts(imported) == {"created": 2, "failed": 1}
    assert importing.defects(imported["id"]) == [(3, None, "ambiguous_match")]


def test_a_row_that_may_mean_several_stored_records_fails_and_names_them(importing: Importing):
    importing.run("external_id,phone\n1,+44 20 7946 0101\n2,+44 20 7946 0101\n")
    imported = importing.run("phone,first_name\n+44 20 7946 0101,Ann\n")
    assert counts(imported) == {"failed": 1}
    (defect,) = queries.defects(importing.home, imported["id"])
    assert (defect["code"], defect["field"]) == ("ambiguous_match", "phone")
    assert all(record_id in defect["message"] for record_id in importing.ids())


def test_a_shared_phone_does_not_make_two_people_one(importing: Importing):
    importing.run("email,phone,first_name\nann@example.com,+1 555 0100,Ann\n")
    imported = importing.run("email,phone,first_name\nbob@example.com,+1 555 0100,Bob\n")
    assert counts(imported) == {"created": 1}
    assert [record["first_name"] for record in importing.stored()] == ["Ann", "Bob"]


def test_a_phone_finds_the_record_that_has_no_address_yet(importing: Importing):
    importing.run("phone,first_name\n+1 (555) 0100,Ann\n")
    imported = importing.run("email,phone\nann@example.com,+15550100\n")
    assert counts(imported) == {"updated": 1}
    assert importing.stored() == [{"first_name": "Ann", "email": "ann@example.com", "phone": "+15550100"}]


def test_a_row_without_any_identifier_fails(importing: Importing):
    imported = importing.run("email,first_name\nann@example.com,Ann\n,Nobody\n")
    assert counts(imported) == {"created": 1, "failed": 1}
    assert importing.defects(imported["id"]) == [(2, None, "not_identifiable")]


@pytest.mark.parametrize("handling", ["ignore_all", "use_first"])
def test_a_row_that_a_stronger_identifier_leads_to_another_row_is_not_torn_by_a_weaker_one(importing, handling):
    file = "external_id,name,domain\n1,Acme,\n,Acme,acme.com\n2,Acme,acme.com\n"
    done = importing.run(file, "company", duplicate_handling=handling)
    codes = [code for _, _, code in importing.defects(done["id"])]
    assert codes == ["duplicate_in_batch"] * (2 if handling == "ignore_all" else 1)
    stored = [(one.get("external_id"), one.get("domain")) for one in importing.stored("company")]
    assert stored == ([("1", None)] if handling == "ignore_all" else [("1", None), (None, "acme.com")])
