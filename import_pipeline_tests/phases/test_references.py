"""Records refer by id: names are looked up when rows come in and shown when records are looked at."""

import pytest

from import_pipeline.service import queries, undoing
from import_pipeline_tests.importing import Importing, counts
from import_pipeline_tests.stored import rows_of

COMPANIES = "external_id,name\nK-1,Kite\nK-2,Lake\n"
PEOPLE = "external_id,email,company_external_id,groups,source\n1,ann@example.com,K-1,Team,Fair\n"


def kept(importing: Importing, select: str) -> list[tuple]:
    """What the record store holds, as it is kept."""
    return rows_of(importing.settings, select)


def chain(length: int, root: str, prefix: str = "C") -> str:
    """A file of companies each of which is below the one before."""
    lines = [f"{prefix}-{n},Name {n},{f'{prefix}-{n - 1}' if n else root}" for n in range(length)]
    return "\n".join(["external_id,name,parent_external_id", *lines]) + "\n"


def test_a_reference_is_kept_as_the_id_of_the_record_that_it_leads_to(importing: Importing):
    importing.run(COMPANIES, "company")
    importing.run(PEOPLE)
    (found,) = kept(importing, "SELECT company_external_id, groups, source FROM contacts")
    assert found == (importing.ids("company")[0], importing.ids("group"), importing.ids("source")[0])
    assert importing.stored()[0]["company_external_id"] == "K-1"


def test_members_stay_members_when_their_group_and_company_are_renamed(importing: Importing):
    importing.run(COMPANIES, "company")
    importing.run(PEOPLE)
    importing.run(
        f"id,name\n{importing.ids('group')[0]},Hikers\n", "group", column_mapping={"id": "id", "name": "name"}
    )
    importing.run(f"id,external_id\n{importing.ids('company')[0]},KITE-1\n", "company")
    (found,) = importing.stored()
    assert (found["groups"], found["company_external_id"]) == (["Hikers"], "KITE-1")
    assert counts(importing.run("external_id,groups,company_external_id\n1,hikers,KITE-1\n")) == {"unchanged": 1}
    page = queries.find_records(
        importing.home, "contact", "default", {"groups": "hikers", "company_external_id": "KITE-1"}
    )
    assert [record["external_id"] for record in page["data"]] == ["1"]


def test_a_new_record_takes_the_name_that_a_renamed_one_gave_up(importing: Importing):
    importing.run(PEOPLE, create_missing=["company", "group", "source"])
    importing.run(
        f"id,name\n{importing.ids('group')[0]},Hikers\n", "group", column_mapping={"id": "id", "name": "name"}
    )
    importing.run("external_id,email,groups\n2,bob@example.com,Team\n")
    assert [record["groups"] for record in importing.stored()] == [["Hikers"], ["Team"]]
    assert sorted(group["name"] for group in importing.stored("group")) == ["Hikers", "Team"]


def test_a_group_named_in_two_spellings_is_one_group_and_adding_it_again_changes_nothing(importing: Importing):
    csv = "email,groups\nann@example.com,Walkers;walkers;Choir\n"
    importing.run(csv, tag_delimiter=";")
    assert [len(record["groups"]) for record in importing.stored()] == [2]
    assert len(importing.stored("group")) == 2
    assert counts(importing.run("email,groups\nann@example.com,WALKERS\n")) == {"unchanged": 1}


def test_the_id_of_a_record_may_be_written_in_place_of_its_external_id(importing: Importing):
    importing.run("name\nKite\n", "company")
    (company,) = importing.ids("company")
    importing.run(f"email,company_external_id\nann@example.com,{company}\n")
    assert kept(importing, "SELECT company_external_id FROM contacts") == [(company,)]
    assert importing.stored()[0]["company_external_id"] == company  # it has no external id that could be shown


def test_rows_tell_references_by_name_before_and_after(importing: Importing):
    importing.run(COMPANIES, "company")
    importing.run(PEOPLE)
    changed = importing.run("external_id,company_external_id,groups\n1,K-2,Choir\n")
    (row,) = queries.rows(importing.home, changed["id"])
    assert row["changes"] == [
        {"field": "company_external_id", "before": "K-1", "after": "K-2"},
        {"field": "groups", "before": '["Team"]', "after": '["Team","Choir"]'},
    ]
    events = queries.history(importing.home, "contact", importing.ids()[0], "default")
    assert events[-1]["before"]["groups"] == ["Team"]
    assert events[-1]["after"]["company_external_id"] == "K-2"


def test_an_undo_gives_back_the_same_references(importing: Importing):
    importing.run(COMPANIES, "company")
    importing.run(PEOPLE)
    before = kept(importing, "SELECT company_external_id, groups, source FROM contacts")
    done = importing.run("external_id,company_external_id,groups\n1,K-2,Choir\n")["id"]
    undoing.undo(importing.home, done)
    assert kept(importing, "SELECT company_external_id, groups, source FROM contacts") == before


@pytest.mark.parametrize("length", [1, 2, 7, 300])
def test_companies_in_a_circle_are_not_written_however_long_it_is(importing: Importing, length: int):
    csv = chain(length, root=f"C-{length - 1}") + "X-1,Top,\nX-2,Below,X-1\n"
    imported = importing.run(csv, "company")
    assert counts(imported) == {"created": 2, "failed": length}
    assert {code for _, _, code in importing.defects(imported["id"])} == {"reference_cycle"}
    (first, *_) = queries.defects(importing.home, imported["id"])
    assert ("is its own parent" if length == 1 else "C-0 → C-") in first["message"]
    assert [company["external_id"] for company in importing.stored("company")] == ["X-1", "X-2"]


def test_a_long_chain_of_companies_is_no_circle(importing: Importing):
    assert counts(importing.run(chain(300, root=""), "company")) == {"created": 300}
    assert counts(importing.run(chain(300, root="").replace("Name", "Other"), "company")) == {"updated": 300}


def test_a_row_does_not_close_a_circle_over_stored_companies(importing: Importing):
    importing.run("external_id,name,parent_external_id\nA,Ann,\nB,Bob,A\nC,Cyd,B\n", "company")
    imported = importing.run("external_id,parent_external_id,name\nA,C,Ann\nB,,Bobby\nD,A,Dan\n", "company")
    assert counts(imported) == {"created": 1, "updated": 1, "failed": 1}
    assert importing.defects(imported["id"]) == [(1, "parent_external_id", "reference_cycle")]
    parents = {one["external_id"]: one.get("parent_external_id") for one in importing.stored("company")}
    assert parents == {"A": None, "B": "A", "C": "B", "D": "A"}


def test_a_row_that_turns_the_order_of_two_companies_round_is_no_circle(importing: Importing):
    importing.run("external_id,name,parent_external_id\nA,Ann,\nB,Bob,A\n", "company")
    imported = importing.run(
        "external_id,name,parent_external_id\nA,Ann,B\nB,Bob,\n", "company", duplicate_strategy="overwrite"
    )
    assert counts(imported) == {"updated": 2}


def test_rows_below_one_that_fails_fail_too_at_any_depth(importing: Importing):
    imported = importing.run(chain(2_500, root="nowhere") + "X-1,Top,\n", "company")
    assert counts(imported) == {"created": 1, "failed": 2_500}
    assert [company["external_id"] for company in importing.stored("company")] == ["X-1"]
    last = queries.defects(importing.home, imported["id"], limit=1, after=2_499)[0]
    assert (last["code"], last["value"], "row 2499" in last["message"]) == ("unknown_reference", "C-2498", True)


def test_rows_below_a_circle_fail_and_name_their_parent(importing: Importing):
    csv = "external_id,name,parent_external_id\nA,Ann,B\nB,Bob,A\nC,Cyd,B\nD,Dan,C\n"
    imported = importing.run(csv, "company")
    assert counts(imported) == {"failed": 4}
    codes = {row: code for row, _, code in importing.defects(imported["id"])}
    assert codes == {1: "reference_cycle", 2: "reference_cycle", 3: "unknown_reference", 4: "unknown_reference"}


def test_a_cell_that_names_several_records_where_a_row_refers_to_one_is_told_so(importing: Importing):
    importing.run(COMPANIES, "company")
    done = importing.run("email,company_external_id,groups\nann@example.com,K-1;K-2,\nbob@example.com,K-3,\n")
    first, second = (one["message"] for one in queries.defects(importing.home, done["id"]))
    assert first.endswith("A row refers to one company: where the cell names several, keep the one that counts.")
    assert second.endswith("which creates it.")


def test_several_ids_in_a_cell_are_created_as_no_record(importing: Importing):
    done = importing.run("email,company_external_id\nann@example.com,K-1;K-2\n", create_missing=["company"])
    assert importing.defects(done["id"]) == [(1, "company_external_id", "unknown_reference")]
    assert importing.stored("company") == importing.stored() == []
