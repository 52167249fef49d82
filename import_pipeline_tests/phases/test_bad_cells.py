"""One bad cell costs one row at most, and none where the row can do without it."""

import pytest

from import_pipeline.errors import SpecError
from import_pipeline.run_config.plain import from_plain
from import_pipeline.service import queries
from import_pipeline.service.replaying import replay
from import_pipeline_tests.importing import Importing, counts

TEXT = (
    "email,phone,website,date_of_birth,status,first_name\n"
    "ann@example.com,call me,no web page,31/31/1980,100 %,Ann\n"
    "bob@example.com,+49 40 55501,www.example.com,1980-12-31,lead,Bob\n"
)


def test_bad_cells_that_identify_nothing_are_left_empty_and_told(importing: Importing):
    imported = importing.run(TEXT)
    assert counts(imported) == {"created": 2}
    assert importing.stored()[0] == {"email": "ann@example.com", "first_name": "Ann"}
    warnings = queries.defects(importing.home, imported["id"])
    assert {one["field"] for one in warnings} == {"phone", "website", "date_of_birth", "status"}
    assert {one["level"] for one in warnings} == {"warning"}
    assert all(one["message"].endswith("The cell is taken as empty.") for one in warnings)
    assert "4 cells are wrong and taken as empty, by field:" in imported["reason"]


@pytest.mark.every_store
def test_a_cell_with_a_nul_costs_its_row_whatever_its_field_and_the_others_are_stored(importing: Importing):
    fields = ("first_name", "notes", "tags", "groups")
    cells = [",".join(["vip\x00gold" if field == own else "" for field in fields]) for own in fields]
    rows = "".join(f"{number},{row}\n" for number, row in enumerate([*cells, "Ann,,vip,"], 1))
    imported = importing.run(f"external_id,{','.join(fields)}\n{rows}")
    assert importing.defects(imported["id"]) == [(n, field, "control_character") for n, field in enumerate(fields, 1)]
    assert importing.stored() == [{"external_id": "5", "first_name": "Ann", "tags": ["vip"]}]


def test_a_word_that_is_no_choice_fails_its_row_until_it_is_said_what_it_means(importing: Importing):
    text = "email,status\nann@example.com,V.I.P.\nbob@example.com,lead\ncat@example.com,?\n"
    imported = importing.run(text)
    assert counts(imported) == {"created": 2, "failed": 1}
    assert (1, "status", "unknown_choice") in importing.defects(imported["id"])
    replayed = replay(importing.home, imported["id"], value_mappings={"status": {"V.I.P.": "customer"}})
    assert counts(importing.go(replayed.id)) == {"created": 1}
    assert {one["email"]: one.get("status") for one in importing.stored()} == {
        "ann@example.com": "customer",
        "bob@example.com": "lead",
        "cat@example.com": None,
    }


def test_where_bad_data_blocks_an_import_a_bad_cell_does(importing: Importing):
    waiting = importing.run(TEXT, invalid_data="block")
    assert (waiting["status"], importing.stored()) == ("needs_review", [])
    done = importing.run(TEXT, invalid_data="block", on_bad_optional="empty", import_again=True)
    assert counts(done) == {"created": 2}


def test_a_spec_that_empties_bad_cells_and_fails_their_rows_is_refused():
    with pytest.raises(SpecError, match="null_cells"):
        from_plain({"record_type": "contact", "invalid_data": "null_cells", "on_bad_optional": "fail"}, "The spec")


def test_declared_fields_fail_their_rows_unless_asked_otherwise(importing: Importing):
    fields = ({"key": "name", "type": "string"}, {"key": "seats", "type": "number"})
    text = "name,seats\nAnn,two\nBob,2\n"
    assert counts(importing.run(text, "custom_seats", schema_fields=fields)) == {"created": 1, "failed": 1}
    done = importing.run(text, "custom_seats", schema_fields=fields, on_bad_optional="empty", import_again=True)
    assert counts(done) == {"created": 2}


def test_a_bad_address_costs_the_contact_that_has_nothing_better(importing: Importing):
    imported = importing.run("external_id,email,phone\n,ann@,+49 40 55501\nK2,bob@,+49 40 55502\n")
    assert counts(imported) == {"failed": 2}  # an address is no cell that a row can do without


def test_a_bad_number_costs_no_contact_that_is_known_by_something_better(importing: Importing):
    imported = importing.run("external_id,email,phone\nK1,,call me\n,bob@example.com,1999-12-24\n,,call me\n")
    assert counts(imported) == {"created": 2, "failed": 1}
    assert importing.stored() == [{"external_id": "K1"}, {"email": "bob@example.com"}]


def test_a_bad_number_never_leads_to_whoever_shares_a_weaker_identifier(importing: Importing):
    importing.run("name,city\nOak,Ulm\n", "company")
    imported = importing.run("name,domain,city\nOak,no domain,Bonn\n", "company")
    assert counts(imported) == {"failed": 1}
    assert importing.stored("company") == [{"name": "Oak", "city": "Ulm"}]
    imported = importing.run("external_id,name,domain,city\nE1,Oak,no domain,Bonn\n", "company")
    assert counts(imported) == {"created": 1}  # not the Oak of Ulm: what tells them apart could not be read


def test_a_number_that_lost_its_digits_costs_its_row(importing: Importing):
    imported = importing.run("email,phone\nann@example.com,4.9172E+11\n")
    assert counts(imported) == {"failed": 1}
    assert importing.defects(imported["id"]) == [(1, "phone", "number_in_scientific_notation")]


def test_a_required_field_can_not_be_left_empty(importing: Importing):
    fields = ({"key": "name"}, {"key": "seats", "type": "number", "validators": [{"validate": "required"}]})
    text = "name,seats\nAnn,two\nBob,2\n"
    imported = importing.run(text, "custom_places", schema_fields=fields, on_bad_optional="empty")
    assert counts(imported) == {"created": 1, "failed": 1}


def test_an_overwrite_keeps_what_is_stored_where_the_cell_is_bad(importing: Importing):
    importing.run("email,phone,date_of_birth,city\nann@example.com,+49 40 55501,1980-12-31,Ulm\n")
    imported = importing.run(
        "email,phone,date_of_birth,city\nann@example.com,call me,31/31/1980,\n", duplicate_strategy="overwrite"
    )
    assert counts(imported) == {"updated": 1}
    (record,) = importing.stored()
    assert (record["phone"], str(record["date_of_birth"]), record.get("city")) == ("+49 40 55501", "1980-12-31", None)
    assert {one["message"].rpartition("The cell")[2] for one in queries.defects(importing.home, imported["id"])} == {
        " is taken as empty, and a stored value stays."
    }


def test_an_overwrite_of_all_deletes_nobody_for_a_bad_cell(importing: Importing):
    importing.run("email,phone\nann@example.com,+49 40 55501\nbob@example.com,+49 40 55502\n")
    imported = importing.run("email,phone\nann@example.com,call me\nbob@example.com,-\n", action="overwrite")
    assert imported["status"] == "completed"
    assert len(importing.stored()) == 2


def test_a_bad_identifier_still_protects_its_record_from_an_overwrite(importing: Importing):
    importing.run("email,city\nann@example.com,Ulm\nbob@example.com,Bonn\n")
    importing.run('email,phone\n"ann@example.com; x",\nbob@example.com,\n', action="overwrite", confirm_deletions=True)
    assert "bob@example.com" in [one["email"] for one in importing.stored()]


def test_a_year_of_two_digits_is_named_as_what_is_wrong_with_a_date(importing: Importing):
    imported = importing.run("email,date_of_birth\nann@example.com,24/12/71\nbob@example.com,3-Mar-80\n")
    defects = queries.defects(importing.home, imported["id"])
    assert [one["value"] for one in defects] == ["24/12/71", "3-Mar-80"]
    assert all(one["message"].startswith("A two-digit year") for one in defects)


def test_the_message_about_a_date_shows_the_cell(importing: Importing):
    imported = importing.run("email,date_of_birth\nann@example.com,12/24/61\n", reading={"date_format": "%m/%d/%y"})
    (defect,) = queries.defects(importing.home, imported["id"])
    assert (defect["code"], defect["value"]) == ("date_in_future", "12/24/61")


def test_who_decides_on_deletions_is_told_how_many_rows_have_defects_in_all(importing: Importing):
    importing.run("email,first_name\nann@example.com,Ann\nbob@example.com,Bob\n")
    text = "email,first_name,date_of_birth\nann@example.com,Ann,2999-01-01\nbob@@example.com,Bob,\n"
    imported = importing.run(text, action="overwrite")
    assert imported["status"] == "needs_review"
    assert "1 of 2 rows failed (invalid_email 1), 2 rows have defects in all" in imported["reason"]


def test_a_text_that_is_too_long_fails_its_row_and_is_neither_cut_nor_lost(importing: Importing):
    imported = importing.run(f"email,city\nann@example.com,Ulm\nbob@example.com,{'x' * 20_000}\n")
    assert (imported["created_count"], imported["failed_count"]) == (1, 1)
    assert (2, "city", "wrong_length") in importing.defects(imported["id"])
