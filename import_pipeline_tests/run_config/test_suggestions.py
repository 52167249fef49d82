import pytest

from import_pipeline import record_types
from import_pipeline.run_config.mapping import suggest, usable

CONTACT = record_types.get("contact")
COMPANY = record_types.get("company")


def found(headers: list[str], record_type=CONTACT) -> dict[str, tuple[str | None, str]]:
    return {suggestion.column: (suggestion.field, suggestion.how) for suggestion in suggest(headers, record_type)}


def test_the_preview_of_the_guided_flow_gets_its_mapping():
    suggestions = suggest(["Name", "Email", "Phone", "Company"], CONTACT)
    assert [suggestion.column for suggestion in suggestions] == ["Name", "Email", "Phone", "Company"]
    assert [suggestion.field for suggestion in suggestions] == ["full_name", "email", "phone", "company_name"]
    assert usable(suggestions)


@pytest.mark.parametrize("header", ["email", "Email", " EMAIL ", "Email:"])
def test_a_header_that_is_a_field_is_exact(header: str):
    assert [(s.field, s.how, s.score) for s in suggest([header], CONTACT)] == [("email", "exact", 100.0)]


@pytest.mark.parametrize(
    ("header", "field"),
    [("First Name", "first_name"), ("first_name", "first_name"), ("Zip", "postal_code"), ("E-mail 1 - Value", "email")],
)
def test_names_labels_and_synonyms_need_no_person(header: str, field: str):
    (suggestion,) = suggest([header], CONTACT)
    assert suggestion.field == field
    assert suggestion.how in ("exact", "synonym")
    assert suggestion.score >= 95


@pytest.mark.parametrize(
    ("header", "field"), [("Emial", "email"), ("Frist name", "first_name"), ("Postal cod", "postal_code")]
)
def test_a_mistyped_header_is_only_similar(header: str, field: str):
    (suggestion,) = suggest([header], CONTACT)
    assert (suggestion.field, suggestion.how) == (field, "similar")
    assert 80 <= suggestion.score <= 94


@pytest.mark.parametrize("header", ["years", "team", "x", "…", "Column 3", "", " "])
def test_a_header_like_no_field_gets_none(header: str):
    assert [(s.field, s.how, s.score) for s in suggest([header], CONTACT)] == [(None, "none", 0.0)]


def test_the_name_of_a_field_beats_its_synonym():
    assert found(["E-mail Address", "Email"])["Email"] == ("email", "exact")
    assert found(["E-mail Address", "Email"])["E-mail Address"][0] != "email"


def test_two_columns_of_the_same_name_need_a_person():
    suggestions = suggest(["Email", "EMAIL"], CONTACT)
    assert [suggestion.how for suggestion in suggestions if suggestion.field == "email"] == ["similar"]
    assert not usable(suggestions)


def test_a_column_id_beside_an_external_id_is_the_records_own_id():
    assert found(["id", "external_id", "email"])["id"] == ("id", "exact")


def test_a_lone_column_id_needs_a_person():
    assert found(["Id", "Email"])["Id"] == ("external_id", "similar")
    assert not usable(suggest(["Id", "Email"], CONTACT))


def test_identifiers_are_marked():
    marks = {s.column: s.identifies for s in suggest(["Email", "First name", "Phone", "what"], CONTACT)}
    assert marks == {"Email": True, "First name": False, "Phone": True, "what": False}


def test_suggestions_without_an_identifier_are_not_usable():
    assert not usable(suggest(["First name", "City"], CONTACT))
    assert not usable(())


def test_a_company_is_found_by_its_name():
    assert found(["Name", "City"], COMPANY)["Name"] == ("name", "exact")
    assert usable(suggest(["Name", "City"], COMPANY))


def test_a_suggestion_as_json_has_column_field_score_and_how():
    assert suggest(["Email"], CONTACT)[0].as_dict() == {
        "column": "Email",
        "field": "email",
        "score": 100.0,
        "how": "exact",
    }


def test_ten_thousand_columns_are_suggested_in_seconds():
    headers = [f"measure {number}" for number in range(10_000)] + ["Email"]
    assert suggest(headers, CONTACT)[-1].field == "email"
