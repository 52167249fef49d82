"""What text becomes: each field type its table of texts and values."""

from datetime import date
from decimal import Decimal

import pytest

from import_pipeline import record_types
from import_pipeline.errors import SpecError
from import_pipeline.record_types import field_types
from import_pipeline.record_types.casting import cast_failures, typed_expressions
from import_pipeline.record_types.field_types import CastOptions
from import_pipeline.sql import Parameters
from import_pipeline_tests.record_types.sql_values import cast, values_of

KEPT = ["007", "+491234567890123456789", "00000", "12345678901234567890123456789", "1.50", "TRUE", "2026-01-31", " "]


@pytest.mark.parametrize(
    "name", [n for n in field_types.names() if field_types.get(n, ("a",) * (n == "enum")).sql_type == "VARCHAR"]
)
def test_zeros_in_front_plus_signs_and_long_numbers_survive_in_text(name: str):
    assert cast(name, [*KEPT, None], ("a",) if name == "enum" else ()) == [*KEPT, None]


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        (
            {},
            {
                "0": 0, "-5": -5, "+5": 5, "007": 7, "9223372036854775807": 2**63 - 1, "9223372036854775808": None,
                "1,234": 1234, "1,234,567": 1234567, "1 234": 1234, "1\u00a0234": 1234, "1'234'567": 1234567,
                "45.0": 45, "45.00": 45, "45.5": None, "1.234": None, "1.000": None, "1e3": None, "12,34": None,
                "10-20": None, "many": None,
            },
        ),
        ({"decimal": "."}, {"1,234": 1234, "1.000": 1, "1,234.0": 1234, "1.5": None}),
        ({"decimal": ","}, {"1.234": 1234, "1,000": 1, "1.234,0": 1234, "1,5": None, "1.5": None}),
    ],
)  # fmt: skip
def test_whole_numbers_are_read_without_rounding_and_without_guessing(options, numbers):
    assert dict(zip(numbers, cast("integer", list(numbers), **options), strict=True)) == numbers


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        (
            {},
            {
                "0.1": "0.1", ".5": "0.5", "-1,234,567.5": "-1234567.5", "1.234": "1.234", "1 234.5": "1234.5",
                "1,234": None, "1,5": None, "1.234.567": None, "4.41E+11": None, "€5": None, "": None,
                "0.123456789": "0.123456789", "0.1234567891": None, "0.12345678900": "0.123456789",
                "12345678901234567890123456789.5": "12345678901234567890123456789.5",
            },
        ),
        ({"decimal": "."}, {"1,234": "1234", "1.234,5": None}),
        ({"decimal": ","}, {"1,5": "1.5", "1.234,5": "1234.5", "1.234": "1234", "1 234,5": "1234.5", "1.5": None}),
    ],
)  # fmt: skip
def test_decimal_numbers_are_kept_exactly_or_not_at_all(options, numbers):
    wanted = {text: None if number is None else Decimal(number) for text, number in numbers.items()}
    assert dict(zip(numbers, cast("number", list(numbers), **options), strict=True)) == wanted


def test_dates_are_read_as_iso_8601_writes_them_and_never_guessed():
    days = {
        "2026-01-31": date(2026, 1, 31),
        "20260131": date(2026, 1, 31),
        "2026-01-31T23:59:59.5+02:00": date(2026, 1, 31),
        "2026-01-31 10:00": date(2026, 1, 31),
        "2024-02-29": date(2024, 2, 29),
        "2026-02-29": None,
        "19450732": None,
        "01/02/2026": None,
        "1/2/26": None,
        "2026-1-5": None,
        "0000-01-01": None,
        "infinity": None,
        "epoch": None,
        "2026-01-31 (BC)": None,
        "2026-01-31x": None,
    }
    assert dict(zip(days, cast("date", list(days)), strict=True)) == days


def test_a_date_format_that_was_named_is_the_only_one():
    texts = ["03/04/2026", "31/12/2026", "12/31/2026", "2026-01-31", "infinity", "epoch"]
    april, december = date(2026, 4, 3), date(2026, 12, 31)
    assert cast("date", texts, date_format="%d/%m/%Y") == [april, december, None, None, None, None]


@pytest.mark.parametrize(("date_format", "problem"), [("%d/%m", "it has no year"), ("%Y-%Q", "%Q stands for nothing")])
def test_a_date_format_without_a_meaning_is_refused(date_format: str, problem: str):
    with pytest.raises(SpecError, match=problem):
        cast("date", ["1"], date_format=date_format)


def test_the_usual_words_for_yes_and_no_are_booleans():
    assert cast("boolean", ["Yes", "TRUE", "1", "no", "F", "0", "2", "maybe"]) == [True] * 3 + [False] * 3 + [None] * 2


def test_an_enum_takes_its_constants_in_any_case_and_leaves_the_rest_to_be_judged():
    assert cast("enum", ["LEAD", "active", "vip", None], ("lead", "Active")) == ["lead", "Active", "vip", None]
    assert cast("enum", ["A", "a"], ("a", "A")) == ["A", "a"]


@pytest.mark.parametrize("name", ["tags", "groups"])
def test_tags_are_split_only_at_the_delimiter_that_was_named(name: str):
    assert cast(name, ["a, b; c", None]) == [["a, b; c"], None]
    assert cast(name, ["a; b;;c ;", ";", None], tag_delimiter=";") == [["a", "b", "c"], [], None]
    assert cast(name, ["* mine ::: friends"], tag_delimiter=" ::: ") == [["* mine", "friends"]]


def test_text_that_is_no_value_is_a_failure_of_its_field_and_empty_text_is_none():
    company = record_types.get("company")
    parameters = Parameters()
    texts = {"id": "t", "name": "t", "employees": "t"}
    typed = typed_expressions(company, texts, lambda field: CastOptions(), parameters)
    failures = cast_failures(company, texts, typed)
    assert typed["id"] == typed["name"] == "t"
    assert list(failures) == ["employees"]
    assert values_of(failures["employees"], ["12", "many", None], parameters) == [False, True, False]
    assert company.field("employees").type.code == "invalid_integer"
    assert "decimal" in company.field("employees").type.message


@pytest.mark.parametrize("name", field_types.names())
def test_a_type_that_refuses_text_says_what_would_be_right(name: str):
    field_type = field_types.get(name, ("a",) if name == "enum" else ())
    assert bool(field_type.code) == bool(field_type.message) == (name in ("integer", "number", "date", "boolean"))
    assert not field_type.code or ("write" in field_type.message and field_type.message.endswith("."))
