"""What each rule takes and refuses: by Pandera, with SQL that never misses what Pandera refuses."""

import re
from datetime import date, timedelta
from typing import Any

import duckdb
import pandera.pandas as pa
import pytest

from import_pipeline.errors import SpecError
from import_pipeline.record_types import rules
from import_pipeline.record_types.declaring import column, record_type_of_schema
from import_pipeline.record_types.judge import judge, suspect_flags, uncompiled
from import_pipeline.record_types.rules import (
    bounds,
    choices,
    control_characters,
    domain_name,
    email_address,
    length,
    matches,
    no_subdomain,
    not_in_future,
    phone_number,
    scientific_notation,
    web_address,
)
from import_pipeline.sql import Parameters
from import_pipeline_tests.record_types.sql_values import table

TODAY = date.today()

CASES: list[tuple[str, str, pa.Check, list[Any], list[Any]]] = [
    ("email_address", "text", email_address.check(), [
        "name@example.com", "first.last+tag@sub.example.co.uk", "o'brien@example.com", "müller@exämple.de",
        "用户@例子.公司", "a_b-c@ex-ample.io", "X@Y.museum", "someone@intranet.local",
    ], [
        "name", "name@", "@example.com", "name@example", "a@b@example.com", "name@@example.com", "na me@example.com",
        ".name@example.com", "name.@example.com", "na..me@example.com", "name@example..com", "name@-example.com",
        "name@example.com.", "Name <name@example.com>", "a@example.com; b@example.com", "name@example.com\n", "n/a",
        "x" * 65 + "@example.com", "name@" + "x" * 64 + ".com", "name@" + "x." * 130 + "com", "name@[127.0.0.1]",
    ]),
    ("phone_number", "text", phone_number.check(), [
        "+1-555-0100", "112", "(030) 1234567", "+49 (0)30 123/45-67", "555.0100", "030 1234 ext. 12", "030 1234x12",
        "030 1234 ext 12", "(+49) 30 123", "+49\u00a030\u20131234", "00441234567890", "123456789012345",
        "0011 44 1234567890",
    ], [
        "12", "", "none", "n/a", "+", "555-CALL", "030 1234 or 5678", "name@example.com", "1234567890123456",
        "030 123456 0171 456789", "24.12.1999", "1999-12-24", "12/24/1999", "---123",
        "++49 30 1234", "49+30", "030 1234 ext.", "030\n1234", "4930123456.0", "+4930123456,0",
    ]),
    ("web_address", "text", web_address.check(), [
        "example.com", "www.example.com", "https://example.com", "HTTP://EXAMPLE.COM/", "https://example.com/a/b?c=d#e",
        "http://example.com:8080/x", "https://münchen.example/straße", "http://192.168.0.1/x", "example.com?x=1",
        "https://example.com/" + "a" * 100, "https://a-b.c_d.example.org",
    ], [
        "example", "http://", "https://example", "exam ple.com", "https://example.com/a b", "javascript:alert(1)",
        "ftp://example.com", "name@example.com", "http://.com", "https://example.com/" + "a" * 2_000, "none", "n.a.",
        "//example.com", "https://-example.com", "https://user:secret@example.com/", "example.com\nx",
    ]),
    ("domain_name", "text", domain_name.check(), [
        "example.com", "EXAMPLE.co.uk", "bücher.example", "a-b.example", "xn--bcher-kva.example", "例子.公司", "t.co",
    ], [
        "example", "https://example.com", "example.com/path", "exa mple.com", "-a.example", "a-.example", ".a.example",
        "example..com", "name@example.com", "192.168.0.1", "x" * 64 + ".com", "x." * 127 + "com", "example.com\n",
    ]),
    ("no subdomain", "text", no_subdomain.check(), [
        "example.com", "bka.gv.at", "EXAMPLE.co.uk", "shop.com.tr", "bücher.example", "acme.myshopify.com",
    ], ["www.example.com", "www.bka.gv.at", "a.b.co.jp", "mail.example.example", "www.acme.myshopify.com"]),
    ("scientific_notation", "text", scientific_notation.check(), [
        "441000000000", "12E34", "E+11", "4.41", "ABC4.41E+11", "+49123", "1e5", "4.41E+11 ",
    ], ["4.41E+11", "4,41E+11", "1E+12", "-4.41e+05", "9.9E-05"]),
    ("control_characters", "text", control_characters.check(), [
        "plain", "two\nlines", "tab\there", "cr\r\n", "ünïcode 例 🙂", "",
    ], ["\x00", "a\x00b", "bell\x07", "\x0b", "esc\x1b[0m", "del\x7f"]),
    ("control_characters in entries", "tags", control_characters.check_entries(), [
        ["plain"], ["two\nlines", "tab\there"], [],
    ], [["\x00"], ["plain", "a\x00b"], ["bell\x07", "plain"]]),
    ("length, at most", "text", length.check(max_value=3), ["", "abc", "äöü", "🙂🙂🙂"], ["abcd", "äöüß", "🙂🙂🙂🙂"]),
    ("length, at least", "text", length.check(min_value=2), ["ab", "äö", "abc"], ["", "a", "ä", "🙂"]),
    ("length, both", "text", length.check(min_value=2, max_value=3), ["ab", "äöü"], ["a", "abcd"]),
    ("length, exact", "text", pa.Check.str_length(exact_value=2), ["ab", "äö"], ["a", "abc"]),
    ("matches", "text", matches.check(r"[A-Z]{2}|x\d+"), ["AB", "x1", "x123"], ["ABC", "ab", "AB\n", "x1 ", "", "zAB"]),
    ("matches, by Python", "text", matches.check(r"(a)\1|b(?!c)."), ["aa", "bd"], ["a", "bc", "aaa"]),
    ("choices", "text", choices.check(["yes", "no"]), ["yes", "no"], ["Yes", "maybe", "", "yes "]),
    ("bounds, numbers", "integer", bounds.check(min_value=0, max_value=5), [0, 3, 5], [-1, 6, 2**62]),
    ("bounds, at least", "integer", bounds.check(min_value=0), [0, 1], [-1]),
    ("bounds, at most", "number", bounds.check(max_value=1.5), [1.5, -3], [1.6]),
    ("bounds, exclusive", "integer", pa.Check.in_range(0, 5, include_min=False, include_max=False), [1, 4], [0, 5]),
    ("bounds, more than", "integer", pa.Check.greater_than(0), [1], [0, -1]),
    ("bounds, less than", "integer", pa.Check.less_than(0), [-1], [0, 1]),
    ("bounds, dates", "date", bounds.check(min_value=date(1900, 1, 1), max_value=date(2000, 1, 1)),
     [date(1900, 1, 1), date(2000, 1, 1)], [date(1899, 12, 31), date(2000, 1, 2), date(1, 1, 1), date(9999, 12, 31)]),
    ("not in the future", "date", not_in_future.check(), [TODAY, date(1, 1, 1)], [TODAY + timedelta(days=2), date.max]),
]  # fmt: skip


@pytest.mark.parametrize(("type", "check", "good", "bad"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_a_rule_takes_the_good_values_and_refuses_the_bad_ones(type: str, check: pa.Check, good: list, bad: list):
    field = column("Value", type)
    field.checks = [check]
    record_type = record_type_of_schema("thing", {"value": field}, ["value"])
    rule = rules.of(check)
    assert rule is not None
    parameters = Parameters()
    flags = suspect_flags(record_type, ["value"], parameters)
    assert (uncompiled(record_type, ["value"]) == ("value",)) == (not flags)
    with duckdb.connect() as connection:
        table(connection, {"value": (field_sql_type(record_type), [*good, *bad, None])})
        frame = connection.sql("FROM rows").df()
        suspects = connection.execute(
            f"SELECT row_number FROM rows WHERE {flags.get('value', 'true')}", parameters
        ).fetchall()
    failures = judge(record_type, frame)
    refused = set(range(len(good) + 1, len(good) + len(bad) + 1))
    assert set(failures["row_number"]) == refused
    assert refused <= {row_number for (row_number,) in suspects}
    assert set(failures["code"]) == {rule.CODE}
    message = rule.message(rules.statistics_of(check))
    assert set(failures["message"]) == {message}
    assert re.match(r"[A-Z].*: .*\b(write|remove|format)\b.*\.$", message), message


def field_sql_type(record_type) -> str:
    """The type in which the one field of these tests is stored."""
    return record_type.field("value").type.sql_type


def test_a_rounded_phone_number_is_named_once():
    record_type = record_type_of_schema("thing", {"phone": column("Phone", "phone")}, ["phone"])
    with duckdb.connect() as connection:
        table(connection, {"phone": ("VARCHAR", ["4.41E+11", "x"])})
        failures = judge(record_type, connection.sql("FROM rows").df())
    assert list(failures["code"]) == ["number_in_scientific_notation", "invalid_phone"]


def test_a_pattern_that_is_none_is_refused():
    with pytest.raises(SpecError, match=r"'\(' is no regular expression"):
        matches.check("(")


def test_a_pattern_made_to_take_forever_is_judged_at_once():
    record_type = record_type_of_schema(
        "thing", {"value": column("Value", checks=[matches.check("(a+)+b")])}, ["value"]
    )
    with duckdb.connect() as connection:
        table(connection, {"value": ("VARCHAR", ["a" * 500])})
        assert list(judge(record_type, connection.sql("FROM rows").df())["code"]) == ["wrong_format"]
