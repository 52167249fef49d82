import time

import pytest

from import_pipeline import record_types
from import_pipeline.run_config.mapping import suggest, usable
from import_pipeline.run_config.suggestions import ColumnValues

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


def held(**columns: list[str]) -> dict[str, ColumnValues]:
    return {name: ColumnValues(len(values), tuple(values)) for name, values in columns.items()}


@pytest.mark.parametrize(
    "header",
    [
        *("adset_name", "Additional Name", "Account", "Employees", "BankAccountName", "Contact owner", "Username"),
        *(
            "Is a Company",
            "Email Verified",
            "Phone Type",
            "E-mail 1 - Label",
            "Order ID",
            "Last Modified",
            "Owner Email",
        ),
        *(
            "Emergency Contact Phone",
            "Name of the bank",
            "Kontoinhaber",
            "Faxnummer",
            "Date de création",
            "用户名",
            "フリガナ",
        ),
    ],
)
def test_a_header_of_something_else_gets_no_field(header: str):
    assert found([header])[header] == (None, "none")


@pytest.mark.parametrize(
    ("header", "field"),
    [
        *(("First Name *", "first_name"), ("Last\nName", "last_name"), ("E-Mail (required)", "email")),
        *(
            ("Phone No.", "phone"),
            ("Company:", "company_name"),
            ("Email Required", "email"),
            ("[optional] City", "city"),
        ),
        *(("Person - Email - Work", "email"), ("contact.first_name", "first_name"), ("customer_email", "email")),
        *(("POAddressLine1", "street"), ("zipCode", "postal_code"), ("homephone", "phone"), ("billingcity", "city")),
        *(("What is your e-mail address?", "email"), ("Name (Last)", "last_name"), ("Address (City)", "city")),
        *(("Rechnungsort", "city"), ("Telefon (privat)", "phone"), ("Geburtsdatum", "date_of_birth")),
        *(("Téléphone professionnel", "phone"), ("Ville de facturation", "city"), ("N° client", "external_id")),
        *(("Correo electrónico", "email"), ("Código postal", "postal_code"), ("Data di nascita", "date_of_birth")),
        *(("Sobrenome", "last_name"), ("Woonplaats", "city"), ("Imię", "first_name"), ("Förnamn", "first_name")),
        *(
            ("電話番号(自宅)", "phone"),
            ("会社名", "company_name"),
            ("邮政编码", "postal_code"),
            ("Должность", "job_title"),
        ),
        *(("Sähköposti", "email"), ("E-posta", "email"), ("PSČ", "postal_code"), ("이메일 주소", "email")),
    ],
)
def test_decorations_and_languages_hide_no_field(header: str, field: str):
    assert found([header])[header] == (field, "synonym" if header not in EXACT else "exact")


EXACT = {"First Name *", "Last\nName"}


def test_of_several_addresses_one_is_taken_whole():
    mapped = found(["Email", "Billing Street", "Billing City", "Shipping Street", "Shipping City", "Shipping Zip"])
    assert {column for column, (field, _) in mapped.items() if field} == {"Email", "Billing Street", "Billing City"}


def test_a_country_alone_is_no_address_beside_a_whole_one():
    values = held(Country=["DE"] * 5, **{"Billing Street": ["1 Elm St"] * 2, "Billing City": ["Ulm"] * 2})
    suggestions = suggest(["Email", "Country", "Billing Street", "Billing City"], CONTACT, values)
    assert [one.field for one in suggestions] == ["email", None, "street", "city"]


def test_columns_of_opened_json_are_known():
    mapped = found(["emails.0.address", "name.first", "name.last", "address.line1", "address.postal_code", "phones.0"])
    fields = ["email", "first_name", "last_name", "street", "postal_code", "phone"]
    assert [field for field, _ in mapped.values()] == fields


def test_each_number_goes_to_the_field_that_is_meant_for_it():
    mapped = found(["Home Phone", "Mobile", "Work Phone", "Other Phone", "Email"])
    fields = {column: field for column, (field, _) in mapped.items()}
    assert fields == {
        "Home Phone": "phone_3",
        "Mobile": "phone_2",
        "Work Phone": "phone",
        "Other Phone": None,
        "Email": "email",
    }


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Email", ["Ann", "Bob", "Cat"]),
        ("Phone", ["12.03.1980", "13.03.1980", "14.03.1980"]),
        ("Country", ["+49", "+33", "+1"]),
        ("Title", ["Mr.", "Dr.", "Ms."]),
        ("Address", ['{"city": "Ulm"}', '{"city": "Bonn"}', "{}"]),
        ("Birth Day", ["3", "17", "24"]),
        ("City", ["10", "20", "30"]),
        ("Company ID", ["yes", "no", "yes"]),
    ],
)
def test_values_that_cannot_be_what_the_header_says_take_its_field_away(header: str, values: list[str]):
    (suggestion,) = suggest([header], CONTACT, {header: ColumnValues(len(values), tuple(values))})
    assert suggestion.field is None


def test_a_column_of_addresses_under_any_name_is_asked_about():
    (suggestion,) = suggest(["Column 1"], CONTACT, {"Column 1": ColumnValues(2, ("a@example.com", "b@example.com"))})
    assert (suggestion.field, suggestion.how) == ("email", "similar")
    assert "its values are e-mail addresses" in suggestion.why


def test_of_attendee_and_buyer_only_one_is_meant():
    mapped = found(["Attendee Name", "Attendee Email", "Buyer Name", "Buyer Email"])
    assert {column for column, (field, _) in mapped.items() if field} == {"Attendee Name", "Attendee Email"}


def test_an_id_that_is_told_from_row_numbers_is_the_other_programs():
    (sure, _) = suggest(["id", "Email"], CONTACT, held(id=["cus_1a", "cus_1b", "cus_1c"]))
    (none, _) = suggest(["id", "Email"], CONTACT, held(id=["1", "2", "3"]))
    assert (sure.field, sure.how, none.field) == ("external_id", "synonym", None)


def test_our_own_ids_are_known_by_their_form():
    (own, _) = suggest(["id", "Email"], CONTACT, held(id=["rec_0123456789abcdef_1", "rec_0123456789abcdef_2"]))
    assert (own.field, own.how) == ("id", "exact")


def test_a_word_that_only_another_language_has_is_not_taken_in_an_english_file():
    assert found(["Name", "Email", "PK"])["PK"] == (None, "none")


def test_four_thousand_equal_or_odd_headers_are_suggested_in_a_second_or_two():
    headers = [*(f"Email_{number}" for number in range(2_000)), *(f"xq {number} zz" for number in range(2_000))]
    started = time.process_time()
    suggest(headers, CONTACT)
    assert time.process_time() - started < 10
