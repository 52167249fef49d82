"""Who did what to a record, and records found by their values, page by page."""

from datetime import timedelta

import pytest

from import_pipeline.errors import MappingError, MisuseError, NotFoundError
from import_pipeline.service import queries, undoing
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.stored import by_hand


@pytest.mark.every_store
def test_the_history_of_a_record_names_imports_files_rows_and_changes(importing: Importing):
    created = importing.run("external_id,first_name\n5,Eve\n1,Ada\n")["id"]
    record_id = importing.ids()[1]
    changed = importing.run("external_id,first_name\n1,Augusta\n")["id"]
    deleted = importing.run("external_id\n1\n", action="delete")["id"]
    undo = undoing.undo(importing.home, deleted).id
    history = queries.history(importing.home, "contact", record_id, "default")
    assert [(one["import_id"], one["operation"], one["file_name"], one["row_number"]) for one in history] == [
        (created, "created", "file1.csv", 2),
        (changed, "updated", "file2.csv", 1),
        (deleted, "deleted", "file3.csv", 1),
        (undo, "created", "file3.csv", None),
    ]
    assert history[0]["before"] is None
    assert history[0]["after"] == {"external_id": "1", "first_name": "Ada"}
    assert history[1]["changes"] == [{"field": "first_name", "before": "Ada", "after": "Augusta"}]
    assert history[2]["after"] is None
    assert (history[3]["undoes"], history[3]["after"]) == (deleted, history[1]["after"])
    assert [one["changed_at"] for one in history] == sorted(one["changed_at"] for one in history)
    assert all(one["changed_at"].utcoffset() == timedelta() for one in history)


def test_the_history_shows_changes_by_hand_and_references_that_an_import_created(importing: Importing):
    first = importing.run("external_id,groups\n1,Team\n")["id"]
    by_hand(importing.settings, "UPDATE contacts SET city = 'Rome'")
    (one,) = queries.history(importing.home, "contact", importing.ids()[0], "default")
    assert (one["changed_by_hand"], one["after"]["city"]) == (True, "Rome")
    (group,) = queries.history(importing.home, "group", importing.ids("group")[0], "default")
    assert (group["import_id"], group["operation"], group["after"]) == (first, "created", {"name": "Team"})


def test_a_record_that_never_was_has_no_history(importing: Importing):
    importing.run("external_id\n1\n")
    with pytest.raises(NotFoundError, match="rec_none"):
        queries.history(importing.home, "contact", "rec_none", "default")
    with pytest.raises(NotFoundError):
        queries.history(importing.home, "contact", importing.ids()[0], "other")


def test_records_are_found_by_values_as_imports_compare_them(importing: Importing):
    importing.run(
        "external_id,email,tags,date_of_birth\n1,Ann@example.com,red;blue,1990-01-02\n2,bob@example.com,,\n",
        tag_delimiter=";",
    )

    def found(**filters: str) -> list[str]:
        return [
            one["external_id"] for one in queries.find_records(importing.home, "contact", "default", filters)["data"]
        ]

    assert found(email="ANN@example.com") == ["1"]
    assert found(tags="blue") == ["1"]
    assert found(date_of_birth="1990-01-02") == ["1"]
    assert found(date_of_birth="soon") == []
    assert found(tags="") == ["2"]
    assert found(id=importing.ids()[1]) == ["2"]
    assert found(email="ann@example.com", tags="green") == []
    with pytest.raises(MappingError, match="shoe_size"):
        found(shoe_size="38")


def test_pages_of_records_follow_one_another_without_gaps_while_records_are_added(importing: Importing):
    importing.run("external_id\n" + "\n".join(str(number) for number in range(25)) + "\n")
    seen, cursor = [], None
    while True:
        page = queries.find_records(importing.home, "contact", "default", limit=10, cursor=cursor)
        seen += [one["external_id"] for one in page["data"]]
        importing_more = len(seen) == 10
        if importing_more:
            importing.run("external_id\n99\n")
        cursor = page["next_cursor"]
        if not page["has_more"]:
            break
    assert seen == [*(str(number) for number in range(25)), "99"]
    assert cursor is None
    with pytest.raises(MisuseError, match="cursor"):
        queries.find_records(importing.home, "contact", "default", cursor="nonsense")
