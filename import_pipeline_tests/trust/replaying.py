"""Following the changes of records as another program does, and keeping a copy of the records by them."""

from typing import Any

from import_pipeline.home import Home
from import_pipeline.service import changes, showing
from import_pipeline.sql import quote
from import_pipeline_tests.stored import opened_store


def follow(home: Home, record_type: str = "contact", limit: int = 1_000, after: str | None = None) -> list[dict]:
    """All changes, read in pages."""
    found: list[dict] = []
    while True:
        page = changes.page(home, record_type, "default", after, limit)
        assert len(page["data"]) <= limit
        found += page["data"]
        after = page["next_cursor"]
        if not page["has_more"]:
            return found


def replayed(all_of_them: list[dict], copy: dict[str, Any] | None = None) -> dict[str, Any]:
    """The records that follow from changes; each change has to begin where the one before it ended."""
    copy = {} if copy is None else copy
    for change in all_of_them:
        before, after = change["before"], change["after"]
        assert copy.get(change["record_id"]) == before
        assert (before is None, after is None) == {
            "created": (True, False),
            "updated": (False, False),
            "deleted": (False, True),
        }[change["operation"]]
        if after is None:
            del copy[change["record_id"]]
        else:
            copy[change["record_id"]] = after
    return copy


def stored(home: Home, table: str) -> dict[str, Any]:
    """The records as the store holds them, by id: columns that are not empty."""
    with opened_store(home.settings) as connection:
        found = showing.dictionaries(connection, f"SELECT * EXCLUDE (digest) FROM {quote(table)}")
    return {one["id"]: {name: value for name, value in one.items() if value is not None} for one in found}
