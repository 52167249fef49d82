import itertools
import json

import pytest

from import_pipeline.errors import SpecError
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.run_config.translate import from_plain, spec_from_options
from import_pipeline.words import Action, DuplicateHandling, DuplicateStrategy

CONTACT = {"record_type": "contact"}


def test_the_record_type_alone_is_a_spec_with_the_defaults():
    spec = from_plain(CONTACT)
    assert (spec.action, spec.duplicate_strategy, spec.duplicate_handling) == ("merge", "merge", "ignore_all")
    assert spec.organization == "default"
    assert spec.column_mapping is None


def test_all_three_axes_are_said_in_their_own_words():
    asked = {"action": "overwrite", "duplicate_strategy": "fill", "duplicate_handling": "use_first"}
    spec = from_plain(CONTACT | asked)
    assert spec.action is Action.OVERWRITE
    assert spec.duplicate_strategy is DuplicateStrategy.FILL
    assert spec.duplicate_handling is DuplicateHandling.USE_FIRST


@pytest.mark.parametrize("tags", ["vip, leads", ["vip", "leads"], ("vip", " leads "), "vip,,leads,vip"])
def test_tags_may_be_a_list_or_text_with_commas(tags: object):
    assert from_plain(CONTACT | {"tags": tags}).tags == ("vip", "leads")


def test_lists_of_all_kinds_may_be_text_with_commas():
    spec = from_plain(CONTACT | {"groups": "a, b", "group_tags": {"a": "x, y"}, "create_missing": "company, group"})
    assert spec.groups == ("a", "b")
    assert spec.group_tags == {"a": ("x", "y")}
    assert spec.create_missing == {"company", "group"}


def test_sets_of_words_are_the_same_text_in_whatever_order_they_are_said():
    words = ["company", "group", "source"]
    texts = {
        from_plain(CONTACT | {"create_missing": list(said)}).model_dump_json() for said in itertools.permutations(words)
    }
    [text] = texts
    assert json.loads(text)["create_missing"] == words


def test_a_key_without_a_value_counts_as_left_out():
    assert from_plain(CONTACT | {"tags": None, "action": None, "name": None}) == from_plain(CONTACT)


def test_a_mapping_of_unsaid_direction_is_kept_as_it_is_written():
    spec = from_plain(CONTACT | {"column_mapping": {"email": "E-mail", "notes": None}})
    assert (spec.column_mapping, spec.mapping_direction) == ({"email": "E-mail"}, None)


def test_a_mapping_that_is_said_to_go_from_field_to_column_is_turned_round():
    spec = from_plain(CONTACT | {"column_mapping": {"email": "E-mail"}, "mapping_direction": "field_to_column"})
    assert (spec.column_mapping, spec.mapping_direction) == ({"E-mail": "email"}, "column_to_field")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, ["'record_type' is missing"]),
        ({"mapping": {}}, ["Unknown key 'mapping'", "Did you mean 'column_mapping'?"]),
        ({"duplicate_stategy": "skip"}, ["Did you mean 'duplicate_strategy'?"]),
        ({"zzz": 1}, ["Unknown key 'zzz'", "Known:"]),
        ({"reading": {"encodng": "utf-8"}}, ["'reading.encodng'", "Did you mean 'encoding'?"]),
        ({"reading": {"decimal": ";"}}, ["'reading.decimal'", "';'"]),
        ({"reading": {"header_row": -1}}, ["'reading.header_row'", "-1"]),
        ({"organization": "Acme Inc"}, ["'organization'", "'Acme Inc'", "[a-z0-9]"]),
        ({"organization": "acme/../other"}, ["'organization'"]),
        ({"organization": "acme\n"}, ["'organization'"]),
        ({"action": "upsert"}, ["'action'", "'upsert'", "'merge', 'overwrite' or 'delete'"]),
        ({"dry_run": "perhaps"}, ["'dry_run'", "'perhaps'"]),
        ({"tags": 7}, ["'tags'", "7"]),
        ({"tags": ["a", 7]}, ["'tags.1'", "7"]),
        ({"column_mapping": {"a": "email", "b": "email"}}, ["'a'", "'b'", "'email'"]),
        ({"column_mapping": {"a": [1]}, "mapping_direction": "field_to_column"}, ["'column_mapping.a'", "[1]"]),
        ({"column_mapping": {"a": 1, "b": 1}, "mapping_direction": "field_to_column"}, ["'column_mapping.a'"]),
        ({"mapping_direction": "up"}, ["'mapping_direction'", "'column_to_field' or 'field_to_column'"]),
        ({"value_mappings": {"status": ["a"]}}, ["'value_mappings.status'"]),
        ({"create_missing": ["contact"]}, ["create_missing", "'contact'", "'company', 'group', 'source'"]),
        ({"default_source": ""}, ["'default_source'"]),
        ({"default_source": "c\x00sv"}, [r"'c\x00sv'", "remove it"]),
        ({"tags": "a,v\x00ip"}, [r"'v\x00ip'", "remove it"]),
        ({"group_tags": {"v\x07ip": "a"}}, [r"'v\x07ip'", "remove it"]),
    ],
)
def test_a_spec_that_does_not_fit_is_refused_with_key_value_and_remedy(body: dict, words: list[str]):
    with pytest.raises(SpecError) as refusal:
        from_plain((CONTACT if body else {}) | body, "leads.csv.import.yaml")
    for word in [*words, "leads.csv.import.yaml"]:
        assert word in refusal.value.message


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            {"action": "delete", "duplicate_strategy": "skip"},
            ["are deleted", "are kept", "Leave duplicate_strategy out"],
        ),
        ({"action": "delete", "duplicate_strategy": "fill"}, ["'delete'", "'fill'"]),
        ({"action": "delete", "duplicate_strategy": "overwrite"}, ["'delete'", "'overwrite'"]),
        ({"action": "delete", "tags": "vip"}, ["'tags'", "Leave tags out to delete"]),
        ({"action": "delete", "groups": "g", "default_source": "csv"}, ["'groups', 'default_source'"]),
        ({"import_by_group": True}, ["names none"]),
        ({"import_by_group": True, "groups": "a", "group_tags": {"b": "x"}}, ["'b'", "Add them to `groups`"]),
        ({"action": "overwrite", "import_by_group": True, "groups": "a"}, ["'overwrite'", "import_by_group to false"]),
    ],
)
def test_contradictions_are_refused_with_both_readings(body: dict, words: list[str]):
    with pytest.raises(SpecError) as refusal:
        from_plain(CONTACT | body)
    for word in words:
        assert word in refusal.value.message


def test_a_delete_of_the_rows_of_some_groups_is_no_contradiction():
    assert from_plain(CONTACT | {"action": "delete", "groups": "a", "import_by_group": True}).groups == ("a",)


def test_a_long_value_is_cut_in_a_refusal_and_a_long_list_of_problems_too():
    with pytest.raises(SpecError) as refusal:
        from_plain(CONTACT | {"action": "x" * 10_000} | {f"k{number}": 1 for number in range(50)})
    assert len(refusal.value.message) < 5_000
    assert "more problems follow" in refusal.value.message


def test_every_key_is_described_for_people():
    assert [name for name, field in ImportSpec.model_fields.items() if not field.description] == []


def test_options_that_are_left_out_do_not_count():
    spec = spec_from_options("contact", mapping={"E-mail": "email"}, action=None, tags="a,b", auto_map=True, name=None)
    assert spec == from_plain(CONTACT | {"column_mapping": {"E-mail": "email"}, "tags": ["a", "b"], "auto_map": True})


def test_an_unknown_option_is_refused_with_the_nearest():
    with pytest.raises(SpecError, match=r"The options: Unknown key 'automap'\. Did you mean 'auto_map'\?"):
        spec_from_options("contact", automap=True)


@pytest.mark.parametrize(
    ("reading", "said"),
    [
        ({"delimiter": ""}, "'reading.delimiter' is '': It is empty"),
        ({"delimiter": "\n"}, "A line end or NUL cannot be it"),
        ({"delimiter": ";" * 50}, "at most 16 characters"),
        ({"quote": "''"}, "It must be one character"),
        ({"quote": "\0"}, "A line end or NUL cannot be it"),
        ({"escape": "\\\\"}, "It must be one character"),
        ({"delimiter": ";", "quote": ";"}, "delimiter is ';' and quote is ';': one sign cannot be both"),
        ({"delimiter": "||", "escape": "|"}, "one sign cannot be both"),
        ({"header_row": 10**18}, "'reading.header_row' is 1000000000000000000"),
        ({"skip_rows": 10**18}, "'reading.skip_rows' is 1000000000000000000"),
        ({"encoding": "x" * 1_000}, "at most 40 characters"),
        ({"date_format": "%Y" * 1_000}, "at most 100 characters"),
    ],
)
def test_what_cannot_be_said_of_a_file_is_refused_where_it_is_said(reading: dict[str, object], said: str):
    with pytest.raises(SpecError) as refused:
        from_plain(CONTACT | {"reading": reading})
    assert said in refused.value.message
    assert len(refused.value.message) < 400


@pytest.mark.parametrize("reading", [{"quote": ""}, {"delimiter": "||"}, {"delimiter": ";", "quote": "'"}])
def test_unusual_signs_may_be_said_of_a_file(reading: dict[str, object]):
    assert from_plain(CONTACT | {"reading": reading}).reading.model_dump(exclude_unset=True) == reading
