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
