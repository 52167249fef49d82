"""Reading the changes of records in an asset that depends on a record table: from where its last run ended.

The record assets (`records.py`) are materialized by the imports that change their tables, so that what depends on them
runs then. How far it has read is the metadata of its own last materialization: a run that fails reads the same again.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg

from import_pipeline.words import DEFAULT_ORGANIZATION

if TYPE_CHECKING:
    from import_pipeline.home import Home

_AT_ONCE = 1_000


class Changes:
    """The changes that an asset has not read yet, to be iterated once; each is one of `service.changes.page`.

    Attributes:
        count: How many were read.
        metadata: For the materialization of the asset: how many were read, and how far.
    """

    def __init__(self, home: "Home", record_type: str, organization: str, key: str, cursor: str | None) -> None:
        self._home, self._record_type, self._organization = home, record_type, organization
        self._key, self._cursor = key, cursor
        self.count = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Read page by page."""
        from import_pipeline.service import changes

        has_more = True
        while has_more:
            page = changes.page(self._home, self._record_type, self._organization, self._cursor, _AT_ONCE)
            yield from page["data"]
            self.count += len(page["data"])
            self._cursor, has_more = page["next_cursor"], page["has_more"]

    @property
    def metadata(self) -> dict[str, Any]:
        """What the asset's materialization says, for its next run to go on there."""
        return {"changes": self.count} | ({self._key: self._cursor} if self._cursor is not None else {})


def follow_changes(
    context: dg.AssetExecutionContext,
    record_type: str,
    organization: str = DEFAULT_ORGANIZATION,
    home: "Home | None" = None,
) -> Changes:
    """The changes since the last materialization of the asset that runs; all that there ever were at its first one.

    Args:
        context: Of the asset.
        record_type: What the records are, for example `contact`.
        organization: Whose records.
        home: Where they are; the home that the environment names if left out.
    """
    from import_pipeline.home import Home
    from import_pipeline.settings import Settings

    key = f"changes_cursor/{organization}/{record_type}"
    last = context.instance.get_latest_materialization_event(context.asset_key)
    found = last.asset_materialization.metadata.get(key) if last and last.asset_materialization else None
    cursor = str(found.value) if found is not None else None
    return Changes(home or Home(Settings()), record_type, organization, key, cursor)
