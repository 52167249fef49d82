"""Files of stored records that come back: lists, extra, ids of another place, bookkeeping, declared record types."""

from pathlib import Path
from typing import Any

import pytest

from import_pipeline.service import queries
from import_pipeline_tests.importing import Importing, counts

GUESTS = "custom_guests"
FIELDS = [
    {"key": "code", "validators": [{"validate": "unique"}]},
    {"key": "=score", "label": "code", "type": ["number", {"preset": "percent"}]},
    {"key": "seen", "type": "datetime"},
    {"key": "at", "type": "time"},
    {"key": "vip", "type": "checkbox"},
    {"key": "likes", "type": ["multi-select", {"delimiter": ",", "allowCustom": True}]},
    {"key": "size", "type": "select", "selectOptions": [{"value": "S", "label": "M"}, {"value": "M", "label": "L"}]},
]


def export(importing: Importing, record_type: str = "contact", organization: str = "default") -> str:
    """The export of all records of a type."""
    path = importing.folder / "export.csv"
    queries.write_records_csv(importing.home, record_type, organization, path)
    return path.read_text(encoding="utf-8")


def records(importing: Importing, organization: str, record_type: str = "contact") -> list[dict[str, Any]]:
    """Fields of the stored records that are not empty."""
    return importing.stored(record_type, organization)


def test_a_list_is_read_from_a_json_array_whatever_the_delimiter(importing: Importing):
    importing.run(
        'email,tags\na@example.com,"[""food, drink"", ""a|b"", """"]"\nb@example.com,[draft]\n', tag_delimiter="|"
    )
    assert [one["tags"] for one in importing.stored()] == [["food, drink", "a|b"], ["[draft]"]]
    importing.run('email,tags\nc@example.com,"[1, 2]"\n')
    assert importing.stored()[2]["tags"] == ["[1, 2]"]


def test_a_tag_that_looks_like_json_comes_back_as_the_tag_that_it_is(importing: Importing):
    importing.run('email,tags\na@example.com,"[""[\\""a\\""]"", ""{}""]"\n')
    before = importing.stored()
    assert before[0]["tags"] == ['["a"]', "{}"]
    assert counts(importing.run(export(importing), duplicate_strategy="overwrite")) == {"unchanged": 1}
    assert importing.stored() == before


def test_the_columns_that_the_store_keeps_are_no_customer_data_and_extra_stays_extra(importing: Importing):
    importing.run("email,Badge\na@example.com,red\n", keep_unmapped=True)
    before = importing.stored()
    text = export(importing)
    again = importing.run(text, keep_unmapped=True, duplicate_strategy="overwrite")
    assert counts(again) == {"unchanged": 1}
    assert "unmapped" not in (again["reason"] or "")
    added = text.replace('"email"', '"Shoe","email"', 1).replace('"a@example.com"', '"38","a@example.com"', 1)
    mapping = {"id": "id", "email": "email"}
    importing.run(added, keep_unmapped=True, column_mapping=mapping)
    assert importing.stored()[0]["extra"].startswith('{"Badge":"red"')
    assert '"Shoe":"38"' in importing.stored()[0]["extra"]
    assert "created_at" not in importing.stored()[0]["extra"]
    assert before[0]["extra"] == '{"Badge":"red"}'


def test_an_extra_that_is_no_json_any_more_fails_its_row_and_comes_back_in_the_errors_file(importing: Importing):
    importing.run("email,Badge\na@example.com,red\n", keep_unmapped=True)
    before = importing.stored()
    text = export(importing).replace('{""Badge"":""red""}', "red", 1)
    failed = importing.run(text, duplicate_strategy="overwrite")
    assert (counts(failed), importing.defects(failed["id"])) == ({"failed": 1}, [(1, "extra", "invalid_extra")])
    errors = importing.errors_file(failed["id"])
    mended = importing.run(errors.replace('"red"', '"{""Badge"":""red""}"', 1), duplicate_strategy="overwrite")
    assert counts(mended) == {"unchanged": 1}
    assert importing.stored() == before


def test_in_another_organization_rows_are_found_by_their_other_identifiers_or_are_new_with_a_warning(
    importing: Importing,
):
    importing.run("email,first_name\na@example.com,Ann\nb@example.com,Bob\n")
    importing.run("email,city\nA@example.com,Graz\n", organization="other")
    moved = importing.run(export(importing), organization="other")
    assert counts(moved) == {"created": 1, "updated": 1}
    warned = queries.defects(importing.home, moved["id"])
    assert [(one["row_number"], one["code"], one["level"]) for one in warned] == [
        (1, "unknown_id", "warning"),
        (2, "unknown_id", "warning"),
    ]
    assert sorted(one["first_name"] for one in records(importing, "other")) == ["Ann", "Bob"]
    assert len(importing.ids()) == 2


def test_a_record_that_was_deleted_since_comes_back_from_the_export_with_its_id_if_that_is_asked(importing: Importing):
    importing.run("email,first_name\na@example.com,Ann\nb@example.com,Bob\n")
    ids, text = importing.ids(), export(importing)
    importing.run(f"id\n{ids[1]}\n", action="delete")
    again = importing.run(text, keep_ids=True)
    assert counts(again) == {"created": 1, "unchanged": 1}
    assert sorted(importing.ids()) == sorted(ids)
    assert counts(importing.run(text)) == {"unchanged": 2}


def test_an_id_that_another_record_type_has_is_not_kept(importing: Importing):
    importing.run("name\nVega\n", "company")
    (taken,) = importing.ids("company")
    importing.run("email\na@example.com\n", organization="other")
    text = export(importing, organization="other")
    (own,) = [one["id"] for one in queries.records(importing.home, "contact", "other", limit=None)]
    importing.run(text.replace(own, taken), keep_ids=True)
    assert importing.ids() != [taken]
    assert importing.stored() == [{"email": "a@example.com"}]


def test_two_rows_of_an_export_that_mean_one_record_elsewhere_do_not_make_two_of_it(importing: Importing):
    importing.run("external_id,email\n1,a@example.com\n2,b@example.com\n")
    text = export(importing).replace("b@example.com", "a@example.com").replace('"2"', '"1"')
    moved = importing.run(text, organization="other")
    assert counts(moved) == {"skipped": 2}
    assert importing.stored(organization="other") == []


def test_a_list_of_exported_records_to_delete_fails_where_a_record_is_not_stored(importing: Importing):
    importing.run("email\na@example.com\n")
    text = export(importing)
    assert counts(importing.run(text, action="delete", organization="other")) == {"failed": 1}
    assert counts(importing.run(text, action="delete")) == {"deleted": 1}


def test_names_that_do_not_go_together_come_back_as_they_are(importing: Importing):
    header = "email,first_name,last_name,full_name\n"
    importing.run(f"{header}a@example.com,Robert,Smith,Bobby the Great\nb@example.com,Ada,King,\n")
    importing.run(f"{header}b@example.com,-,-,Ada King\n", clear_token="-")
    before = importing.stored()
    assert before[1] == {"email": "b@example.com", "full_name": "Ada King"}
    for strategy in ("merge", "fill", "overwrite"):
        assert counts(importing.run(export(importing), duplicate_strategy=strategy)) == {"unchanged": 2}
    importing.run(export(importing), organization="other")
    assert importing.stored(organization="other") == before


@pytest.mark.parametrize("strategy", ["merge", "overwrite", "fill"])
def test_a_record_type_that_the_call_declares_comes_back_too(importing: Importing, strategy: str, tmp_path: Path):
    csv = (
        "code,=score,seen,at,vip,likes,size\n"
        '007,12.5%,2026-01-31 13:45:30.5,1:45 pm,yes,"a,b",M\n'
        '=x,-3,2026-02-01,23:59,no,"[""c, d"", ""e""]",L\n'
        "1E5,,,,,,S\n"
    )
    mapping = {name: name for name in csv.split("\n", 1)[0].split(",")}
    importing.run(csv, GUESTS, schema_fields=FIELDS, column_mapping=mapping)
    before, text = records(importing, "default", GUESTS), export(importing, GUESTS)
    assert [one.get("size") for one in before] == ["M", "M", "S"]
    again = importing.run(text, GUESTS, schema_fields=FIELDS, duplicate_strategy=strategy)
    assert (again["status"], counts(again)) == ("completed", {"unchanged": 3})
    moved = importing.run(text, GUESTS, schema_fields=FIELDS, duplicate_strategy=strategy, organization="other")
    assert counts(moved) == {"created": 3}
    assert records(importing, "default", GUESTS) == before
    assert records(importing, "other", GUESTS) == before
