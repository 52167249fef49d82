import json

import pytest

from import_pipeline.errors import SpecError
from import_pipeline.run_config.translate import from_page_003
from import_pipeline.words import Action, DuplicateStrategy

ATTRIBUTES = {
    "file_headers": {"e_mail": "E-mail", "fname": "Fname", "state": "State"},
    "file_headers_mappings": {"email_1": "e_mail", "first_name": "fname", "status": "state"},
    "file_constants": {"state": ["yes", "no", ""]},
    "file_constants_mappings": {
        "status": [
            {"id": "active", "values": ["yes", "Yes"]},
            {"id": "inactive", "values": ["no"]},
            {"id": "", "values": [""]},
        ]
    },
    "tag_list": "spring, leads,,spring",
    "source": "csv",
    "override": True,
    "in_preview": True,
}


def test_the_attributes_of_the_page_become_a_spec():
    spec = from_page_003(ATTRIBUTES, organization="acme", created_by="user_1")

    assert (spec.record_type, spec.organization, spec.created_by) == ("contact", "acme", "user_1")
    assert spec.column_mapping == {"E-mail": "email", "Fname": "first_name", "State": "status"}
    assert spec.mapping_direction == "column_to_field"
    assert spec.value_mappings == {"status": {"yes": "active", "Yes": "active", "no": "inactive", "": None}}
    assert spec.tags == ("spring", "leads")
    assert spec.default_source == "csv"
    assert spec.action is Action.MERGE


@pytest.mark.parametrize(
    ("override", "strategy"), [(True, DuplicateStrategy.MERGE), (False, DuplicateStrategy.FILL), ("true", "merge")]
)
def test_override_lets_imported_values_win_and_else_only_empty_fields_are_filled(override: object, strategy: str):
    assert from_page_003({"override": override}).duplicate_strategy == strategy


def test_without_override_only_empty_fields_are_filled():
    assert from_page_003({}).duplicate_strategy is DuplicateStrategy.FILL


@pytest.mark.parametrize(("in_preview", "stops"), [(True, True), (False, False), ("false", False)])
def test_a_preview_stops_before_anything_is_written(in_preview: object, stops: bool):
    assert from_page_003({"in_preview": in_preview}).dry_run is stops


def test_an_import_is_not_in_preview_unless_it_says_so():
    assert from_page_003({}).dry_run is False


def test_a_json_api_document_says_the_same_as_flat_attributes():
    document = {
        "data": {
            "type": "imports",
            "attributes": ATTRIBUTES,
            "relationships": {"user": {"data": {"type": "users", "id": "user_7"}}},
        }
    }
    assert from_page_003(document) == from_page_003(ATTRIBUTES, created_by="user_7")


@pytest.mark.parametrize("user", ["user_7", {"id": "user_7"}, {"data": {"id": "user_7", "type": "users"}}])
def test_the_user_is_who_asked(user: object):
    assert from_page_003({"user": user}).created_by == "user_7"


def test_a_form_may_send_objects_as_json_text():
    form = {
        key: json.dumps(value) if isinstance(value, dict) else str(value).lower() if isinstance(value, bool) else value
        for key, value in ATTRIBUTES.items()
    }
    assert from_page_003(form) == from_page_003(ATTRIBUTES)


def test_headers_may_be_named_as_the_file_has_them():
    spec = from_page_003({"file_headers_mappings": {"email": "E-mail", "zip": "Postcode", "notes": None}})
    assert spec.column_mapping == {"E-mail": "email", "Postcode": "postal_code"}


def test_no_mapping_leaves_the_mapping_to_suggestions():
    assert from_page_003({}).column_mapping is None


@pytest.mark.parametrize(
    "constants",
    [
        [{"id": "active", "values": ["yes", "y"]}, {"id": None, "values": ["no", None]}],
        {"active": ["yes", "y"], "": ["no", None]},
        {"active": ["yes", "y"], "": ["no", ""]},
    ],
)
def test_both_shapes_of_constants_mean_the_same(constants: object):
    spec = from_page_003({"file_constants_mappings": {"status": constants}})
    assert spec.value_mappings == {"status": {"yes": "active", "y": "active", "no": None, "": None}}


def test_a_single_constant_and_a_single_value_need_no_list():
    given = {"status": {"id": "active", "values": ["yes"]}, "newsletter": {"email": "E"}}
    spec = from_page_003({"file_constants_mappings": given})
    assert spec.value_mappings == {"status": {"yes": "active"}, "newsletter": {"E": "email"}}


@pytest.mark.parametrize(
    "constants", [7, "yes", [{"id": "active"}], [{"values": ["x"]}], {"active": {"x": 1}}, [["a"]], None]
)
def test_constants_of_neither_shape_are_refused(constants: object):
    with pytest.raises(SpecError, match=r"file_constants_mappings of 'status' is .*it must be a list of"):
        from_page_003({"file_constants_mappings": {"status": constants}})


def test_one_value_with_two_constants_is_refused_with_both():
    constants = [{"id": "active", "values": ["x"]}, {"id": "inactive", "values": ["x"]}]
    with pytest.raises(SpecError, match=r"'x' of 'status' to 'active' and to 'inactive'"):
        from_page_003({"file_constants_mappings": {"status": constants}})


@pytest.mark.parametrize("tags", ["a, b", ["a", " b "], ["a", "b", "a"], " a ,, b"])
def test_tags_are_a_list_or_text_with_commas(tags: object):
    assert from_page_003({"tag_list": tags}).tags == ("a", "b")


def test_groups_have_tags_of_their_own():
    spec = from_page_003({"groups": "g1, g2", "group_tags": {"g1": "a, b", "g2": ["c"]}, "import_by_group": True})
    assert spec.groups == ("g1", "g2")
    assert spec.group_tags == {"g1": ("a", "b"), "g2": ("c",)}
    assert spec.import_by_group


def test_plain_group_tags_belong_to_the_only_group():
    assert from_page_003({"groups": ["g1"], "group_tags": "a, b"}).group_tags == {"g1": ("a", "b")}


@pytest.mark.parametrize("groups", [[], ["g1", "g2"]])
def test_plain_group_tags_for_several_groups_or_none_are_refused(groups: list[str]):
    with pytest.raises(SpecError, match=r"every group, or one for each in turn"):
        from_page_003({"groups": groups, "group_tags": "a, b"})


def test_empty_group_tags_say_nothing():
    assert from_page_003({"group_tags": ""}).group_tags == {}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"import_by_group": True}, ["import_by_group", "`groups` names none"]),
        ({"overide": True}, ["'overide'", "Did you mean 'override'?"]),
        ({"override": "perhaps"}, ["'override'", "'perhaps'", "boolean"]),
        ({"file_headers_mappings": "{not json"}, ["file_headers_mappings", "not JSON"]),
        ({"file_headers_mappings": {"email": "A", "email_1": "B"}}, ["'email' twice", "'A'", "'B'"]),
        ({"file_headers_mappings": {"email": "A", "email_2": "A"}}, ["'A' to both 'email' and 'email_2'"]),
        (
            {"file_headers": {"a": "b", "b": "c"}, "file_headers_mappings": {"email": "b"}},
            ["the header 'b' and also the key of the header 'c'"],
        ),
        ({"tag_list": [1]}, ["tag_list", "1"]),
        ({"account_list_id": "Not Allowed"}, ["organization", "'Not Allowed'"]),
        ({"data": {"attributes": []}}, ["data.attributes"]),
        ([], ["is not an object"]),
    ],
)
def test_a_body_that_does_not_fit_is_refused_with_field_value_and_remedy(body: dict, words: list[str]):
    with pytest.raises(SpecError) as refusal:
        from_page_003(body)
    for word in words:
        assert word in refusal.value.message


def test_the_account_list_is_the_organization_where_nothing_else_says_it():
    assert from_page_003({"account_list_id": "acme"}).organization == "acme"
    with pytest.raises(SpecError, match=r"'acme'.*'other'"):
        from_page_003({"account_list_id": "acme"}, organization="other")


def test_what_the_server_wrote_may_be_sent_back():
    own = {"id": "imp_1", "created_at": "2024-01-01", "updated_at": "2024-01-01", "file_url": "https://example.com/f"}
    assert from_page_003(ATTRIBUTES | own) == from_page_003(ATTRIBUTES)
