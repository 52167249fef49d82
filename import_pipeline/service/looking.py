"""`Looking`: all that can be read of imports and records, for one home. Nothing here changes anything.

It is the reading half of `ImportService`; how things are shown is in `showing.py`, `outcomes.py` and `histories.py`.
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.service import showing
from import_pipeline.settings import Settings
from import_pipeline.stores.private_files import keep_home_private

if TYPE_CHECKING:
    from import_pipeline.intake.bucket import Bucket
    from import_pipeline.record_types.record_type import RecordType
    from import_pipeline.stores.registry import Registry


class Looking:
    """What can be read for one home.

    Args:
        settings: The settings of the process.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        keep_home_private(settings)

    @cached_property
    def registry(self) -> "Registry":
        """The registry of this home."""
        from import_pipeline.stores.registry import Registry

        self.settings.home_path.mkdir(parents=True, exist_ok=True)
        return Registry(self.settings.registry_address)

    @cached_property
    def bucket(self) -> "Bucket":
        """The bucket of this home."""
        from import_pipeline.intake.bucket import Bucket

        return Bucket.from_settings(self.settings)

    # Imports

    def import_object(self, import_id: str, organization: str | None = None) -> dict[str, Any]:
        """The import object; with `organization`, only if it belongs to it."""
        return showing.import_object(self.registry.get(import_id, organization))

    def defects(self, import_id: str, limit: int = 100, after: int = 0) -> list[dict[str, Any]]:
        """Some defects of an import, by row."""
        return showing.defects(self.settings, self.registry.get(import_id), limit, after)

    def write_defects_csv(self, import_id: str, to: Path) -> int:
        """Write all defects of an import as CSV."""
        return showing.write_defects_csv(self.settings, self.registry.get(import_id), to)

    def rows(
        self, import_id: str, limit: int = 100, after: int = 0, outcome: str | None = None
    ) -> list[dict[str, Any]]:
        """Some rows of an import with what becomes, or became, of them and the fields that change."""
        from import_pipeline.service import outcomes

        return outcomes.rows(self.settings, self.registry.get(import_id), limit, after, outcome)

    def write_rows_csv(self, import_id: str, to: Path, outcome: str | None = None) -> int:
        """Write the rows of an import as CSV, a line for each field that changes."""
        from import_pipeline.service import outcomes

        return outcomes.write_rows_csv(self.settings, self.registry.get(import_id), to, outcome)

    # Records

    def records(self, record_type: str, organization: str, limit: int | None = 100) -> list[dict[str, Any]]:
        """Stored records of one type."""
        return showing.records(self.settings, self._named(record_type, organization), organization, limit)

    def find_records(
        self,
        record_type: str,
        organization: str,
        filters: Mapping[str, str] | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> dict[str, Any]:
        """A page of the stored records that have these values: data, has_more, next_cursor."""
        from import_pipeline.service import histories

        named = self._named(record_type, organization)
        return histories.find_records(self.settings, named, organization, filters or {}, limit, cursor)

    def history(self, record_type: str, record_id: str, organization: str) -> list[dict[str, Any]]:
        """What imports did to one record, the oldest first."""
        from import_pipeline.service import histories

        return histories.history(self, self._named(record_type, organization), record_id, organization)

    def write_records_csv(self, record_type: str, organization: str, to: Path, limit: int | None = None) -> int:
        """Write stored records as CSV."""
        return showing.write_records_csv(self.settings, self._named(record_type, organization), organization, to, limit)

    def record_count(self, record_type: str, organization: str) -> int:
        """How many records of one type are stored."""
        return showing.record_count(self.settings, self._named(record_type, organization), organization)

    def _named(self, record_type: str, organization: str) -> "RecordType":
        return showing.record_type_named(self.registry, record_type, organization)

    # Files

    def preview_file(self, path: Path, record_type: str | None, options: ReadOptions) -> dict[str, Any]:
        """What a file holds and how it would be read, with the whole columns of dates and numbers decided."""
        from import_pipeline.service.column_writings import writings_of_file

        found = showing.preview_file(self.settings, path, record_type, options)
        if not found["sample_rows"]:
            return found
        mapping, named = found["suggested_mapping"], found["record_type"]
        return found | {"writings": writings_of_file(path, mapping, named, options, self.settings)}
