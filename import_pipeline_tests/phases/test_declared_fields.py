"""Imports of record types that their spec declares: levels, unique values, identity, and what becomes of bad cells."""

from typing import Any

import pytest

from import_pipeline.errors import SpecError
from import_pipeline.record_types.inline import record_type_of_fields
from import_pipeline.service import queries
from import_pipeline.stores.records import refuse_other_types
from import_pipeline.words import InvalidData
from import_pipeline_tests.importing import Importing, counts

TYPE = "custom_guests"


def run(importing: Importing, csv: str, fields: list[dict[str, Any]], **spec: Any) -> dict[str, Any]:
    return importing.run(csv, TYPE, schema_fields=fields, **spec)


def field(key: str, *validators: dict[str, Any] | str, **more: Any) -> dict[str, Any]:
    rules = [{"validate": one} if isinstance(one, str) else one for one in validators]
    return {"key": key, "validators": rules, **more}


def test_rows_without_any_identifier_are_new_records_each_time(importing: Importing):
    fields = [field("name"), field("seats", type="number")]
    for _ in range(2):
        assert counts(run(importing, "name,seats\nAnn,1\nAnn,1\n", fields)) == {"created": 2}
    assert [one["name"] for one in importing.stored(TYPE)] == ["Ann"] * 4


def test_a_unique_field_finds_the_stored_record_and_an_empty_one_makes_a_new_record(importing: Importing):
    fields = [field("email", "unique", type="email"), field("name")]
    run(importing, "email,name\na@example.com,Ann\n", fields)
    again = run(importing, "email,name\nA@example.com,Anna\n,Bob\n,Cid\n", fields)
    assert counts(again) == {"created": 2, "updated": 1}
    assert [one["name"] for one in importing.stored(TYPE)] == ["Anna", "Bob", "Cid"]


def test_repeated_values_fail_all_their_rows_wherever_they_stand(importing: Importing):
    fields = [field("code", "unique_case_insensitive"), field("n")]
    done = run(importing, "code,n\na,1\nb,2\nA,3\n,4\n,5\n", fields)
    assert importing.defects(done["id"]) == [(1, "code", "not_unique"), (3, "code", "not_unique")]
    assert counts(done) == {"created": 3, "failed": 2}


def test_fields_that_are_unique_together_may_repeat_alone(importing: Importing):
    together = {"validate": "unique_with", "uniqueKey": "seat", "errorMessage": "Taken."}
    fields = [field("row", together), field("place", together), field("name")]
    done = run(importing, "row,place,name\n1,a,x\n1,b,y\n2,a,z\n1,a,w\n2,,v\n2,,u\n", fields)
    assert importing.defects(done["id"]) == [(1, "row", "not_unique"), (4, "row", "not_unique")]
    assert {one["message"] for one in queries.defects(importing.home, done["id"])} == {"Taken."}


def test_only_errors_keep_a_row_out(importing: Importing):
    fields = [
        field("name", {"validate": "alphabetical", "level": "info"}),
        field("code", {"validate": "unique", "level": "warning"}),
        field("mail", {"validate": "required", "level": "warning"}),
    ]
    done = run(importing, "name,code,mail\nAnn 1,a,\nBob,a,x\n", fields)
    assert counts(done) == {"created": 2}
    levels = {(one["row_number"], one["code"]): one["level"] for one in queries.defects(importing.home, done["id"])}
    assert levels == {
        (1, "not_alphabetical"): "info",
        (1, "missing_value"): "warning",
        (1, "not_unique"): "warning",
        (2, "not_unique"): "warning",
    }


def test_bad_cells_are_left_empty_and_those_with_a_warning_are_kept(importing: Importing):
    fields = [
        field("name", {"validate": "alphabetical", "level": "warning"}),
        field("age", type="number"),
        field("mail", type="email"),
    ]
    done = run(
        importing, "name,age,mail\nAnn 1,many,a@\nBob,3,b@example.com\n", fields, invalid_data=InvalidData.NULL_CELLS
    )
    assert counts(done) == {"created": 2}
    assert [one.get("name") for one in importing.stored(TYPE)] == ["Ann 1", "Bob"]
    assert "age" not in importing.stored(TYPE)[0]
    assert "mail" not in importing.stored(TYPE)[0]
    assert {one["level"] for one in queries.defects(importing.home, done["id"])} == {"warning"}


@pytest.mark.parametrize("asked", [field("mail", requireMapping=True), field("mail", "required")])
def test_a_field_that_must_be_mapped_and_is_not_needs_a_person(importing: Importing, asked: dict[str, Any]):
    done = run(importing, "name\nAnn\n", [field("name"), asked])
    assert done["status"] == "needs_review"
    assert "'mail'" in done["reason"]


@pytest.mark.every_store
def test_a_schema_that_grows_adds_columns_and_one_that_changes_a_type_is_refused(importing: Importing):
    run(importing, "name\nAnn\n", [field("name")])
    run(importing, "name,age\nBob,3\n", [field("name"), field("age", type="number")])
    assert [one.get("age") for one in importing.stored(TYPE)] == [None, 3]
    with pytest.raises(SpecError, match=r"'age' .*stored as"):
        run(importing, "name,age\nBob,3\n", [field("name"), field("age")])


def test_names_of_fields_are_quoted_wherever_they_go(importing: Importing):
    key = 'we"ird; DROP TABLE x --'
    together = {"validate": "unique"}
    quoted = key.replace('"', '""')
    done = run(importing, f'"{quoted}",b\n1,2\n', [field(key, together), field("b")])
    assert counts(done) == {"created": 1}
    assert importing.stored(TYPE) == [{key: "1", "b": "2"}]


def test_choices_times_and_lists_end_up_as_what_they_mean(importing: Importing):
    sizes = [{"value": "S", "label": "Small"}, {"value": "L", "label": "Large"}]
    fields = [
        field("size", type="select", selectOptions=sizes),
        field("sizes", type="multi-select", selectOptions=sizes),
        field("at", type="time"),
        field("state", type="us-state-territory"),
    ]
    run(importing, 'size,sizes,at,state\nsmall,"Large,S",9:30 am,New York\n', fields)
    [stored] = importing.stored(TYPE)
    assert (stored["size"], stored["sizes"], str(stored["at"]), stored["state"]) == ("S", ["L", "S"], "09:30:00", "NY")


def test_a_later_file_finds_a_record_by_its_unique_field_in_another_case_or_unicode_form(importing: Importing):
    fields = [field("sku", "unique_case_insensitive", type="string"), field("title", type="string")]
    run(importing, "sku,title\nB-\u00d6,One\n", fields)
    assert counts(run(importing, "sku,title\nb-o\u0308,Two\n", fields)) == {"updated": 1}


@pytest.mark.parametrize("key", ["reason", "action", "key", "record_id", "is_stored", "Outcome", "order", "a b", 'a"b'])
def test_a_field_may_be_called_as_the_program_calls_its_own_columns(importing: Importing, key: str):
    fields = [field(key, "unique"), field("note")]
    mapping = {"A": key, "B": "note"}
    first = run(importing, "A,B\n1,x\n2,y\n", fields, column_mapping=mapping)
    again = run(importing, "A,B\n1,x\n2,z\n3,w\n", fields, column_mapping=mapping)
    assert (counts(first), counts(again)) == ({"created": 2}, {"created": 1, "updated": 1, "unchanged": 1})
    assert [(one[key], one["note"]) for one in importing.stored(TYPE)] == [("1", "x"), ("2", "z"), ("3", "w")]


def test_a_key_that_differs_from_a_stored_one_in_case_only_is_refused_before_anything_is_imported(
    importing: Importing,
):
    run(importing, "email,name\na@example.com,Ann\n", [field("email"), field("name")])
    with pytest.raises(SpecError, match=r"'Email' .* is stored as 'email'.* Write its key as 'email'"):
        refuse_other_types(importing.settings, record_type_of_fields(TYPE, [field("Email")]), "default")
    run(importing, "email,name\nb@example.com,Bob\n", [field("email"), field("name")])
    assert [one["email"] for one in importing.stored(TYPE)] == ["a@example.com", "b@example.com"]
