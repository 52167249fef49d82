"""An undo leaves no reference to a record that is not there, and no identifier with two records."""

from import_pipeline.service import queries, undoing
from import_pipeline_tests.importing import Importing

PARENTS = "external_id,name\nP,Parent\nQ,Other\n"


def undone(importing: Importing, import_id: str) -> tuple[dict, list[tuple[str, str]]]:
    """Undo an import; gives its summary, and code and message of all that was kept."""
    undo = queries.import_object(importing.home, undoing.undo(importing.home, import_id).id)
    return undo["undo"], [(one["code"], one["message"]) for one in queries.defects(importing.home, undo["id"])]


def test_companies_that_contacts_and_companies_refer_to_are_kept_and_told(importing: Importing):
    first = importing.run(PARENTS, "company")["id"]
    importing.run("external_id,name,parent_external_id\nC,Child,P\n", "company")
    importing.run("email,company_external_id\nann@example.com,P\n")
    summary, told = undone(importing, first)
    assert summary == {"reverted": 1, "kept": 1, "errored": 0}
    assert told == [
        (
            "still_referred_to",
            f"Company P ({importing.ids('company')[0]}) is still referred to by 1 company and 1 contact, so it stays.",
        )
    ]
    assert [one["external_id"] for one in importing.stored("company")] == ["P", "C"]


def test_a_company_that_older_contacts_refer_to_since_is_kept(importing: Importing):
    importing.run("external_id,email\n1,ann@example.com\n")
    first = importing.run(PARENTS, "company")["id"]
    importing.run("external_id,company_external_id\n1,Q\n")
    summary, _ = undone(importing, first)
    assert summary == {"reverted": 1, "kept": 1, "errored": 0}
    assert [one["external_id"] for one in importing.stored("company")] == ["Q"]


def test_a_chain_of_companies_of_one_import_is_kept_for_the_last_of_them(importing: Importing):
    chain = "".join(f"C{n},Name {n},{f'C{n - 1}' if n else ''}\n" for n in range(300))
    first = importing.run(f"external_id,name,parent_external_id\n{chain}Z,Alone,\n", "company")["id"]
    importing.run("email,company_external_id\nann@example.com,C299\n")
    summary, _ = undone(importing, first)
    assert summary == {"reverted": 1, "kept": 300, "errored": 0}


def test_a_record_does_not_come_back_with_a_reference_to_one_that_is_gone(importing: Importing):
    importing.run(PARENTS, "company")
    importing.run("external_id,email,company_external_id\n1,ann@example.com,P\n2,bob@example.com,Q\n")
    deleted = importing.run("external_id\n1\n2\n", action="delete")["id"]
    importing.run("external_id\nP\n", "company", action="delete")
    summary, told = undone(importing, deleted)
    assert summary == {"reverted": 1, "kept": 1, "errored": 0}
    assert [(code, "is gone" in message) for code, message in told] == [("unknown_reference", True)]
    assert [record["external_id"] for record in importing.stored()] == ["2"]


def test_a_parent_and_its_child_come_back_together(importing: Importing):
    importing.run("external_id,name,parent_external_id\nP,Parent,\nC,Child,P\n", "company")
    deleted = importing.run("external_id\nP\nC\n", "company", action="delete")["id"]
    summary, told = undone(importing, deleted)
    assert (summary["reverted"], told) == (2, [])
    assert {one["external_id"]: one.get("parent_external_id") for one in importing.stored("company")} == {
        "P": None,
        "C": "P",
    }


def test_any_identifier_that_somebody_has_by_now_keeps_a_record_away_and_is_named(importing: Importing):
    importing.run("external_id,email\nA1,jon@example.com\n")
    deleted = importing.run("external_id\nA1\n", action="delete")["id"]
    importing.run("external_id,email\nX1,JON@example.com\n")
    summary, told = undone(importing, deleted)
    assert summary == {"reverted": 0, "kept": 1, "errored": 0}
    ((code, message),) = told
    assert (code, "Contact X1" in message, "jon@example.com" in message) == ("identifier_taken", True, True)
    assert [record["external_id"] for record in importing.stored()] == ["X1"]


def test_an_address_that_a_record_gave_up_and_another_one_has_taken_is_not_given_back(importing: Importing):
    importing.run("external_id,email,first_name\nA1,jon@example.com,Jon\n")
    changed = importing.run("external_id,email\nA1,jonathan@example.com\n")["id"]
    importing.run("external_id,email\nX1,jon@example.com\n")
    summary, told = undone(importing, changed)
    assert summary["kept"] == 1
    assert [code for code, _ in told] == ["identifier_taken"]
    assert sorted(record["email"] for record in importing.stored()) == ["jon@example.com", "jonathan@example.com"]
