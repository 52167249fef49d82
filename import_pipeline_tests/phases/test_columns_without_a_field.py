"""Columns that go to no field: named with their values, kept where that is asked, and asked about where they matter."""

from typing import Any

import pytest

from import_pipeline.service import confirming
from import_pipeline_tests.importing import Importing

NOTICE = "columns_not_imported"


def not_imported(imported: dict[str, Any]) -> dict[str, int]:
    """The columns that were told as not imported, each with its number of values."""
    told = [one["columns"] for one in imported["details"]["notices"] if one["code"] == NOTICE]
    return told[0] if told else {}


def test_german_columns_are_imported(importing: Importing):
    importing.run("Nachname;Firma;E-Mail;PLZ;Ort\nLang;Ahorn KG;lang@example.com;04109;Leipzig\n")
    assert importing.stored() == [
        {
            "last_name": "Lang",
            "company_name": "Ahorn KG",
            "email": "lang@example.com",
            "postal_code": "04109",
            "city": "Leipzig",
        }
    ]


def test_a_column_without_a_field_is_named_with_its_values_and_the_remedy(importing: Importing):
    imported = importing.run("Email,Shoe size,Hat\nann@example.com,41,\nbob@example.com,,\n")
    assert not_imported(imported) == {"Shoe size": 1, "Hat": 0}
    assert "1 column was not imported: 'Shoe size' (1 value); 1 more has no values." in imported["reason"]
    assert "keep_unmapped" in imported["reason"]


def test_columns_without_a_field_that_hold_nothing_are_not_told(importing: Importing):
    imported = importing.run("Email,Hat,Event 1 - Label,Event 1 - Value\nann@example.com,,,\n")
    assert (imported["reason"], not_imported(imported)) == (None, {})


def test_what_is_kept_is_not_told(importing: Importing):
    imported = importing.run("Email,Shoe size\nann@example.com,41\n", keep_unmapped=True)
    assert not_imported(imported) == {}
    assert importing.stored()[0]["extra"] == '{"Shoe size":"41"}'


def test_the_phones_of_a_crm_that_writes_person_before_each_column_are_imported(importing: Importing):
    importing.run(
        "Person - Name,Person - Email - Work,Person - Phone - Work,Person - Phone - Mobile\n"
        "Ann Lee,ann@example.com,+49 30 555111,+49 171 5551112\n"
    )
    (record,) = importing.stored()
    assert (record["phone"], record["phone_2"]) == ("+49 30 555111", "+49 171 5551112")


CALLS = "Name,Email,Do not call\nAnn Lee,ann@example.com,yes\nBob May,bob@example.com,no\n"


def test_a_column_that_says_who_is_not_to_be_called_is_asked_about(importing: Importing):
    imported = importing.run(CALLS)
    assert imported["status"] == "needs_review"
    assert (
        "'Do not call' goes to no field, and it says who does not want to be written to or called"
        in (imported["reason"])
    )
    assert "(for example 'yes', 'no')" in imported["reason"]
    assert "import-pipeline confirm ID --mapping" in imported["reason"]
    assert importing.stored() == []


def test_it_goes_on_with_the_column_kept(importing: Importing):
    imported = importing.run(CALLS)
    confirming.confirm(importing.home, imported["id"], keep_unmapped=True)
    assert importing.go(imported["id"])["status"] == "completed"
    assert [record["extra"] for record in importing.stored()] == ['{"Do not call":"yes"}', '{"Do not call":"no"}']


def test_it_goes_on_without_the_column_where_a_person_gives_the_mapping(importing: Importing):
    imported = importing.run(CALLS)
    confirming.confirm(importing.home, imported["id"], column_mapping={"Name": "full_name", "Email": "email"})
    assert importing.go(imported["id"])["status"] == "completed"


@pytest.mark.parametrize("answers", [("no", "no"), ("0", "0"), ("", "")])
def test_nobody_is_asked_where_nobody_refuses(importing: Importing, answers: tuple[str, str]):
    ann, bob = answers
    imported = importing.run(f"Email,Do not call\nann@example.com,{ann}\nbob@example.com,{bob}\n")
    assert imported["status"] == "completed"


def test_numbers_under_a_header_that_says_nothing_are_asked_about(importing: Importing):
    rows = "".join(f"p{number}@example.com,+49 30 55511{number}\n" for number in range(4))
    imported = importing.run(f"Email,Reachable at\n{rows}")
    assert imported["status"] == "needs_review"
    assert "its values are phone numbers" in imported["reason"]


def test_a_fourth_number_is_told_and_not_asked_about(importing: Importing):
    imported = importing.run(
        "Email,Work Phone,Mobile,Home Phone,Other Phone\n"
        "ann@example.com,+49 30 5551,+49 171 5552,+49 30 5553,+49 30 5554\n"
    )
    assert imported["status"] == "completed"
    assert not_imported(imported) == {"Other Phone": 1}
