"""What an undo takes back, what it keeps and says so, when it is refused, and how it stands among the imports."""

import time
from collections.abc import Callable

import pytest

from import_pipeline.errors import MisuseError, NotFoundError, StateError
from import_pipeline.home import Home
from import_pipeline.service import queries, running, undoing
from import_pipeline.stores import imports
from import_pipeline.words import Phase, Source, Status
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.processes import run_at_once
from import_pipeline_tests.stored import by_hand

FIRST = "external_id,first_name,groups\n1,Ada,Team\n2,Bob,\n"
SECOND = "external_id,first_name\n1,Augusta\n3,Cyd\n"


def undone(importing: Importing, import_id: str, **asked) -> dict:
    """Undo an import; gives the import object of the undo."""
    return queries.import_object(importing.home, undoing.undo(importing.home, import_id, **asked).id)


def names(importing: Importing) -> list[tuple]:
    """External id and first name of the stored contacts."""
    return sorted((record.get("external_id"), record.get("first_name")) for record in importing.stored())


def everything(importing: Importing) -> list[str]:
    """All contacts and groups with all that is stored of them, as text."""
    return sorted(
        str(one) for name in ("contact", "group") for one in queries.records(importing.home, name, "default", None)
    )


@pytest.mark.every_store
def test_an_undo_takes_everything_back_and_can_be_undone_and_undone(importing: Importing):
    importing.run(FIRST)
    before = everything(importing)
    done = importing.run(SECOND, action="overwrite")
    after = everything(importing)
    first = undone(importing, done["id"])
    assert (first["status"], first["undo"]) == ("completed", {"reverted": 3, "kept": 0, "errored": 0})
    assert (first["action"], first["undoes"], first["total_rows"]) == ("undo", done["id"], 3)
    assert everything(importing) == before
    assert queries.import_object(importing.home, done["id"])["status"] == "reverted"
    second = undone(importing, first["id"])
    assert everything(importing) == after
    states = [imports.get(importing.home.registry, one["id"]).status for one in (done, first)]
    assert states == ["completed", "reverted"]
    undone(importing, second["id"])
    assert everything(importing) == before
    states = [imports.get(importing.home.registry, one["id"]).status for one in (done, first, second)]
    assert states == ["reverted", "completed", "reverted"]


def test_imports_can_be_undone_one_after_the_other_down_to_the_empty_store(importing: Importing):
    imports = [importing.run(text)["id"] for text in (FIRST, SECOND, FIRST)]
    for import_id in reversed(imports):
        undone(importing, import_id)
    assert everything(importing) == []


def test_a_dry_run_of_an_undo_tells_what_it_would_do_and_does_nothing(importing: Importing):
    importing.run(FIRST)
    done = importing.run(SECOND)["id"]
    before = everything(importing)
    predicted = undone(importing, done, dry_run=True)
    assert (predicted["dry_run"], predicted["undo"]) == (True, {"reverted": 2, "kept": 0, "errored": 0})
    rows = queries.rows(importing.home, predicted["id"])
    assert [(row["outcome"], row["changes"][-1]) for row in rows] == [
        ("updated", {"field": "first_name", "before": "Augusta", "after": "Ada"}),
        ("deleted", {"field": "first_name", "before": "Cyd", "after": None}),
    ]
    assert everything(importing) == before
    assert imports.get(importing.home.registry, done).status == "completed"
    assert queries.rows(importing.home, undone(importing, done)["id"]) == rows


def test_what_another_import_changed_since_is_kept_and_listed_with_its_import(importing: Importing):
    first = importing.run(FIRST)["id"]
    later = importing.run("external_id,last_name\n1,King\n")["id"]
    undo = undone(importing, first)
    assert undo["undo"] == {"reverted": 1, "kept": 2, "errored": 0}
    listed = {one["code"]: one["message"] for one in queries.defects(importing.home, undo["id"])}
    assert later in listed["changed_since"]
    assert "still_referred_to" in listed  # the group that the record is in
    assert names(importing) == [("1", "Ada")]
    after = imports.get(importing.home.registry, first)
    assert after.status == "completed"
    assert f"Partly undone by {undo['id']}" in str(after.reason)
    assert "1 of 3 records taken back, 2 kept" in str(after.reason)


def test_what_an_undo_kept_is_taken_back_by_the_next_one_once_nothing_holds_it(importing: Importing):
    importing.run(FIRST)
    before = everything(importing)
    second = importing.run("external_id,first_name\n1,Augusta\n2,Bert\n3,Cyd\n")["id"]
    later = importing.run("external_id,last_name\n1,King\n")["id"]
    assert undone(importing, second)["undo"] == {"reverted": 2, "kept": 1, "errored": 0}
    undone(importing, later)
    again = undone(importing, second)
    assert (again["undo"], again["unchanged_count"]) == ({"reverted": 1, "kept": 0, "errored": 0}, 2)
    assert everything(importing) == before
    assert imports.get(importing.home.registry, second).status == "reverted"
    with pytest.raises(StateError, match="was undone already by") as refused:
        undoing.undo(importing.home, second)
    assert "can follow" not in str(refused.value)
    undone(importing, again["id"])
    assert sorted(names(importing)) == [("1", "Augusta"), ("2", "Bob")]


def test_an_undo_that_can_still_take_nothing_back_says_so_and_may_be_tried_once_more(importing: Importing):
    first = importing.run(FIRST)["id"]
    importing.run("external_id,last_name\n1,King\n2,Lee\n")
    for _ in range(2):
        undo = undone(importing, first)
        assert undo["undo"] == {"reverted": 0, "kept": 3, "errored": 0}
        assert undo["reason"] == "0 of 3 records taken back, 3 kept."
        assert imports.get(importing.home.registry, first).status == "completed"


def test_what_was_changed_by_hand_is_kept_even_if_nothing_notes_it(importing: Importing):
    first = importing.run(FIRST)["id"]
    by_hand(importing.settings, "UPDATE contacts SET city = 'Rome' WHERE external_id = '2'")
    undo = undone(importing, first)
    (kept,) = queries.defects(importing.home, undo["id"])
    assert (kept["code"], "by hand" in kept["message"]) == ("changed_since", True)
    assert names(importing) == [("2", "Bob")]


def test_what_was_deleted_since_stays_deleted(importing: Importing):
    importing.run(FIRST)
    second = importing.run(SECOND)["id"]
    importing.run("external_id\n1\n3\n", action="delete")
    undo = undone(importing, second)
    assert undo["undo"] == {"reverted": 0, "kept": 1, "errored": 0}
    assert undo["unchanged_count"] == 1
    assert names(importing) == [("2", "Bob")]
    assert imports.get(importing.home.registry, second).status == "completed"


def test_a_deleted_record_does_not_return_beside_one_that_took_its_place(importing: Importing):
    importing.run(FIRST)
    deleted = importing.run("external_id\n1\n2\n", action="delete")["id"]
    importing.run("external_id,first_name\n1,Other\n")
    undo = undone(importing, deleted)
    assert [one["code"] for one in queries.defects(importing.home, undo["id"])] == ["identifier_taken"]
    assert names(importing) == [("1", "Other"), ("2", "Bob")]


def test_a_reference_that_was_created_goes_unless_something_else_uses_it(importing: Importing):
    first = importing.run("email,groups\nann@example.com,Team;Solo\n", tag_delimiter=";")["id"]
    importing.run("email,groups\nbob@example.com,team\n")
    undone(importing, first)
    assert [group["name"] for group in importing.stored("group")] == ["Team"]
    assert [record["email"] for record in importing.stored()] == ["bob@example.com"]


def test_a_record_whose_before_image_is_gone_is_errored_and_stays(importing: Importing):
    importing.run(FIRST)
    second = importing.run(SECOND)["id"]
    by_hand(importing.settings, "DELETE FROM contacts_history")
    assert undone(importing, second)["undo"] == {"reverted": 1, "kept": 0, "errored": 1}
    assert names(importing) == [("1", "Augusta"), ("2", "Bob")]


def test_an_undo_that_died_after_its_commit_is_taken_up_again_and_does_nothing_twice(importing: Importing, monkeypatch):
    importing.run(FIRST)
    second = importing.run(SECOND)["id"]
    run_phase: Callable = running.run_phase_of

    def dies(home, import_id, phase, run_id=None):
        report = run_phase(home, import_id, phase, run_id)
        if phase is Phase.PROCESSING:
            raise KeyboardInterrupt
        return report

    with monkeypatch.context() as patched:
        patched.setattr(running, "run_phase_of", dies)
        with pytest.raises(KeyboardInterrupt):
            undoing.undo(importing.home, second)
    stored = everything(importing)
    undo = undone(importing, second)
    assert undo["undo"] == {"reverted": 2, "kept": 0, "errored": 0}
    assert everything(importing) == stored
    assert len(imports.list_imports(importing.home.registry).items) == 3
    assert queries.rows(importing.home, undo["id"])[0]["changes"][0]["before"] == "Augusta"


UNDOING = """
import sys
from import_pipeline.errors import UndoneError, WorkspaceBusyError
from import_pipeline.home import Home
from import_pipeline.service import running, undoing
from import_pipeline.settings import Settings
from import_pipeline.stores import imports

home = Home(Settings(home=sys.argv[1]))
imports.get(home.registry, sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
try:
    print(undoing.undo(home, sys.argv[2]).status)
except (WorkspaceBusyError, UndoneError) as error:
    print(type(error).__name__)
"""


@pytest.mark.file_store(reason="the processes read their settings from the home alone")
def test_of_two_processes_that_undo_an_import_at_once_one_does_and_the_other_is_told(importing: Importing):
    done = importing.run("external_id\n1\n")["id"]
    told = run_at_once(UNDOING, [[str(importing.settings.home), done]] * 2)
    assert "completed\n" in told, told
    undone = imports.get(importing.home.registry, done)
    assert (undone.status, undone.reason) == (Status.REVERTED, f"Undone by {undone.undone_by}.")
    assert [one.undoes for one in imports.list_imports(importing.home.registry).items] == [done, None]
    assert importing.stored() == []


def test_what_cannot_be_undone_is_refused_with_the_reason(importing: Importing):
    dry = importing.run(FIRST, dry_run=True)["id"]
    with pytest.raises(MisuseError, match="dry run"):
        undoing.undo(importing.home, dry)
    waiting = importing.begin(FIRST)
    with pytest.raises(StateError, match="uploaded"):
        undoing.undo(importing.home, waiting)
    done = importing.run(FIRST)["id"]
    with pytest.raises(NotFoundError):
        undoing.undo(importing.home, done, organization="other")
    undoing.undo(importing.home, done)
    with pytest.raises(StateError, match="undone already"):
        undoing.undo(importing.home, done)


def test_after_the_window_an_import_cannot_be_undone(importing: Importing, monkeypatch):
    done = importing.run(FIRST)["id"]
    later = time.time() + 31 * 86_400
    monkeypatch.setattr("time.time", lambda: later)
    with pytest.raises(MisuseError, match="30 days"):
        undoing.undo(importing.home, done)
    longer = Home(importing.settings.model_copy(update={"undo_days": 40}))
    assert undoing.undo(longer, done, source=Source.API, created_by="ann").created_by == "ann"
