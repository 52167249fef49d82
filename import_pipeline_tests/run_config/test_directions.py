import pytest

from import_pipeline import record_types
from import_pipeline.errors import SpecError
from import_pipeline.run_config.directions import orient, turned_round

CONTACT = record_types.get("contact")


def test_a_mapping_from_column_to_field_stays():
    assert orient({"E-mail": "email", "Name": "full_name"}, ["Name", "E-mail"], CONTACT) == {
        "E-mail": "email",
        "Name": "full_name",
    }


def test_a_mapping_from_field_to_column_is_turned_round():
    assert orient({"email": "E-mail", "full_name": "Name"}, ["Name", "E-mail"], CONTACT) == {
        "E-mail": "email",
        "Name": "full_name",
    }


def test_columns_called_like_their_fields_read_alike_both_ways():
    assert orient({"email": "email", "id": "id"}, ["id", "email"], CONTACT) == {"email": "email", "id": "id"}


def test_one_column_called_unlike_any_field_settles_the_direction():
    headers = ["phone", "email", "Mobile"]
    assert orient({"phone": "email", "Mobile": "phone"}, headers, CONTACT) == {"phone": "email", "Mobile": "phone"}


def test_a_mapping_that_exchanges_two_names_reads_alike_both_ways():
    crossed = {"phone": "email", "email": "phone"}
    assert orient(crossed, ["phone", "email"], CONTACT) == crossed


def test_a_mapping_with_two_readings_is_refused_with_both():
    with pytest.raises(SpecError) as refusal:
        orient({"phone": "phone_2"}, ["phone", "phone_2"], CONTACT)
    message = refusal.value.message
    assert "column 'phone' to field 'phone_2' (column_to_field)" in message
    assert "column 'phone_2' to field 'phone' (field_to_column)" in message
    assert "Set mapping_direction" in message


def test_a_mapping_that_fits_neither_way_takes_the_direction_that_fits_better():
    headers = ["E-mail", "Name"]
    assert orient({"email": "E-mail", "full_nam": "Name"}, headers, CONTACT) == {"E-mail": "email", "Name": "full_nam"}
    assert orient({"Email": "email"}, headers, CONTACT) == {"Email": "email"}
    assert orient({"email": "Email"}, headers, CONTACT) == {"Email": "email"}
    assert orient({"what": "ever"}, headers, CONTACT) == {"what": "ever"}


def test_an_empty_mapping_stays_empty():
    assert orient({}, ["E-mail"], CONTACT) == {}


def test_turning_round_refuses_a_value_that_stands_twice():
    with pytest.raises(SpecError, match=r"'E-mail' to both 'email' and 'email_2'"):
        turned_round({"email": "E-mail", "email_2": "E-mail"})
