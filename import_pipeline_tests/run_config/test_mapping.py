import json
import shlex

import pytest

from import_pipeline import record_types
from import_pipeline.errors import MappingError, ReviewNeededError, SpecError
from import_pipeline.run_config.mapping import resolve, unmapped
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.run_config.translate import from_page_000, from_page_001, from_plain

CONTACT = record_types.get("contact")
HEADERS = ["Name", "E-mail", "Mobile", "Comment"]


def spec(mapping: dict[str, str] | None = None, **further: object) -> ImportSpec:
    return from_plain({"record_type": "contact", "column_mapping": mapping, **further})


def refusal(mapping: dict[str, str], headers: list[str] = HEADERS, **further: object) -> str:
    with pytest.raises(MappingError) as refused:
        resolve(spec(mapping, **further), headers, CONTACT)
    return refused.value.message


@pytest.mark.parametrize(
    "mapping",
    [{"Mobile": "phone", "E-mail": "email"}, {"email": "E-mail", "phone": "Mobile"}],
    ids=["columns", "fields"],
)
def test_a_mapping_either_way_round_is_used_in_the_order_of_the_file(mapping: dict[str, str]):
    resolved = resolve(spec(mapping), HEADERS, CONTACT)
    assert list(resolved.items()) == [("E-mail", "email"), ("Mobile", "phone")]
    assert unmapped(resolved, HEADERS) == ("Name", "Comment")


def test_the_id_of_a_record_can_be_mapped():
    assert resolve(spec({"Comment": "id"}), HEADERS, CONTACT) == {"Comment": "id"}


def test_an_unknown_column_is_refused_with_the_nearest_first():
    message = refusal({"Emial": "email"})
    assert "The file has no column 'Emial'. Did you mean 'E-mail'? Known: 'E-mail'," in message


def test_an_unknown_field_is_refused_with_the_nearest_first():
    message = refusal({"E-mail": "emall"})
    assert "A contact has no field 'emall' (for column 'E-mail'). Did you mean 'email'? Known: 'email'," in message


def test_all_that_is_wrong_is_said_at_once():
    message = refusal({"Nme": "full_name", "E-mail": "emall"})
    assert "'Nme'" in message
    assert "'emall'" in message


def test_two_columns_on_one_field_are_refused():
    with pytest.raises(SpecError, match=r"'E-mail', 'Mobile'"):
        spec({"E-mail": "email", "Mobile": "email"})


def test_a_mapping_that_identifies_nothing_is_refused_with_the_identifiers():
    message = refusal({"Name": "full_name"})
    assert "Map a column to at least one of 'id', 'external_id', 'email', 'phone'" in message
    assert "'Name → full_name'" in message


def test_an_empty_mapping_is_refused():
    assert "Map a column to at least one of" in refusal({})


def test_a_delete_without_ids_is_refused():
    message = refusal({"E-mail": "email"}, action="delete")
    assert "A delete needs the id of each record" in message
    assert "'id', 'external_id'" in message
    assert "To delete by 'email', start it anew with match_by=email." in message


@pytest.mark.parametrize("field", ["id", "external_id"])
def test_a_delete_by_id_is_accepted(field: str):
    assert resolve(spec({"Comment": field}, action="delete"), HEADERS, CONTACT) == {"Comment": field}


def test_a_mapping_with_two_readings_is_refused_until_its_direction_is_said():
    headers = ["email", "email_2"]
    with pytest.raises(SpecError, match="can be read in two ways"):
        resolve(spec({"email": "email_2"}), headers, CONTACT)
    there = spec({"email": "email_2"}, mapping_direction="column_to_field")
    back = spec({"email_2": "email"}, mapping_direction="column_to_field")
    assert "at least one of" in refusal({"email": "email_2"}, headers, mapping_direction="column_to_field")
    assert there.column_mapping == {"email": "email_2"}
    assert resolve(back, headers, CONTACT) == {"email_2": "email"}
    turned = spec({"email": "email_2"}, mapping_direction="field_to_column")
    assert resolve(turned, headers, CONTACT) == {"email_2": "email"}


def test_the_pages_say_the_direction_themselves():
    headers = ["phone", "phone_2"]
    by_column = from_page_000({"column_mapping": {"phone_2": "phone"}}, model_type="contacts")
    by_field = from_page_001({"resource": "contact", "column_mapping": {"phone": "phone_2"}})
    assert resolve(by_column, headers, CONTACT) == resolve(by_field, headers, CONTACT) == {"phone_2": "phone"}


def test_a_mapping_in_the_wrong_direction_is_refused_with_the_hint():
    message = refusal({"email": "E-mail"}, mapping_direction="column_to_field")
    assert "It would be right the other way round: set mapping_direction to 'field_to_column'." in message


def test_without_a_mapping_sure_suggestions_are_used():
    assert resolve(spec(), ["Given name", "Email", "Favourite colour"], CONTACT) == {
        "Given name": "first_name",
        "Email": "email",
    }


def test_an_identifier_by_synonym_is_enough():
    assert resolve(spec(), ["E-mail 1 - Value"], CONTACT) == {"E-mail 1 - Value": "email"}


def test_similar_headers_wait_for_a_person_with_the_suggestions_in_the_reason():
    headers = ["Emial", "First name", "it's"]
    with pytest.raises(ReviewNeededError) as waiting:
        resolve(spec(), headers, CONTACT)

    message = waiting.value.message
    assert "Only similar: 'Emial → email (similar, 80)'." in message
    assert "Sure: 'First name → first_name (exact, 100)'." in message
    assert 'Without a suggestion: "it\'s".' in message
    suggestions = waiting.value.culprits["suggestions"]
    assert suggestions[0] == {
        "column": "Emial",
        "field": "email",
        "score": 80.0,
        "how": "similar",
        "why": "its name is only like the usual one",
    }
    assert suggestions[2] == {"column": "it's", "field": None, "score": 0.0, "how": "none"}
    assert json.loads(json.dumps(suggestions)) == suggestions

    command = shlex.split(message[message.index("import-pipeline confirm") :])
    assert command[:4] == ["import-pipeline", "confirm", "ID", "--mapping"]
    assert resolve(spec(json.loads(command[4])), headers, CONTACT) == {"Emial": "email", "First name": "first_name"}


def test_similar_headers_are_used_where_auto_map_asks_for_it():
    assert resolve(spec(auto_map=True), ["Emial", "x"], CONTACT) == {"Emial": "email"}


@pytest.mark.parametrize("auto_map", [True, False])
def test_suggestions_that_identify_nothing_wait_for_a_person(auto_map: bool):
    with pytest.raises(ReviewNeededError, match=r"Nothing in it says which contact.*'email', 'phone'"):
        resolve(spec(auto_map=auto_map), ["First name", "City"], CONTACT)


def test_headers_like_nothing_wait_for_a_person():
    with pytest.raises(ReviewNeededError, match=r"Without a suggestion: 'a', 'b'"):
        resolve(spec(), ["a", "b"], CONTACT)


def test_a_lone_id_waits_for_a_person_and_the_reason_names_both_readings():
    with pytest.raises(ReviewNeededError, match=r"'Id': it may be the record's own id, the id of another program"):
        resolve(spec(), ["Id", "Email"], CONTACT)


def test_in_a_delete_an_id_is_the_records_own():
    assert resolve(spec(action="delete"), ["Id", "Email"], CONTACT) == {"Id": "id", "Email": "email"}


def test_a_delete_without_a_mapping_and_without_ids_waits_for_a_person():
    with pytest.raises(ReviewNeededError, match="A delete needs the id of each record"):
        resolve(spec(action="delete"), ["Email"], CONTACT)


def test_the_reason_stays_short_for_a_wide_file():
    headers = ["Emial", *(f"measure {number}" for number in range(5_000))]
    with pytest.raises(ReviewNeededError) as waiting:
        resolve(spec(), headers, CONTACT)
    assert len(waiting.value.message) < 2_000
    assert "and 4988 more" in waiting.value.message
