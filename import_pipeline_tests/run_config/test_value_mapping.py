import pytest

from import_pipeline import record_types
from import_pipeline.errors import MappingError
from import_pipeline.run_config.value_mapping import check_value_mappings, constant_pairs

CONTACT = record_types.get("contact")
FIRST, SECOND, *_ = CONTACT.field("status").choices
MAPPING = {"State": "status", "E-mail": "email"}


def test_constants_of_a_mapped_enum_are_accepted():
    check_value_mappings({"status": {"yes": FIRST, "no": SECOND, "": None}}, MAPPING, CONTACT)
    check_value_mappings({}, MAPPING, CONTACT)


@pytest.mark.parametrize(
    ("value_mappings", "words"),
    [
        ({"status": {"yes": "nonsense"}}, ["no constant 'nonsense' (for value 'yes')", f"'{FIRST}'"]),
        ({"newsletter": {"yes": "x"}}, ["'newsletter' has a value mapping and no column", "'status', 'email'"]),
        ({"email": {"a": "b"}}, ["'email' has no fixed constants", "'status'"]),
        ({"statu": {"a": FIRST}}, ["no field 'statu'", "Did you mean 'status'?"]),
        ({"id": {"a": "b"}}, ["'id'"]),
        ({"status": {"yes": FIRST, " yes": SECOND}}, ["the value 'yes'", FIRST, SECOND]),
    ],
)
def test_value_mappings_that_mean_nothing_are_refused(value_mappings: dict, words: list[str]):
    with pytest.raises(MappingError) as refusal:
        check_value_mappings(value_mappings, MAPPING, CONTACT)
    for word in words:
        assert word in refusal.value.message


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(MappingError, match=r"'one'.*'two'"):
        check_value_mappings({"status": {"a": "one", "b": "two"}}, MAPPING, CONTACT)


def test_the_pairs_of_a_field_are_trimmed_and_each_value_stands_once():
    given = {"status": {" yes ": FIRST, "yes": FIRST, "": None}}
    assert constant_pairs(given, "status") == (("yes", FIRST), ("", None))
    assert constant_pairs(given, "newsletter") == ()
