"""When two values mean the same thing."""

from collections.abc import Sequence

import pytest

from import_pipeline import record_types
from import_pipeline.record_types.identity import identity_sql
from import_pipeline_tests.record_types.sql_values import values_of


def forms(record_type: str, field: str, texts: Sequence[str | None]) -> list[str | None]:
    """The comparable forms of texts."""
    return values_of(identity_sql(record_types.get(record_type).field(field), "t"), texts)


def test_email_addresses_and_domains_compare_without_case():
    assert forms("contact", "email", ["Name@Example.COM", None]) == ["name@example.com", None]
    assert forms("company", "domain", ["Example.COM"]) == ["example.com"]


def test_phone_numbers_compare_by_their_digits():
    texts = ["+1-555-0100", "(+1) 555.0100", "1 555 0100", "030 1234 ext. 5", "030 1234 X5", "0301 2345"]
    assert forms("contact", "phone", texts) == [
        "+15550100",
        "+15550100",
        "15550100",
        "0301234x5",
        "0301234x5",
        "03012345",
    ]


@pytest.mark.parametrize("text", ["1234", "+1 23", "none", "123x45", None])
def test_a_phone_number_under_five_digits_identifies_nobody(text: str | None):
    assert forms("contact", "phone", [text]) == [None]


def test_names_compare_without_case_extra_space_and_ways_to_write_an_accent():
    texts = ["ACME  Inc", "Acme\u00a0Inc", "acme\tinc", "Cafe\u0301", "CAFÉ"]
    assert forms("company", "name", texts) == ["acme inc", "acme inc", "acme inc", "café", "café"]


def test_external_ids_compare_as_they_are():
    assert forms("contact", "external_id", ["007", "7", "A-1", "a-1"]) == ["007", "7", "A-1", "a-1"]


@pytest.mark.parametrize(
    ("country", "texts"),
    [
        ("DE", ["+49 30 1234-567", "0049 (30) 1234567", "+49 (0)30 1234567", "030/1234567", "(030) 123 45 67"]),
        ("DE", ["+49 30 1234-567 ext. 12", "030 1234567X12", "+49301234567x12"]),
        ("US", ["+1 555 00001000", "+155500001000", "001 555 0000 1000"]),
        ("KZ", ["+7 727 250 12 34", "8 (727) 2501234"]),
        ("LI", ["+423 237 31", "00423 23731"]),
    ],
)
def test_texts_of_one_phone_number_have_the_end_that_is_said_to_be_common(country: str, texts: list[str]):
    phone = record_types.get("contact").field("phone").type
    [identity] = set(values_of(identity_sql(record_types.get("contact").field("phone"), "t", f"'{country}'"), texts))
    [length] = values_of(f"({phone.common_end('t')})::VARCHAR", [identity])
    assert len(set(values_of(phone.end("t", int(length or 0)), [*texts, identity]))) == 1
