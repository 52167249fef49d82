"""Laws that hold for all requests, mappings and headers, tried on many random ones."""

import itertools
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from import_pipeline import record_types
from import_pipeline.errors import ImportPipelineError, MappingError, ReviewNeededError, SpecError
from import_pipeline.run_config.directions import orient, turned_round
from import_pipeline.run_config.feeds import parse_feeds
from import_pipeline.run_config.mapping import resolve, suggest, usable
from import_pipeline.run_config.sidecar import spec_for_object
from import_pipeline.run_config.spec import ImportSpec, ReadOptions
from import_pipeline.run_config.status_words import counters_for_page_000
from import_pipeline.run_config.translate import (
    from_page_000,
    from_page_001,
    from_page_003,
    from_page_004,
    from_plain,
)
from import_pipeline.words import (
    Action,
    DuplicateHandling,
    DuplicateStrategy,
    InvalidData,
    MappingDirection,
    UploadMode,
)
from import_pipeline_tests.examples import examples

CONTACT = record_types.get("contact")
law = examples(50)

FIELDS = ("id", *CONTACT.field_names)
WORDS = [word for field in CONTACT.fields for word in (field.name, field.label, *field.synonyms)]

text = st.text(max_size=12)
headers = st.lists(st.sampled_from([*WORDS, "id", "Id", "years"]) | text, max_size=12, unique=True)
one_to_one = st.lists(st.tuples(text, text), max_size=6, unique_by=(lambda pair: pair[0], lambda pair: pair[1])).map(
    dict
)
words = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=12)
word_lists = st.lists(words, max_size=4)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
marks = st.text(st.characters(exclude_characters="\r\n\x00", exclude_categories=["Cs"]), min_size=1, max_size=12)
readings = st.builds(
    ReadOptions,
    encoding=st.none() | text,
    delimiter=st.none() | marks,
    header_row=st.none() | st.integers(0, 50),
    decimal=st.sampled_from([None, ".", ","]),
)
specs = st.builds(
    ImportSpec,
    record_type=st.sampled_from(["contact", "company", "survey"]),
    organization=st.from_regex(r"[a-z0-9][a-z0-9_-]{0,10}", fullmatch=True),
    name=st.none() | text,
    column_mapping=st.none() | one_to_one,
    mapping_direction=st.none() | st.sampled_from(MappingDirection),
    auto_map=st.booleans(),
    value_mappings=st.dictionaries(text, st.dictionaries(text, st.none() | text, max_size=3), max_size=3),
    action=st.sampled_from([Action.MERGE, Action.OVERWRITE]),
    duplicate_strategy=st.sampled_from(DuplicateStrategy),
    duplicate_handling=st.sampled_from(DuplicateHandling),
    invalid_data=st.sampled_from(InvalidData),
    tag_delimiter=st.none() | st.text(min_size=1, max_size=8),
    tags=word_lists,
    groups=word_lists,
    group_tags=st.dictionaries(words, word_lists, max_size=3),
    create_missing=st.frozensets(st.sampled_from(["company", "group", "source"])),
    dry_run=st.booleans(),
    upload_mode=st.sampled_from(UploadMode),
    reading=readings,
)


@law
@given(one_to_one)
def test_a_mapping_turned_twice_is_the_mapping_again(mapping: dict[str, str]):
    assert turned_round(turned_round(mapping)) == mapping


@law
@given(st.dictionaries(text, text, max_size=6))
def test_turning_round_keeps_every_pair_or_refuses(mapping: dict[str, str]):
    try:
        turned = turned_round(mapping)
    except SpecError:
        assert len(set(mapping.values())) < len(mapping)
    else:
        assert {(right, left) for left, right in mapping.items()} == set(turned.items())


@law
@given(specs)
def test_a_spec_written_out_and_read_again_is_the_same_spec(spec: ImportSpec):
    assert from_plain(spec.model_dump()) == spec
    assert from_plain(spec.model_dump(mode="json")) == spec
    assert ImportSpec.model_validate_json(spec.model_dump_json()) == spec
    assert spec.replaced() == spec


def test_an_empty_delimiter_is_refused():
    with pytest.raises(ValidationError, match="it can part no cells"):
        ReadOptions(delimiter="")


@law
@given(headers, st.randoms(use_true_random=False))
def test_suggestions_are_one_to_one_and_do_not_depend_on_the_order_of_headers(names: list[str], random: Any):
    suggestions = suggest(names, CONTACT)
    assert [suggestion.column for suggestion in suggestions] == names
    fields = [suggestion.field for suggestion in suggestions if suggestion.field is not None]
    assert len(fields) == len(set(fields))
    assert set(fields) <= set(FIELDS)
    for suggestion in suggestions:
        assert 0 <= suggestion.score <= 100
        assert (suggestion.field is None) == (suggestion.how == "none") == (suggestion.score == 0)

    shuffled = random.sample(names, len(names))
    assert set(suggest(shuffled, CONTACT)) == set(suggestions)


@law
@given(headers)
def test_without_a_mapping_the_usable_suggestions_are_applied_and_others_wait(names: list[str]):
    suggestions = suggest(names, CONTACT)
    spec = from_plain({"record_type": "contact"})
    try:
        resolved = resolve(spec, names, CONTACT)
    except ReviewNeededError as error:
        waiting = error.culprits["suggestions"]
        assert not usable(suggestions)
        assert waiting == [suggestion.as_dict() for suggestion in suggestions]
    else:
        assert usable(suggestions)
        assert resolved == {found.column: found.field for found in suggestions if found.field is not None}


@law
@given(st.data())
def test_both_directions_of_a_mapping_mean_the_same_or_are_refused(data: st.DataObject):
    names = data.draw(headers)
    columns = data.draw(st.lists(st.sampled_from(names), unique=True)) if names else []
    fields = data.draw(st.permutations(FIELDS))
    mapping = dict(zip(columns, fields, strict=False))
    backwards = turned_round(mapping)
    try:
        assert orient(mapping, names, CONTACT) == orient(backwards, names, CONTACT) == mapping
    except SpecError:
        assert set(mapping.values()) <= set(names)  # only then can the fields be taken for columns

    settled = from_plain(
        {"record_type": "contact", "column_mapping": backwards, "mapping_direction": "field_to_column"}
    )
    assert settled.column_mapping == mapping
    try:
        assert resolve(settled, names, CONTACT) == mapping
    except MappingError:
        assert set(mapping.values()).isdisjoint({"id", "external_id", "email", "phone"})


AXES = list(itertools.product(Action, DuplicateStrategy, DuplicateHandling, InvalidData, UploadMode))


def test_every_combination_of_words_is_translated_or_refused_as_a_contradiction():
    for action, strategy, handling, invalid, mode in AXES:
        body = {
            "record_type": "contact",
            "action": action.value,
            "duplicate_strategy": strategy.value,
            "duplicate_handling": handling.value,
            "invalid_data": invalid.value,
            "upload_mode": mode.value,
        }
        if action is Action.DELETE and strategy is not DuplicateStrategy.MERGE:
            with pytest.raises(SpecError, match="Read by the action"):
                from_plain(body)
        else:
            spec = from_plain(body)
            assert (spec.action, spec.duplicate_strategy) == (action, strategy)
            assert (spec.duplicate_handling, spec.invalid_data, spec.upload_mode) == (handling, invalid, mode)


BODY_KEYS = [
    *("record_type", "organization", "column_mapping", "mapping_direction", "value_mappings", "tags", "groups"),
    *("group_tags", "reading", "action", "duplicate_strategy", "duplicate_handling", "tag_delimiter", "model_type"),
    *("resource", "upload_mode", "data", "file_headers_mappings", "file_headers", "file_constants_mappings"),
    *("tag_list", "override", "in_preview", "user", "source", "schema_id", "fields", "settings", "hooks"),
    *("initial_data", "original_filename", "import_metadata", "import_by_group", "create_missing"),
]
bodies = st.dictionaries(st.sampled_from(BODY_KEYS) | text, json_values, max_size=6)


@law
@given(bodies | json_values)
def test_any_json_is_a_spec_or_one_of_our_own_refusals(body: Any):
    for translate in (from_page_000, from_page_001, from_page_003, from_page_004, from_plain):
        try:
            spec = translate(body)
        except ImportPipelineError:
            continue
        assert isinstance(spec, ImportSpec)


@law
@given(
    st.text(alphabet=st.sampled_from("a:-[]{}&*!#|>'\"%@`\n \t,?\\~=<0é\x00\ud800"), max_size=60)
    | st.binary(max_size=40)
)
def test_any_text_is_a_sidecar_or_a_feeds_file_or_one_of_our_own_refusals(content: str | bytes):
    for read in (lambda: spec_for_object("uploads/acme/contact/a.csv", content), lambda: parse_feeds(content)):
        with suppress(ImportPipelineError):
            read()


counts = st.none() | st.integers(0, 10**9)
COUNTERS = ["created_count", "updated_count", "unchanged_count", "skipped_count", "deleted_count", "failed_count"]


@law
@given(st.fixed_dictionaries(dict.fromkeys(COUNTERS, counts)))
def test_processed_rows_of_page_000_are_the_sum_of_its_counters(outcomes: dict[str, int | None]):
    total = sum(outcomes[name] or 0 for name in COUNTERS)
    answer = counters_for_page_000({"total_rows": total, **outcomes})
    shown = {key: value or 0 for key, value in answer.items()}
    assert shown["processed_rows"] == shown["total_rows"] == total
    assert total == sum(value for key, value in shown.items() if key not in ("total_rows", "processed_rows"))
