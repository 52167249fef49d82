"""Judging rows: SQL suspects and Pandera on these name the same failures as Pandera on everything."""

from datetime import date
from typing import Any

import duckdb
import pandas as pd
import pandera.pandas as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from import_pipeline import record_types
from import_pipeline.record_types.declaring import column, record_type_of_schema
from import_pipeline.record_types.judge import judge, suspect_flags, uncompiled
from import_pipeline.record_types.record_type import Field, RecordType
from import_pipeline.sql import Parameters
from import_pipeline_tests.examples import examples
from import_pipeline_tests.record_types.sql_values import table

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
PIECES = {
    "email": ["a", "Z9", ".", "@", "@", "-", "_", "é", " ", "example.com", "x" * 60, "\n"],
    "phone": ["+", "49", "030", " ", "-", "(", ")", "/", ".", "x", "ext. ", "123456789", "\u00a0", "\u2013", "E+11"],
    "url": ["http://", "https://", "www", ".", "example", ".com", "/", "?", ":80", " ", "é", "#", "@", "a" * 50, "\n"],
    "domain": ["a", "Z9", ".", ".", "-", "_", "é", "example", ".com", "/", " ", "x" * 60],
    "identifier": ["4", ".", ",", "41", "E", "e", "+", "-", "11", "0", "A" * 250],
}
SHARED = duckdb.connect()
LIKELY = ["a", "é", "\n", "\t", "\x00", "\x1b", "🙂" * 99, "b" * 999, "c" * 99_999]


def kinds() -> dict[str, tuple[str, Field]]:
    """Of all fields that have the same type and checks, one: its record type and the field, by a readable name."""
    found: dict[str, tuple[str, Field]] = {}
    for name in record_types.names():
        record_type = record_types.get(name)
        for field in record_type.fields:
            checks = " ".join(str(check.error) for check in record_type.schema.columns[field.name].checks)
            found.setdefault(f"{field.type.name} {checks}"[:80], (name, field))
    return found


def values_of(field: Field) -> st.SearchStrategy[Any]:
    """Values as they could stand in a typed column: good ones, near misses, anything."""
    if field.type.sql_type == "VARCHAR":
        pieces = PIECES.get(field.type.name, [*field.choices, *LIKELY])
        return st.none() | st.lists(st.sampled_from(pieces), min_size=1, max_size=8).map("".join) | ANY_TEXT
    if field.type.sql_type == "DATE":
        return st.none() | st.dates()
    if field.type.sql_type == "BIGINT":
        return st.none() | st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3)
    return st.none() | st.lists(ANY_TEXT, max_size=3)


@pytest.mark.parametrize(("name", "field"), [pytest.param(*kind, id=label) for label, kind in kinds().items()])
@examples(8)
@given(data=st.data())
def test_suspects_judged_and_everything_judged_name_the_same_failures(name: str, field: Field, data: st.DataObject):
    record_type = record_types.get(name)
    values = data.draw(st.lists(values_of(field), min_size=1, max_size=20))
    parameters = Parameters()
    flag = suspect_flags(record_type, [field.name], parameters).get(field.name, "false")
    with SHARED.cursor() as connection:
        table(connection, {field.name: (field.type.sql_type, values)})
        everything = judge(record_type, connection.sql("FROM rows").df())
        suspects = connection.execute(f"FROM rows WHERE {flag} ORDER BY row_number", parameters).df()
    pd.testing.assert_frame_equal(judge(record_type, suspects), everything)


@pytest.mark.parametrize("name", record_types.names())
def test_every_rule_of_the_models_has_sql(name: str):
    record_type = record_types.get(name)
    assert uncompiled(record_type, record_type.field_names) == ()


def judged(record_type: RecordType, **columns: list[Any]) -> pd.DataFrame:
    """The failures of rows that are given by their columns."""
    with duckdb.connect() as connection:
        table(connection, {name: (record_type.field(name).type.sql_type, values) for name, values in columns.items()})
        return judge(record_type, connection.sql("FROM rows").df())


def test_all_failures_of_a_row_are_named_with_field_code_remedy_and_value():
    failures = judged(
        record_types.get("contact"),
        email=["name@example.com", "name"],
        postal_code=["00123", "4.41E+11"],
        status=["lead", "vip"],
        date_of_birth=[date(1990, 1, 1), date(1066, 1, 1)],
        tags=[["a"], None],
    )
    assert failures[["row_number", "field", "code", "value"]].values.tolist() == [
        [2, "email", "invalid_email", "name"],
        [2, "postal_code", "number_in_scientific_notation", "4.41E+11"],
        [2, "date_of_birth", "out_of_bounds", "1066-01-01 00:00:00"],
        [2, "status", "unknown_choice", "vip"],
    ]
    assert "write one of lead, " in failures["message"].iloc[3]


def test_good_rows_and_empty_frames_have_no_failures():
    contact = record_types.get("contact")
    for failures in (judged(contact, email=["name@example.com", None]), judged(contact, email=[])):
        assert failures.empty
        assert list(failures.columns) == ["row_number", "field", "code", "message", "value", "level"]
        assert failures["row_number"].dtype == "int64"


def test_row_numbers_are_those_of_the_frame_whatever_its_index():
    frame = pd.DataFrame({"row_number": [70, 5], "email": ["bad", "worse"], "stranger": [1, 2]}, index=[9, 9])
    assert list(judge(record_types.get("contact"), frame)["row_number"]) == [5, 70]


def test_a_required_field_without_a_value_is_suspect_and_named():
    record_type = record_type_of_schema("thing", {"name": column("Name", "name", required=True)}, ["name"])
    parameters = Parameters()
    flags = suspect_flags(record_type, ["name"], parameters)
    with duckdb.connect() as connection:
        table(connection, {"name": ("VARCHAR", ["a", None])})
        assert connection.execute(f"SELECT row_number FROM rows WHERE {flags['name']}", parameters).fetchall() == [(2,)]
    failures = judged(record_type, name=["a", None])
    assert failures[["row_number", "field", "code"]].values.tolist() == [[2, "name", "missing_value"]]
    assert list(failures["value"].isna()) == [True]


def test_a_check_without_sql_is_judged_over_all_rows_and_speaks_for_itself():
    even = pa.Check(lambda values: values % 2 == 0, name="even", error="the number is even")
    columns = {"size": column("Size", "integer", checks=[even]), "name": column("Name")}
    record_type = record_type_of_schema("thing", columns, ["name"])
    assert uncompiled(record_type, ["size", "name", "id"]) == ("size",)
    assert list(suspect_flags(record_type, ["size", "name"], Parameters())) == ["name"]
    failures = judged(record_type, size=[1, 2, None], name=["a", "b", "c"])
    assert failures[["row_number", "field", "code", "value"]].values.tolist() == [[1, "size", "even", "1"]]
    assert "the number is even" in failures["message"].iloc[0]


def test_a_check_that_breaks_stops_the_judging():
    broken = pa.Check(lambda values: values.no_such_thing, name="broken")
    record_type = record_type_of_schema("thing", {"name": column("Name", checks=[broken])}, ["name"])
    with pytest.raises(TypeError, match="could not judge 'name'"):
        judged(record_type, name=["a"])
