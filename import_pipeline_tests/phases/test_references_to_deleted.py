"""References hold both ways: what others refer to is not deleted, unless the references are to be emptied."""

import pytest

from import_pipeline.service import queries, undoing
from import_pipeline_tests.importing import Importing, counts
from import_pipeline_tests.stored import rows_of

COMPANIES = "external_id,name,parent_external_id\nP,Parent,\nC,Child,P\nD,Grandchild,C\nX,Other,\n"
PEOPLE = "external_id,email,company_external_id,groups\n1,ann@example.com,D,Team;Choir\n2,bob@example.com,X,Choir\n"


def companies(importing: Importing) -> dict[str, str | None]:
    """External id and parent of the stored companies."""
    return {one["external_id"]: one.get("parent_external_id") for one in importing.stored("company")}


def both(importing: Importing) -> None:
    """Some companies above one another, and contacts of some of them."""
    importing.run(COMPANIES, "company")
    importing.run(PEOPLE, tag_delimiter=";")


def listed(importing: Importing, import_id: str, code: str = "still_referred_to") -> list[str]:
    """The messages of one code."""
    return [one["message"] for one in queries.defects(importing.home, import_id, limit=1_000) if one["code"] == code]


@pytest.mark.every_store
def test_a_deletion_keeps_what_is_referred_to_and_says_by_how_many(importing: Importing):
    both(importing)
    done = importing.run("external_id\nP\nX\n", "company", action="delete")
    assert counts(done) == {"skipped": 2}
    assert importing.outcomes(done["id"]) == [
        (1, "skipped", "still_referred_to"),
        (2, "skipped", "still_referred_to"),
    ]
    parent, other = listed(importing, done["id"])
    assert parent == (
        f"Company P ({importing.ids('company')[0]}) is still referred to by 1 company, so it stays. "
        "Delete these first, or import with on_referenced clear."
    )
    assert "1 contact" in other
    assert companies(importing) == {"P": None, "C": "P", "D": "C", "X": None}


def test_companies_go_together_with_those_below_them_unless_somebody_else_needs_one(importing: Importing):
    both(importing)
    done = importing.run("external_id\nP\nC\nD\n", "company", action="delete")
    assert counts(done) == {"skipped": 3}  # the contact needs D, D needs C, C needs P
    importing.run("external_id\n1\n", action="delete")
    assert counts(importing.run("external_id\nP\nC\nD\n", "company", action="delete")) == {"deleted": 3}
    assert companies(importing) == {"X": None}


def test_a_long_chain_of_companies_is_kept_for_the_last_of_them(importing: Importing):
    chain = "".join(f"C{n},Name {n},{f'C{n - 1}' if n else ''}\n" for n in range(1_500))
    importing.run(f"external_id,name,parent_external_id\n{chain}", "company")
    importing.run("email,company_external_id\nann@example.com,C1499\n")
    done = importing.run("external_id,name\nZ,New\n", "company", action="overwrite", confirm_deletions=True)
    assert counts(done) == {"created": 1}
    assert len(listed(importing, done["id"])) == 101  # a hundred, and how many in all
    assert len(companies(importing)) == 1_501


def test_an_overwrite_keeps_and_lists_what_the_file_leaves_out_and_others_need(importing: Importing):
    both(importing)
    csv = "external_id,name,parent_external_id\nC,Child,P\n"
    dry = importing.run(csv, "company", action="overwrite", dry_run=True)
    done = importing.run(csv, "company", action="overwrite")
    assert counts(done) == {"unchanged": 1}
    assert listed(importing, done["id"]) == listed(importing, dry["id"])
    assert [
        "Company P" in one or "Company D" in one or "Company X" in one for one in listed(importing, done["id"])
    ] == [True] * 3
    assert companies(importing) == {"P": None, "C": "P", "D": "C", "X": None}


def test_an_overwrite_that_hangs_a_company_elsewhere_may_delete_the_one_it_hung_on(importing: Importing):
    importing.run("external_id,name,parent_external_id\nP,Parent,\nC,Child,P\n", "company")
    csv = "external_id,name,parent_external_id\nC,Child,\n"
    asked = {"action": "overwrite", "duplicate_strategy": "overwrite"}
    predicted = importing.run(csv, "company", dry_run=True, **asked)
    done = importing.run(csv, "company", **asked)
    assert counts(done) == counts(predicted) == {"updated": 1, "overwritten": 1}
    assert companies(importing) == {"C": None}


def test_what_an_import_created_for_its_rows_stays_when_the_same_file_comes_again(importing: Importing):
    csv = "external_id,name,parent_external_id\nC,Child,P\n"
    asked = {"action": "overwrite", "create_missing": ["company"]}
    importing.run(csv, "company", **asked)
    assert counts(importing.run(csv, "company", **asked)) == {"unchanged": 1}
    assert companies(importing) == {"P": None, "C": "P"}


def test_groups_and_sources_with_members_stay(importing: Importing):
    importing.run("email,groups,source\nann@example.com,Team,Fair\n")
    for record_type in ("group", "source"):
        done = importing.run(f"id\n{importing.ids(record_type)[0]}\n", record_type, action="delete")
        assert counts(done) == {"skipped": 1}
        assert len(listed(importing, done["id"])) == 1
    assert importing.stored() == [{"email": "ann@example.com", "groups": ["Team"], "source": "Fair"}]


def test_clear_deletes_and_empties_the_references_which_an_undo_brings_back(importing: Importing):
    both(importing)
    before = (importing.stored(), importing.stored("company"), importing.ids("company"))
    done = importing.run("external_id\nP\nD\n", "company", action="delete", on_referenced="clear")
    assert counts(done) == {"deleted": 2}
    assert companies(importing) == {"C": None, "X": None}
    assert [record.get("company_external_id") for record in importing.stored()] == ["X", None] or [
        record.get("company_external_id") for record in importing.stored()
    ] == [None, "X"]
    assert [
        "1 contact" in one or "1 company" in one for one in listed(importing, done["id"], "references_cleared")
    ] == [
        True,
        True,
    ]
    undo = queries.import_object(importing.home, undoing.undo(importing.home, done["id"]).id)
    assert undo["undo"] == {"reverted": 4, "kept": 0, "errored": 0}
    key = str
    assert sorted(importing.stored(), key=key) == sorted(before[0], key=key)
    assert sorted(importing.stored("company"), key=key) == sorted(before[1], key=key)
    assert sorted(importing.ids("company")) == sorted(before[2])


def test_an_overwrite_with_clear_takes_deleted_groups_from_their_members(importing: Importing):
    importing.run("email,groups\nann@example.com,Team;Choir\nbob@example.com,Choir\n", tag_delimiter=";")
    done = importing.run("name\nTeam\n", "group", action="overwrite", on_referenced="clear")
    assert counts(done) == {"unchanged": 1, "overwritten": 1}
    assert sorted(str(record.get("groups")) for record in importing.stored()) == ["None", "['Team']"]
    events = [queries.history(importing.home, "contact", one, "default")[-1] for one in importing.ids()]
    assert {event["import_id"] for event in events} == {done["id"]}
    undoing.undo(importing.home, done["id"])
    assert sorted(str(record.get("groups")) for record in importing.stored()) == ["['Choir']", "['Team', 'Choir']"]


def test_an_overwrite_with_clear_that_has_nothing_to_delete_is_completed(importing: Importing):
    both(importing)
    changed = COMPANIES.replace("Other", "Another")
    done = importing.run(changed, "company", action="overwrite", on_referenced="clear")
    assert (done["status"], counts(done)) == ("completed", {"updated": 1, "unchanged": 3})
    assert companies(importing) == {"P": None, "C": "P", "D": "C", "X": None}


def test_a_reference_that_came_between_plan_and_deletion_holds(importing: Importing):
    from import_pipeline.words import Phase

    importing.run("external_id,name\nP,Parent\nQ,Other\n", "company")
    deletion = importing.begin("external_id\nP\n", "company", action="delete")
    overwrite = importing.begin("external_id,name\nP,Parent\n", "company", action="overwrite")
    for import_id in (deletion, overwrite):
        importing.go(import_id, until=Phase.VALIDATION)
    importing.run("email,company_external_id\nann@example.com,P\nbob@example.com,Q\n")
    assert counts(importing.go(deletion, since=Phase.PROCESSING)) == {"skipped": 1}
    assert counts(importing.go(overwrite, since=Phase.PROCESSING)) == {"unchanged": 1}
    assert companies(importing) == {"P": None, "Q": None}
    assert len(listed(importing, overwrite)) == 1


def test_what_a_row_refers_to_may_be_deleted_meanwhile_and_the_row_fails(importing: Importing):
    from import_pipeline.words import Phase

    importing.run("external_id,name\nP,Parent\n", "company")
    waiting = importing.begin("email,company_external_id\nann@example.com,P\n")
    importing.go(waiting, until=Phase.VALIDATION)
    importing.run("external_id\nP\n", "company", action="delete")
    assert counts(importing.go(waiting, since=Phase.PROCESSING)) == {"failed": 1}
    assert importing.stored() == []
    assert rows_of(importing.settings, "SELECT count(*) FROM companies") == [(0,)]
