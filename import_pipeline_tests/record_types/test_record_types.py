"""The registry of record types: what is known without loading a model, and what a loaded one says."""

import subprocess
import sys

import pytest

from import_pipeline import record_types
from import_pipeline.errors import MappingError, SpecError, UnknownRecordTypeError
from import_pipeline.record_types import field_types, rules
from import_pipeline.record_types.headers import normal_header

CONTACT = """
    external_id first_name last_name full_name email email_2 phone phone_2 phone_3 company_name company_external_id
    job_title street city state postal_code country website date_of_birth status newsletter source notes tags groups
"""
COMPANY = """
    external_id name legal_name domain website email phone industry employees street city state postal_code country
    category parent_external_id tags notes
"""
NAMED = "external_id name kind description tags"


def test_the_files_of_models_are_the_record_types():
    assert record_types.names() == ("company", "contact", "group", "source")
    assert [record_types.table_of(name) for name in record_types.names()] == [
        "companies",
        "contacts",
        "groups",
        "sources",
    ]


def test_asking_for_names_and_importing_what_phases_need_loads_nothing_slow():
    program = (
        "import sys; from import_pipeline import record_types; record_types.names(); record_types.table_of('contact');"
        "from import_pipeline.record_types import casting, identity, judge, person_names, headers, field_types;"
        "[field_types.get(name) for name in field_types.names() if name != 'enum'];"
        "print([m for m in ('pandas', 'pandera', 'duckdb', 'pyarrow', 'email_validator') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["contacts", "Contact", "", "../contact", "__init__"])
def test_an_unknown_record_type_is_refused_with_the_known_ones_named(name: str):
    with pytest.raises(UnknownRecordTypeError, match="company, contact, group, source"):
        record_types.get(name)
    with pytest.raises(UnknownRecordTypeError):
        record_types.table_of(name)


@pytest.mark.parametrize(
    ("name", "fields", "identifiers"),
    [
        ("contact", CONTACT, ("external_id", "email", "phone")),
        ("company", COMPANY, ("external_id", "domain", "name")),
        ("source", NAMED, ("external_id", "name")),
        ("group", NAMED, ("external_id", "name")),
    ],
)
def test_each_record_type_has_its_fields_and_its_identifiers_in_order(name, fields, identifiers):
    record_type = record_types.get(name)
    assert list(record_type.field_names) == fields.split()
    assert record_type.identifiers == identifiers
    assert record_type.table == record_types.table_of(name)
    assert list(record_type.schema.columns) == fields.split()


@pytest.mark.parametrize("name", record_types.names())
def test_no_header_means_two_fields(name: str):
    meanings: dict[str, set[str]] = {}
    for field in record_types.get(name).fields:
        for synonym in field.synonyms:
            meanings.setdefault(normal_header(synonym), set()).add(field.name)
    assert {header: fields for header, fields in meanings.items() if len(fields) > 1} == {}
    assert "id" not in meanings


@pytest.mark.parametrize("name", record_types.names())
def test_identifiers_and_codes_are_stored_as_text(name: str):
    record_type = record_types.get(name)
    kept = [
        *record_type.identifiers,
        *(f for f in record_type.field_names if "phone" in f or f.endswith(("_id", "code"))),
    ]
    assert {record_type.field(field).type.sql_type for field in kept} == {"VARCHAR"}


def test_references_name_the_record_type_and_the_field():
    found = {
        (field.name, field.reference, field.reference_field)
        for name in record_types.names()
        for field in record_types.get(name).fields
        if field.reference
    }
    assert found == {
        ("company_external_id", "company", "external_id"),
        ("parent_external_id", "company", "external_id"),
        ("source", "source", "name"),
        ("groups", "group", "name"),
    }


def test_an_unknown_field_is_refused_with_the_known_ones_named():
    with pytest.raises(MappingError, match=r"A group has no field 'colour'\. Use one of: id, external_id, name"):
        record_types.get("group").field("colour")


def test_every_rule_and_every_type_is_found_by_its_file():
    assert "email_address" in rules.names()
    assert "date" in field_types.names()
    with pytest.raises(SpecError, match="Use one of: boolean, country, date"):
        field_types.get("colour")
    with pytest.raises(SpecError, match="needs at least one choice"):
        field_types.get("enum")
    with pytest.raises(SpecError, match="takes no choices"):
        field_types.get("text", ("a",))


def test_every_check_of_the_models_belongs_to_a_rule():
    strangers = {
        check.name
        for name in record_types.names()
        for column in record_types.get(name).schema.columns.values()
        for check in column.checks
        if rules.of(check) is None
    }
    assert strangers == set()
