"""Importing a small file in a test as an interface does, without Dagster, and looking at what ends up stored."""

import time
from pathlib import Path
from typing import Any

from import_pipeline.home import Home
from import_pipeline.phases.report import PhaseReport
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import creating, queries, running
from import_pipeline.service.batches import Batch
from import_pipeline.service.downloads import ERRORS_CSV, make_download
from import_pipeline.settings import Settings
from import_pipeline.stores.engine import kept_open
from import_pipeline.words import Phase, Source
from import_pipeline_tests.stored import rows_of

INTERNAL = ("id", "created_at", "updated_at", "created_by_import", "updated_by_import")


class Importing:
    """A home in which a test imports texts of CSV."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.home = Home(settings)
        self.folder = folder
        self._files = 0

    def begin(self, csv: str | bytes, record_type: str = "contact", **spec: Any) -> str:
        """Register the import of a file with this content; gives its id."""
        self._files += 1
        path = self.folder / f"file{self._files}.csv"
        path.write_bytes(csv.encode() if isinstance(csv, str) else csv)
        asked = ImportSpec(record_type=record_type, **spec)
        return creating.create_from_file(self.home, path, asked, Source.TERMINAL).id

    def go(self, import_id: str, until: Phase = Phase.CLEANUP, since: Phase = Phase.PREVALIDATION) -> dict[str, Any]:
        """Run phases in their order, each by itself; gives the import object."""
        for phase in Phase:
            if since.position <= phase.position <= until.position:
                running.run_phase_of(self.home, import_id, phase)
        return queries.import_object(self.home, import_id)

    def run(self, csv: str | bytes, record_type: str = "contact", **spec: Any) -> dict[str, Any]:
        """Import a file with this content from first phase to last, in one go as all interfaces do.

        Returns:
            The import object.
        """
        import_id = self.begin(csv, record_type, **spec)
        batch = Batch(self.home, [import_id])
        with kept_open():
            for phase in Phase:
                batch.import_ids = [import_id]  # in it once more where it stopped: then it is told why
                for error in running.run_phase(batch, phase).errors.values():
                    raise error
        return queries.import_object(self.home, import_id)

    def stored(self, record_type: str = "contact", organization: str = "default") -> list[dict[str, Any]]:
        """The stored records: their fields that are not empty, without what the store itself adds."""
        records = queries.records(self.home, record_type, organization, limit=None)
        return [
            {name: value for name, value in record.items() if value is not None and name not in INTERNAL}
            for record in records
        ]

    def download(self, import_id: str, file: str) -> str:
        """The text of one of the files of an import."""
        made = self.folder / f"{import_id}.{file}"
        make_download(self.home, import_id, file, made)
        return made.read_text("utf-8")

    def errors_file(self, import_id: str) -> str:
        """The text of the errors file of an import."""
        return self.download(import_id, ERRORS_CSV)

    def ids(self, record_type: str = "contact") -> list[str]:
        """The ids of the stored records."""
        return [record["id"] for record in queries.records(self.home, record_type, "default", limit=None)]

    def outcomes(self, import_id: str) -> list[tuple[int, str, str | None]]:
        """Row, outcome and reason of every row, as the record store keeps them."""
        select = "SELECT row_number, outcome, reason FROM row_outcomes WHERE import_id = ? ORDER BY row_number"
        return rows_of(self.settings, select, import_id)

    def defects(self, import_id: str) -> list[tuple[int | None, str | None, str]]:
        """Row, field and code of every defect."""
        return [
            (one["row_number"], one["field"], one["code"]) for one in queries.defects(self.home, import_id, limit=1_000)
        ]


def counts(imported: dict[str, Any]) -> dict[str, int]:
    """The counts of an import object that are not zero, by outcome."""
    names = ("created", "updated", "unchanged", "skipped", "deleted", "failed", "overwritten")
    return {name: imported[f"{name}_count"] for name in names if imported[f"{name}_count"]}


def slow_second_phase(phase: Phase, report: PhaseReport | None) -> None:
    """Told of the phases of a run: lets two seconds begin before the second one, time being whole seconds."""
    if phase is Phase.PREPARSING and report is None:
        time.sleep(2.1)
