"""The field types and validators of declared record types: good and bad values, by SQL and by Pandera alike."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from import_pipeline.errors import SpecError
from import_pipeline.record_types.casting import typed_expressions
from import_pipeline.record_types.field_types import CastOptions
from import_pipeline.record_types.inline import inline_name, record_type_of_fields, slug
from import_pipeline.record_types.inline.types import names
from import_pipeline.record_types.inline.validators import NAMES
from import_pipeline.record_types.judge import judge, suspect_flags, suspects, uncompiled
from import_pipeline.record_types.record_type import RecordType
from import_pipeline.sql import Parameters, quote

SIZES = [
    {"label": "Small", "value": "S", "alternateMatches": ["petit"]},
    {"label": "Large", "value": "L"},
]
UUID4 = "123e4567-e89b-42d3-a456-426614174000"
UUID1 = "123e4567-e89b-12d3-a456-426614174000"

# Type and options, texts with the values that are stored, texts that are refused.
TYPES: list[tuple[Any, dict[str, Any], dict[str, Any], list[str]]] = [
    ("string", {}, {"x": "x", "two\nlines": "two\nlines", "007": "007"}, ["a\x00b"]),
    ("checkbox", {}, {"yes": True, "FALSE": False, "1": True, "n": False}, ["perhaps", "2"]),
    ("email", {}, {"a@example.com": "a@example.com"}, ["a@", "a@example", "x"]),
    ("select", {"selectOptions": SIZES}, {"S": "S", "small": "S", "PETIT": "S", "Large": "L"}, ["M", "sm"]),
    (["select", {"exactMatchOnly": True}], {"selectOptions": SIZES}, {"Small": "S", "S": "S"}, ["small", "s"]),
    (["select", {"allowCustom": True}], {"selectOptions": SIZES}, {"small": "S", "XXL": "XXL"}, []),
    ("multi-select", {"selectOptions": SIZES}, {"small, Large": ["S", "L"], "S,,": ["S"]}, ["S,M"]),
    (["multi-select", {"allowCustom": True}], {"selectOptions": SIZES}, {"S,XXL": ["S", "XXL"]}, ["S,X\x00L"]),
    (["multi-select", {"delimiter": ";"}], {"selectOptions": SIZES}, {"S; L": ["S", "L"]}, ["S,L"]),
    ("number", {}, {"1.5": Decimal("1.5"), "-3": Decimal(-3)}, ["1,5", "x", "$5"]),
    (["number", {"min": 0, "max": 10}], {}, {"0": Decimal(0), "10": Decimal(10)}, ["-1", "10.1"]),
    (["number", {"preset": "integer"}], {}, {"12": 12}, ["1.5"]),
    (["number", {"preset": "percent_1"}], {}, {"12.5%": Decimal("0.125"), "0.5": Decimal("0.5")}, ["%", "5%%"]),
    (["number", {"preset": "usd", "round": 1}], {}, {"$1,234,567.25": Decimal("1234567.3"), "-$5": Decimal(-5)},
     ["€5"]),
    (["number", {"preset": "usd_accounting"}], {}, {"($12.50)": Decimal("-12.5"), "$3": Decimal(3)}, ["(x)"]),
    (["number", {"preset": "eur"}], {}, {"5 €": Decimal(5), "EUR 7": Decimal(7)}, ["$5"]),
    (["number", {"preset": "gbp"}], {}, {"£5": Decimal(5)}, ["5 pounds"]),
    ("date", {}, {"2026-01-31": date(2026, 1, 31)}, ["31/01/2026", "2026-02-30"]),
    (["date", {"displayFormat": "DD/MM/YYYY"}], {}, {"31/01/2026": date(2026, 1, 31)}, ["01/31/2026"]),
    ("time", {}, {"13:45": time(13, 45), "1:45 pm": time(13, 45), "12:05AM": time(0, 5)},
     ["24:00", "13:45 pm", "noon"]),
    (["time", {"displayFormat": "HH.mm"}], {}, {"13.45": time(13, 45)}, ["13-45"]),
    ("datetime", {}, {"2026-01-31T13:45:00Z": datetime(2026, 1, 31, 13, 45), "2026-01-31": datetime(2026, 1, 31)},
     ["2026-01-31 25:00", "0000-01-01", "soon"]),
    (["datetime", {"displayFormat": "MM/DD/YYYY hh:mm A"}], {}, {"01/31/2026 01:45 PM": datetime(2026, 1, 31, 13, 45)},
     ["31/31/2026 01:45 PM"]),
    ("phone-number", {}, {"+1 555 0100": "+1 555 0100"}, ["12", "call"]),
    (["phone-number", {"country": "US"}], {},
     {"(212) 555-0100": "(212) 555-0100", "+44 20 7946 0018": "+44 20 7946 0018"},
     ["555", "12345"]),
    (["phone-number", {"country": "DE", "format": "international"}], {}, {"+49 30 123456": "+49 30 123456"},
     ["030 123456"]),
    ("url", {}, {"https://example.com/a": "https://example.com/a", "example.com": "example.com"}, ["ftp://x.org", "x"]),
    (["url", {"acceptedProtocols": ["https"], "acceptedDomains": ["example.com"]}], {},
     {"https://www.example.com/x": "https://www.example.com/x", "HTTPS://example.com": "HTTPS://example.com"},
     ["http://example.com", "https://example.com.evil.org", "https://notexample.com", "example.com"]),
    ("domain", {}, {"www.example.com": "www.example.com"}, ["x", "https://example.com"]),
    (["domain", {"allowSubdomains": False}], {}, {"example.com": "example.com", "example.co.uk": "example.co.uk"},
     ["www.example.com", "a.b.example.org"]),
    ("uuid", {}, {UUID4.upper(): UUID4, f"{{{UUID1}}}": UUID1}, [UUID4[:-1], "x"]),
    (["uuid", {"version": 4}], {}, {UUID4: UUID4}, [UUID1]),
    ("us-zip-code", {}, {"02134": "02134", "021341234": "02134-1234", "02134-1234": "02134-1234"}, ["2134", "0213x"]),
    (["us-zip-code", {"format": "9-digit", "outputDash": False}], {}, {"02134-1234": "021341234"}, ["02134"]),
    ("us-state-territory", {}, {"ny": "NY", "New York": "NY", "puerto rico": "PR"}, ["ZZ", "Ontario"]),
    ("ssn", {}, {"123-45-6789": "123-45-6789", "123456789": "123-45-6789"},
     ["000-12-3456", "666-12-3456", "912-12-3456", "123-00-4567", "123-45-0000", "12-345-6789"]),
    (["ssn", {"outputDash": False}], {}, {"123-45-6789": "123456789"}, ["1234"]),
    ("country", {}, {"germany": "DE", "DEU": "DE", "us": "US", "United States": "US", "Côte d'Ivoire": "CI"},
     ["Narnia"]),
    (["country", {"format": "3-letter"}], {}, {"Germany": "DEU", "fr": "FRA"}, ["XX"]),
]  # fmt: skip


def typed_rows(connection: duckdb.DuckDBPyConnection, record_type: RecordType, rows: list[dict[str, Any]]) -> None:
    """Make `typed_rows` of texts, as phase 1 does."""
    fields = record_type.field_names
    listing = ", ".join(f"{quote(name)} VARCHAR" for name in fields)
    connection.execute(f"CREATE OR REPLACE TABLE texts (row_number BIGINT, {listing})")
    places = ", ".join("?" for _ in fields)
    for number, row in enumerate(rows, start=1):
        connection.execute(f"INSERT INTO texts VALUES (?, {places})", [number, *(row.get(name) for name in fields)])
    bind = Parameters()
    typed = typed_expressions(record_type, {name: quote(name) for name in fields}, lambda field: CastOptions(), bind)
    values = ", ".join(f"{sql} AS {quote(name)}" for name, sql in typed.items())
    connection.execute(f"CREATE OR REPLACE TABLE typed_rows AS SELECT row_number, {values} FROM texts", bind)


def failures(connection: duckdb.DuckDBPyConnection, record_type: RecordType) -> set[tuple[int, str, str, str]]:
    """What Pandera refuses of all rows; what it refuses of those that SQL suspects must be the same."""
    bind = Parameters()
    fields = record_type.field_names
    assert not uncompiled(record_type, fields)
    flags = suspect_flags(record_type, fields, bind)
    found = judged(connection, record_type, "FROM typed_rows")
    if flags:
        assert judged(connection, record_type, suspects(record_type, fields, flags), bind) == found
    else:
        assert not found
    return found


def judged(
    connection: duckdb.DuckDBPyConnection, record_type: RecordType, select: str, bind: Parameters | None = None
) -> set[tuple[int, str, str, str]]:
    frame = judge(record_type, connection.execute(select, bind).df())
    return set(zip(frame["row_number"], frame["field"], frame["code"], frame["level"], strict=True))


@pytest.mark.parametrize(("type", "more", "good", "bad"), [pytest.param(*case, id=str(case[0])) for case in TYPES])
def test_a_type_stores_the_good_values_and_refuses_the_bad_ones(type: Any, more: dict, good: dict, bad: list):
    record_type = record_type_of_fields("custom_t", [{"key": "f", "type": type, **more}])
    with duckdb.connect() as connection:
        typed_rows(connection, record_type, [{"f": text} for text in [*good, *bad, None]])
        refused = {row_number for row_number, *_ in failures(connection, record_type)}
        stored = connection.execute("SELECT f FROM typed_rows ORDER BY row_number").fetchall()
    for number, (text, value) in enumerate(good.items()):
        assert stored[number][0] == value, text
        assert number + 1 not in refused, text
    for number, text in enumerate(bad, start=len(good)):
        is_none = stored[number][0] is None and bool(record_type.field("f").type.code)
        assert is_none or number + 1 in refused, text
    assert stored[-1][0] is None
    assert len(stored) not in refused


def test_all_seventeen_types_and_sixteen_validators_are_there_and_tried():
    tried = {type if isinstance(type, str) else type[0] for type, *_ in TYPES}
    assert (len(names()), len(NAMES)) == (17, 16)
    assert tried == set(names())
    assert {case[0]["validate"] for case in VALIDATORS} | {"unique", "unique_case_insensitive", "unique_with"} == set(
        NAMES
    )


# Validator of the field f, rows that pass, rows that do not; g is text, n a number, c a checkbox.
VALIDATORS: list[tuple[dict[str, Any], list[dict[str, str]], list[dict[str, str]]]] = [
    ({"validate": "required"}, [{"f": "x"}], [{}]),
    ({"validate": "length", "min": 2, "max": 3}, [{"f": "ab"}, {"f": "äöü"}, {}], [{"f": "a"}, {"f": "abcd"}]),
    ({"validate": "alphabetical"}, [{"f": "Zoë"}, {"f": "例"}, {}], [{"f": "a1"}, {"f": "a b"}, {"f": "a-b"}]),
    ({"validate": "regex_match", "regex": "b+"}, [{"f": "abbc"}, {}], [{"f": "ac"}, {"f": "B"}]),
    ({"validate": "regex_match", "regex": "^b$", "regexOptions": {"ignoreCase": True, "multiline": True}},
     [{"f": "B"}, {"f": "a\nb"}], [{"f": "ab"}]),
    ({"validate": "regex_match", "regex": "a.b", "regexOptions": {"dotAll": True, "unicode": True}},
     [{"f": "a\nb"}], [{"f": "ab"}]),
    ({"validate": "regex_exclude", "regex": r"\d"}, [{"f": "abc"}, {}], [{"f": "a1"}]),
    ({"validate": "require_with", "fields": ["g", "n"]}, [{}, {"f": "x", "g": "y"}, {"c": "yes"}],
     [{"g": "y"}, {"n": "1"}]),
    ({"validate": "require_with_all", "fields": ["g", "n"]}, [{"g": "y"}, {"n": "1"}, {}], [{"g": "y", "n": "1"}]),
    ({"validate": "require_without", "fields": ["g", "n"]}, [{"g": "y", "n": "1"}, {"f": "x"}], [{"g": "y"}, {}]),
    ({"validate": "require_without_all", "fields": ["g", "n"]}, [{"g": "y"}, {"f": "x"}], [{}, {"c": "no"}]),
    ({"validate": "require_with_values", "fieldValues": {"g": ["y", "z"], "n": 1}},
     [{"g": "a"}, {"n": "2"}, {}, {"f": "x", "g": "y"}], [{"g": "y"}, {"g": "z"}, {"n": "1.0"}]),
    ({"validate": "require_with_all_values", "fieldValues": {"g": "y", "c": True}},
     [{"g": "y"}, {"c": "yes"}, {"g": "y", "c": "no"}], [{"g": "y", "c": "yes"}]),
    ({"validate": "require_without_values", "fieldValues": {"g": "y", "n": 1}}, [{"g": "y", "n": "1"}],
     [{"g": "y"}, {}]),
    ({"validate": "require_without_all_values", "fieldValues": {"g": "y", "n": 1}}, [{"g": "y"}],
     [{}, {"g": "a", "n": "2"}]),
]  # fmt: skip


@pytest.mark.parametrize("level", ["error", "info"])
@pytest.mark.parametrize(("validator", "good", "bad"), [pytest.param(*case, id=str(case[0])) for case in VALIDATORS])
def test_a_validator_refuses_by_its_level_what_breaks_it(validator: dict, good: list, bad: list, level: str):
    others = [{"key": "g"}, {"key": "n", "type": "number"}, {"key": "c", "type": "checkbox"}]
    fields = [{"key": "f", "validators": [validator | {"level": level, "errorMessage": "So not."}]}, *others]
    record_type = record_type_of_fields("custom_t", fields)
    with duckdb.connect() as connection:
        typed_rows(connection, record_type, [*good, *bad])
        found = failures(connection, record_type)
        frame = judge(record_type, connection.execute("FROM typed_rows").df())
    assert {row_number for row_number, *_ in found} == set(range(len(good) + 1, len(good) + len(bad) + 1))
    assert {(field, said) for _, field, _, said in found} == {("f", level)}
    assert set(frame["message"]) == {"So not."}


def test_unique_fields_identify_their_records_in_order_and_a_schema_may_have_none():
    fields = [{"key": "a"}, {"key": "b", "validators": [{"validate": "unique"}]}]
    fields += [{"key": "c", "validators": [{"validate": "unique", "level": "warning"}]}]
    fields += [{"key": "d", "validators": [{"validate": "unique_case_insensitive"}]}]
    assert record_type_of_fields("custom_t", fields).identifiers == ("b", "d")
    assert record_type_of_fields("custom_t", fields[:1]).identifiers == ()


def test_headers_mean_a_field_by_key_label_and_alternate_matches():
    from import_pipeline.run_config.mapping import suggest

    fields = [{"key": "first_name", "label": "Given", "alternateMatches": ["Prénom"]}, {"key": "no"}]
    record_type = record_type_of_fields("custom_t", fields)
    for header in ("first_name", "Given", "prénom"):
        assert suggest([header], record_type)[0].field == "first_name"
    assert suggest(["id"], record_type)[0].field is None


@pytest.mark.parametrize(
    ("fields", "culprit"),
    [
        ([{"key": "a", "type": "colour"}], "'colour'"),
        ([{"key": "a", "type": ["number", {"digits": 2}]}], "digits"),
        ([{"key": "a", "type": ["number", {"preset": "yen"}]}], "preset"),
        ([{"key": "a", "type": ["date", {"displayFormat": "QQ/YYYY"}]}], "'QQ'"),
        ([{"key": "a", "type": ["date", {"locale": "de"}]}], "locale"),
        ([{"key": "a", "type": ["url", {"acceptedProtocols": ["ftp"]}]}], "acceptedProtocols"),
        ([{"key": "a", "type": ["phone-number", {"outputFormatted": True}]}], "outputFormatted"),
        ([{"key": "a", "type": ["select", {}, 3]}], "'a'"),
        ([{"key": "a", "type": "select"}], "selectOptions"),
        ([{"key": "a", "selectOptions": SIZES}], "selectOptions"),
        ([{"key": "a", "manyToOne": True}], "manyToOne"),
        ([{"key": "a"}, {"key": "A"}], "'a'"),
        ([{"key": "row_number"}], "row_number"),
        ([{"key": "RowID"}], "'RowID'"),
        ([{"key": "a\0"}], "a\\x00"),
        ([{"key": "a", "type": ["number", {"min": 5, "max": 3}]}], "min is 5 and max is 3"),
        ([{"key": "a", "type": ["number", {"min": float("nan")}]}], "min"),
        ([{"key": "a", "validators": [{"validate": []}]}], "validator []"),
        ([{"key": "a", "validators": [{"validate": {"b": 1}}]}], "no such validator"),
        ([{"key": "a", "validators": [{"validate": "length", "min": 5, "max": 3}]}], "min is 5 and max is 3"),
        ([{"key": "a", "validators": [{"validate": "length", "max": 10**30}]}], "max"),
        ([{"key": "a", "validators": [{"validate": "require_with_values", "fieldValues": []}]}], "fieldValues"),
        ([{"key": "a", "validators": [{"validate": "require_with_values", "fieldValues": {"b": []}}]}, {"key": "b"}],
         "'b' are an empty list"),
        ([{"key": "a", "validators": [{"validate": "unque"}]}], "unique"),
        ([{"key": "a", "validators": [{}]}], "None"),
        ([{"key": "a", "validators": [{"validate": "required", "level": "fatal"}]}], "level"),
        ([{"key": "a", "validators": [{"validate": "length"}]}], "min"),
        ([{"key": "a", "type": "number", "validators": [{"validate": "length", "min": 1}]}], "number"),
        ([{"key": "a", "validators": [{"validate": "regex_match", "regex": r"(a)\1"}]}], "RE2"),
        ([{"key": "a", "validators": [{"validate": "regex_match", "regex": "(?=a)"}]}], "RE2"),
        ([{"key": "a", "validators": [{"validate": "regex_match", "regex": "a" * 2_000}]}], "too long"),
        ([{"key": "a", "validators": [{"validate": "regex_match", "regex": "a", "regexOptions": {"y": True}}]}], "'y'"),
        ([{"key": "a", "validators": [{"validate": "require_with", "fields": ["b"]}]}], "'b'"),
        ([{"key": "a", "validators": [{"validate": "require_with_values", "fieldValues": {"d": "x"}}]},
          {"key": "d", "type": "date"}], "'d'"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(fields: list[dict], culprit: str):
    with pytest.raises(SpecError) as refused:
        record_type_of_fields("custom_t", fields)
    assert culprit in refused.value.message


def test_a_field_says_what_is_wrong_in_its_own_words():
    fields = [{"key": "f", "type": "date", "invalidValueMessage": "No day."}]
    fields += [{"key": "g", "type": "email", "invalidValueMessage": "No mail."}]
    record_type = record_type_of_fields("custom_t", fields)
    assert record_type.field("f").type.message == "No day."
    with duckdb.connect() as connection:
        typed_rows(connection, record_type, [{"g": "x"}])
        assert list(judge(record_type, connection.execute("FROM typed_rows").df())["message"]) == ["No mail."]


def test_names_of_tables_are_plain_and_differ_where_fields_do():
    assert slug('x"; DROP TABLE y; --') == "x_drop_table_y"
    one, other = inline_name([{"key": "a"}]), inline_name([{"key": "a", "type": "number"}])
    assert one.startswith("custom_inline_")
    assert one != other
    assert inline_name([{"key": "a"}], "Contacts import").startswith("custom_contacts_import_")


def test_a_field_that_must_be_filled_is_not_missed_in_a_row_whose_other_field_is_refused():
    fields = [{"key": "name", "validators": [{"validate": "required"}]}, {"key": "email", "type": "email"}]
    record_type = record_type_of_fields("custom_t", fields)
    with duckdb.connect() as connection:
        typed_rows(connection, record_type, [{"name": "Ann", "email": "no address"}, {"email": "a@example.com"}, {}])
        found = {(row, field, code) for row, field, code, _ in failures(connection, record_type)}
    assert found == {(1, "email", "invalid_email"), (2, "name", "missing_value"), (3, "name", "missing_value")}
