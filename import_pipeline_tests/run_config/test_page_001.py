import itertools

import pytest

from import_pipeline.errors import SpecError, UnknownRecordTypeError
from import_pipeline.run_config.translate import from_page_001, from_page_002
from import_pipeline.words import Action, DuplicateHandling, DuplicateStrategy, UploadMode

IMPORT = {
    "resource": "contact",
    "name": "Leads of spring",
    "upload_mode": "async",
    "action": "merge",
    "duplicate_handling": "use_first",
    "column_mapping": {"email": "E-mail", "first_name": "Given name"},
}


def test_an_import_of_the_page_becomes_a_spec():
    spec = from_page_001(IMPORT, organization="acme", created_by="key_1")

    assert spec.record_type == "contact"
    assert spec.organization == "acme"
    assert spec.name == "Leads of spring"
    assert spec.created_by == "key_1"
    assert spec.column_mapping == {"E-mail": "email", "Given name": "first_name"}
    assert spec.mapping_direction == "column_to_field"
    assert spec.duplicate_strategy is DuplicateStrategy.MERGE


@pytest.mark.parametrize("words", list(itertools.product(Action, DuplicateHandling, UploadMode)))
def test_every_action_handling_and_mode_keeps_its_name(words: tuple[Action, DuplicateHandling, UploadMode]):
    action, handling, mode = words
    asked = {"action": action.value, "duplicate_handling": handling.value, "upload_mode": mode.value}
    spec = from_page_001(IMPORT | asked)
    assert (spec.action, spec.duplicate_handling, spec.upload_mode) == words
    assert spec.duplicate_strategy is DuplicateStrategy.MERGE


def test_what_is_left_out_gets_the_defaults_of_the_pages():
    spec = from_page_002({"resource": "group"})
    assert (spec.action, spec.duplicate_handling, spec.upload_mode) == ("merge", "ignore_all", "mixed")
    assert spec.column_mapping is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"action": "upsert"}, ["'action'", "'upsert'", "'merge', 'overwrite' or 'delete'"]),
        ({"duplicate_handling": "use_last"}, ["'duplicate_handling'", "'use_last'", "'use_first'"]),
        ({"upload_mode": "later"}, ["'upload_mode'", "'later'", "'mixed'"]),
        ({"duplicate_strategy": "skip"}, ["'duplicate_strategy'", "Did you mean 'duplicate_handling'?"]),
        ({"name": "n" * 128}, ["'name'", "127"]),
        ({"column_mapping": ["email"]}, ["'column_mapping'"]),
    ],
)
def test_a_body_that_does_not_fit_is_refused_with_field_value_and_remedy(change: dict, words: list[str]):
    with pytest.raises(SpecError) as refusal:
        from_page_001(IMPORT | change)
    for word in words:
        assert word in refusal.value.message


def test_a_resource_is_singular_and_known():
    with pytest.raises(UnknownRecordTypeError, match=r"'contacts'.*company, contact, group, source"):
        from_page_001(IMPORT | {"resource": "contacts"})
    with pytest.raises(SpecError, match="'resource' is missing"):
        from_page_001({})


def test_one_header_for_two_fields_is_refused_with_both():
    with pytest.raises(SpecError, match=r"'Mail' to both 'email' and 'email_2'"):
        from_page_001(IMPORT | {"column_mapping": {"email": "Mail", "email_2": "Mail"}})


def test_rows_inside_an_async_import_are_refused_with_both_readings():
    with pytest.raises(SpecError, match=r"set upload_mode to sync or mixed.*leave `data` out"):
        from_page_001(IMPORT | {"data": [{"email": "a@example.com"}]})


def test_rows_inside_a_sync_import_are_left_to_the_caller():
    assert from_page_001(IMPORT | {"data": [{"email": "a@example.com"}], "upload_mode": "sync"}).upload_mode == "sync"
