import pytest

from import_pipeline.errors import SpecError
from import_pipeline.run_config.translate import from_page_004, read_page_004
from import_pipeline.words import InvalidData

FIELDS = [
    {"key": "first_name", "type": "string", "label": "First Name", "validators": []},
    {"key": "last_name", "type": ["string", {"x": 1}], "label": "Last Name", "validators": [{"validate": "required"}]},
]
USER = {"id": "jeff_id", "name": "Jeff", "email": "jeff@example.com", "companyName": "Example", "companyId": "c_1"}
HOOK = "(record, mode) => { return { row: {} }; }"
INLINE = {
    "fields": FIELDS,
    "settings": {"importIdentifier": "contacts-import", "invalidDataBehavior": "BLOCK_SUBMIT"},
    "original_filename": "user.csv",
    "import_metadata": {"user": USER},
}
SAVED = {"schema_id": "94187d21", "initial_data": [{"first_name": "Zeph", "last_name": "Paul"}]}


def test_a_body_with_inline_fields_becomes_a_spec():
    spec = from_page_004(INLINE, organization="acme")

    assert spec.record_type == "inline"
    assert spec.organization == "acme"
    assert spec.name == "contacts-import"
    assert spec.invalid_data is InvalidData.BLOCK
    assert spec.created_by == "jeff_id"
    assert spec.column_mapping is None


def test_what_a_spec_cannot_hold_stays_in_the_request():
    request = read_page_004(INLINE | {"hooks": {"rowHooks": [HOOK]}})

    assert request.fields == tuple(FIELDS)
    assert request.settings == INLINE["settings"]
    assert request.row_hooks == (HOOK,)
    assert request.original_filename == "user.csv"
    assert request.initial_data is None
    assert request.user == USER
    assert request.spec(record_type="people").record_type == "people"


def test_a_body_with_a_saved_schema_is_named_by_it():
    request = read_page_004(SAVED)
    assert (request.schema_id, request.fields, request.settings) == ("94187d21", None, {})
    assert request.initial_data == SAVED["initial_data"]
    assert request.spec().record_type == "94187d21"


def test_settings_merged_over_a_saved_schema_count():
    merged = {"invalidDataBehavior": "INCLUDE_INVALID_ROWS", "passThroughUnmappedColumns": True, "delimiter": ";"}
    spec = read_page_004(SAVED).spec(settings=merged)
    assert (spec.invalid_data, spec.keep_unmapped, spec.reading.delimiter) == (InvalidData.NULL_CELLS, True, ";")


@pytest.mark.parametrize(
    ("behavior", "invalid_data"),
    [
        ("BLOCK_SUBMIT", InvalidData.BLOCK),
        ("REMOVE_INVALID_ROWS", InvalidData.REMOVE_ROWS),
        ("INCLUDE_INVALID_ROWS", InvalidData.NULL_CELLS),
        (None, InvalidData.REMOVE_ROWS),
    ],
)
def test_each_behavior_for_invalid_data_is_translated(behavior: str | None, invalid_data: InvalidData):
    assert from_page_004(SAVED | {"settings": {"invalidDataBehavior": behavior}}).invalid_data is invalid_data


def test_storing_invalid_values_is_refused_with_what_comes_nearest():
    with pytest.raises(SpecError, match=r"'INCLUDE_INVALID_ROWS_AND_VALUES'.*Use 'INCLUDE_INVALID_ROWS'"):
        read_page_004(SAVED | {"settings": {"invalidDataBehavior": "INCLUDE_INVALID_ROWS_AND_VALUES"}})


def test_the_spec_keeps_fields_and_hooks():
    assert from_page_004(SAVED | {"hooks": {"rowHooks": [HOOK]}}).row_hooks == (HOOK,)
    assert from_page_004(SAVED).schema_id == "94187d21"
    assert [field["key"] for field in from_page_004(INLINE).schema_fields or ()] == ["first_name", "last_name"]
    assert from_page_004(SAVED | {"hooks": {"rowHooks": []}}) == from_page_004(SAVED)


def test_the_user_may_stand_at_either_place():
    assert from_page_004(SAVED | {"user": USER}) == from_page_004(SAVED | {"import_metadata": {"user": USER}})
    assert from_page_004(SAVED | {"user": USER, "import_metadata": {"user": USER}}).created_by == "jeff_id"
    assert from_page_004(SAVED | {"user": USER}, created_by="token_1").created_by == "token_1"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (SAVED | {"fields": FIELDS}, ["'schema_id' and 'fields' are both given", "leave one out"]),
        ({"initial_data": []}, ["'schema_id' or 'fields' is missing"]),
        (SAVED | {"original_filename": "user.csv"}, ["'original_filename' and 'initial_data' are both given"]),
        ({"schema_id": "s"}, ["'original_filename' or 'initial_data' is missing"]),
        (INLINE | {"fields": []}, ["'fields'", "at least 1"]),
        (INLINE | {"fields": [{"label": "No key"}]}, ["'fields.0.key' is missing"]),
        (INLINE | {"fields": [*FIELDS, FIELDS[0]]}, ["'first_name' more than once"]),
        (
            INLINE | {"settings": {"invalidDataBehavior": "IGNORE"}},
            ["invalidDataBehavior", "'IGNORE'", "'BLOCK_SUBMIT'"],
        ),
        (INLINE | {"settings": {"delimeter": ";"}}, ["'settings.delimeter'", "Did you mean 'delimiter'?"]),
        (INLINE | {"hooks": {"columnHooks": [{"fieldName": "first_name"}]}}, ["'hooks.columnHooks'", "rowHooks"]),
        (INLINE | {"hooks": {"cellHooks": []}}, ["'hooks.cellHooks'"]),
        (INLINE | {"hooks": {"rowHooks": HOOK}}, ["hooks.rowHooks"]),
        (SAVED | {"initial_data": {"first_name": "Zeph"}}, ["initial_data"]),
        (SAVED | {"initial_data": ["Zeph"]}, ["initial_data.0"]),
        (SAVED | {"user": {"name": "nobody"}}, ["'user.id' is missing"]),
        (SAVED | {"user": USER, "import_metadata": {"user": {"id": "other"}}}, ["'jeff_id'", "'other'"]),
        (SAVED | {"schema": "x"}, ["'schema'", "Did you mean 'schema_id'?"]),
    ],
)
def test_a_body_that_does_not_fit_is_refused_with_field_value_and_remedy(body: dict, words: list[str]):
    with pytest.raises(SpecError) as refusal:
        read_page_004(body)
    for word in words:
        assert word in refusal.value.message


def test_more_than_fifteen_megabytes_of_rows_are_refused():
    with pytest.raises(SpecError, match=r"initial_data is 15\d{6} bytes.*Upload a file"):
        read_page_004(SAVED | {"initial_data": [{"a": "x" * 15_000_000}]})
