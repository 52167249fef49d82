import pytest

from import_pipeline.errors import MappingError, SpecError, UnknownRecordTypeError
from import_pipeline.run_config.translate import from_page_000
from import_pipeline.words import Action, DuplicateHandling, DuplicateStrategy, InvalidData, MappingDirection

CONFIRM = {
    "id": "imp_1",
    "column_mapping": {"Name": "first_name", "Email": "email", "Phone": "phone"},
    "duplicate_strategy": "merge",
}


def test_the_confirm_body_of_the_page_becomes_a_spec():
    spec = from_page_000(CONFIRM, model_type="contacts", organization="acme", created_by="token_1")

    assert spec.record_type == "contact"
    assert spec.organization == "acme"
    assert spec.created_by == "token_1"
    assert spec.column_mapping == {"Name": "first_name", "Email": "email", "Phone": "phone"}
    assert spec.mapping_direction is MappingDirection.COLUMN_TO_FIELD
    assert spec.action is Action.MERGE
    assert spec.duplicate_strategy is DuplicateStrategy.MERGE
    assert spec.duplicate_handling is DuplicateHandling.IGNORE_ALL
    assert spec.invalid_data is InvalidData.REMOVE_ROWS
    assert not spec.dry_run


def test_request_and_confirm_may_come_as_one_body():
    request = {"model_type": "companies", "file_name": "leads.csv", "content_type": "text/csv"}
    assert from_page_000(request | CONFIRM).record_type == "company"


@pytest.mark.parametrize(
    ("model_type", "record_type"), [("contacts", "contact"), ("companies", "company"), ("sources", "source")]
)
def test_model_types_are_plural(model_type: str, record_type: str):
    assert from_page_000(CONFIRM, model_type=model_type).record_type == record_type


@pytest.mark.parametrize("model_type", ["contact", "leads", "Contacts", ""])
def test_an_unknown_model_type_is_refused_with_the_known_ones(model_type: str):
    with pytest.raises((UnknownRecordTypeError, SpecError), match="contacts"):
        from_page_000(CONFIRM, model_type=model_type)


@pytest.mark.parametrize("strategy", ["skip", "merge", "overwrite"])
def test_each_duplicate_strategy_keeps_its_name_and_the_action_stays_merge(strategy: str):
    spec = from_page_000(CONFIRM | {"duplicate_strategy": strategy}, model_type="contacts")
    assert (spec.duplicate_strategy, spec.action) == (strategy, "merge")


def test_matched_rows_are_skipped_when_no_strategy_is_given():
    body = {"id": "imp_1", "column_mapping": {"Email": "email"}}
    assert from_page_000(body, model_type="contacts").duplicate_strategy is DuplicateStrategy.SKIP


def test_the_delimiter_of_tags_is_kept():
    assert from_page_000(CONFIRM | {"tag_delimiter": ";"}, model_type="contacts").tag_delimiter == ";"


def test_a_column_that_is_mapped_to_null_is_not_mapped():
    body = {"column_mapping": {"Email": "email", "Comment": None}}
    assert from_page_000(body, model_type="contacts").column_mapping == {"Email": "email"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"duplicate_strategy": "fill"}, ["duplicate_strategy", "'fill'", "'skip', 'merge' or 'overwrite'"]),
        ({"duplicate_strategy": None}, ["duplicate_strategy", "None"]),
        ({"duplicate_stratgy": "merge"}, ["'duplicate_stratgy'", "Did you mean 'duplicate_strategy'?"]),
        ({"column_mapping": None}, ["column_mapping", "None"]),
        ({"column_mapping": "Email"}, ["column_mapping", "'Email'"]),
        ({"column_mapping": {"Email": 7}}, ["column_mapping.Email", "7"]),
        ({"tag_delimiter": ""}, ["tag_delimiter", "''"]),
        ({"tag_delimiter": "-" * 9}, ["tag_delimiter"]),
        ({"action": "delete"}, ["'action'", "Known:"]),
    ],
)
def test_a_body_that_does_not_fit_is_refused_with_field_value_and_remedy(change: dict, words: list[str]):
    with pytest.raises(SpecError) as refusal:
        from_page_000(CONFIRM | change, model_type="contacts")
    for word in [*words, "imports-confirm"]:
        assert word in refusal.value.message


def test_a_confirm_without_a_mapping_is_refused():
    with pytest.raises(SpecError, match="'column_mapping' is missing"):
        from_page_000({"id": "imp_1"}, model_type="contacts")


def test_two_different_model_types_are_refused_with_both_readings():
    with pytest.raises(SpecError, match=r"'companies'.*'contacts'"):
        from_page_000(CONFIRM | {"model_type": "companies"}, model_type="contacts")


def test_a_body_without_model_type_is_refused():
    with pytest.raises(SpecError, match="'model_type' is missing"):
        from_page_000(CONFIRM)


def test_two_columns_on_one_field_are_refused():
    with pytest.raises((SpecError, MappingError), match=r"E-mail.*Mail.*email"):
        from_page_000({"column_mapping": {"E-mail": "email", "Mail": "email"}}, model_type="contacts")


@pytest.mark.parametrize("body", [None, [], "contacts", 3])
def test_a_body_that_is_no_object_is_refused(body: object):
    with pytest.raises(SpecError, match="is not an object"):
        from_page_000(body, model_type="contacts")  # pyright: ignore[reportArgumentType]
