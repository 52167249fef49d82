"""A mapping that a person confirmed is used where the same header row comes again, told, and can be forgotten."""

import pytest

from import_pipeline.errors import NotFoundError
from import_pipeline.service import confirming
from import_pipeline.stores import mappings
from import_pipeline_tests.importing import Importing

HEADER = "Nm,Contact point,Kind of person\n"
MAPPING = {"Nm": "full_name", "Contact point": "email"}


def confirmed(importing: Importing, **decision) -> str:
    """An import that waited and went on with a decision; gives its id."""
    waiting = importing.run(f"{HEADER}Ann Lee,ann@example.com,a\nBob May,bob@example.com,b\n")
    assert waiting["status"] == "needs_review"
    confirming.confirm(importing.home, waiting["id"], **decision)
    assert importing.go(waiting["id"])["status"] == "completed"
    return waiting["id"]


def test_the_next_file_with_the_same_header_is_mapped_alike_and_says_so(importing: Importing):
    first = confirmed(importing, column_mapping=MAPPING)
    imported = importing.run("Kind of person,Nm,Contact point\nc,Cat Low,cat@example.com\nd,Dan Fox,dan@example.com\n")
    assert imported["status"] == "completed"
    assert f"mapped as a person confirmed it for import {first}" in imported["reason"]
    assert {one["full_name"] for one in importing.stored()} == {"Ann Lee", "Bob May", "Cat Low", "Dan Fox"}
    (kept,) = mappings.list_mappings(importing.home.registry, "default")
    assert (kept.used_count, kept.import_id) == (1, first)


def test_a_forgotten_mapping_is_asked_for_again(importing: Importing):
    confirmed(importing, column_mapping=MAPPING)
    (kept,) = mappings.list_mappings(importing.home.registry, "default")
    mappings.remove(importing.home.registry, kept.id, "default")
    assert importing.run(f"{HEADER}Cat Low,cat@example.com,c\n")["status"] == "needs_review"


def test_another_header_another_type_and_another_organization_are_asked_about(importing: Importing):
    confirmed(importing, column_mapping=MAPPING)
    row = "Cat Low,cat@example.com,c\n"
    assert importing.run(f"Nm,Contact point,Sort\n{row}")["status"] == "needs_review"
    assert importing.run(HEADER + row, "company")["status"] == "needs_review"
    assert importing.run(HEADER + row, organization="other")["status"] == "needs_review"


def test_the_last_decision_counts(importing: Importing):
    confirmed(importing, column_mapping=MAPPING)
    imported = importing.run(f"{HEADER}Cat Low,cat@example.com,c\n", column_mapping=None)
    assert imported["status"] == "completed"
    (kept,) = mappings.list_mappings(importing.home.registry, "default")
    mappings.remove(importing.home.registry, kept.id, "default")
    confirmed(importing, column_mapping={"Contact point": "email"})
    importing.run(f"{HEADER}Eva Ash,eva@example.com,e\n")
    assert {one["email"]: one.get("full_name") for one in importing.stored()}["eva@example.com"] is None


def test_suggestions_that_were_accepted_are_remembered(importing: Importing):
    header = "Name,Emial\n"
    waiting = importing.run(f"{header}Ann Lee,ann@example.com\n")
    confirming.confirm(importing.home, waiting["id"], auto_map=True)
    importing.go(waiting["id"])
    assert importing.run(f"{header}Bob May,bob@example.com\n")["status"] == "completed"


def test_that_columns_are_kept_is_remembered(importing: Importing):
    header = "Email,Do not call\n"
    waiting = importing.run(f"{header}ann@example.com,yes\n")
    confirming.confirm(importing.home, waiting["id"], keep_unmapped=True)
    importing.go(waiting["id"])
    assert importing.run(f"{header}bob@example.com,yes\n")["status"] == "completed"
    assert [one["extra"] for one in importing.stored()] == ['{"Do not call":"yes"}'] * 2


def test_sure_headers_need_no_memory(importing: Importing):
    imported = importing.run("Name,Email\nAnn Lee,ann@example.com\n")
    assert "confirmed" not in (imported["reason"] or "")


def test_nobody_forgets_the_mapping_of_another_organization(importing: Importing):
    confirmed(importing, column_mapping=MAPPING)
    (kept,) = mappings.list_mappings(importing.home.registry, "default")
    with pytest.raises(NotFoundError):
        mappings.remove(importing.home.registry, kept.id, "other")
