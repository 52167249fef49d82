"""Imports as the registry has them: one by its id, lists of them, and what a caller may note of one.

How an import is shown is in `showing.py`; its changes of state are in `transitions/`.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from import_pipeline.stores import imports
from import_pipeline.stores.import_record import ImportRecord, Page
from import_pipeline.words import Status

if TYPE_CHECKING:
    from import_pipeline.home import Home


def get(home: "Home", import_id: str, organization: str | None = None) -> ImportRecord:
    """Read an import; with `organization`, only if it belongs to it.

    Raises:
        NotFoundError: There is none, or it belongs to another organization.
    """
    return imports.get(home.registry, import_id, organization)


def find(home: "Home", import_id: str) -> ImportRecord | None:
    """Read an import, or None."""
    return imports.find(home.registry, import_id)


def list_imports(
    home: "Home",
    organization: str | None = None,
    record_type: str | None = None,
    status: Status | Collection[Status] | None = None,
    page: int = 1,
    limit: int = 25,
    api_page: str | None = None,
    start: int | None = None,
    text: str | None = None,
) -> Page:
    """List imports, newest first; see `stores.imports.list_imports`.

    Raises:
        MisuseError: The page or the limit is below 1.
    """
    return imports.list_imports(home.registry, organization, record_type, status, page, limit, api_page, start, text)


def count_by_status(home: "Home", organization: str | None = None) -> dict[Status, int]:
    """Count imports; every status is there, with 0 where there is none."""
    return imports.count_by_status(home.registry, organization)


def update(home: "Home", import_id: str, **changes: Any) -> ImportRecord:
    """Set fields of an import without changing its status.

    Raises:
        NotFoundError: There is no such import.
    """
    return imports.update(home.registry, import_id, **changes)
