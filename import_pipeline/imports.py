"""`ImportService`: the one place through which every door creates, runs, confirms, cancels and reads imports.

What becomes of an import when a phase ends, stops or breaks is decided in `service/phase_by_phase.py`; how a phase gets
what it needs in `service/executing.py`; what can be read of it all is in `service/looking.py`.
"""

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import (
    ImportPipelineError,
    LimitExceededError,
    StateError,
    WrittenError,
)
from import_pipeline.run_config.plain import without_unmapped
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import phase_by_phase, replaying, resuming, undoing
from import_pipeline.service.checking import check_spec
from import_pipeline.service.looking import Looking
from import_pipeline.service.written import WRITING, may_be_written
from import_pipeline.stores.import_record import ImportRecord, NewImport
from import_pipeline.words import (
    PAYLOADS,
    Phase,
    Source,
    Status,
)

if TYPE_CHECKING:
    from import_pipeline.intake.bucket import StoredObject
    from import_pipeline.phases.report import PhaseReport
    from import_pipeline.phases.together_reports import Reports


class ImportService(Looking):
    """All that can be done with imports, for one home.

    Args:
        settings: The settings of the process.
    """

    # Creating

    def create_from_file(
        self,
        path: Path,
        spec: ImportSpec,
        source: Source,
        import_id: str | None = None,
        created_by: str | None = None,
    ) -> ImportRecord:
        """Take a person's file into the bucket and register its import; claims do not bind it.

        Raises:
            UnknownRecordTypeError: Nobody declared the record type.
            SpecError: A row hook is no JavaScript function, or the fields declare no record type.
            LimitExceededError: The file is larger than max_file_bytes.
            PayloadError: It is no file that can be read.
        """
        from import_pipeline.intake.local_file import check_local_file

        check_spec(self.settings, spec)
        size = check_local_file(path)
        if size > self.settings.max_file_bytes:
            limit = self.settings.max_file_bytes
            raise LimitExceededError("bytes", size, limit, "IMPORT_PIPELINE_MAX_FILE_BYTES")
        record = self._register(spec, source, import_id, created_by, file_name=path.name, status=Status.REQUESTED)
        try:
            obj = self.bucket.upload(path, f"{PAYLOADS}/{record.id}/payload")
        except ImportPipelineError as error:
            self.fail(record.id, error.message)
            raise
        return self.registry.move(
            record.id,
            Status.UPLOADED,
            object_key=obj.key,
            object_version=obj.version,
            size_bytes=obj.size,
            has_upload_file=True,
        )

    def create_from_object(
        self,
        obj: "StoredObject",
        spec: ImportSpec,
        source: Source,
        import_id: str | None = None,
        created_by: str | None = None,
        status: Status = Status.UPLOADED,
    ) -> ImportRecord:
        """Register the import of an object that lies in the bucket already, pinned to its present version."""
        check_spec(self.settings, spec)
        return self._register(
            spec,
            source,
            import_id,
            created_by,
            file_name=obj.key.rsplit("/", 1)[-1],
            status=status,
            object_key=obj.key,
            object_version=obj.version,
            size_bytes=obj.size,
            has_upload_file=True,
        )

    def _register(
        self, spec: ImportSpec, source: Source, import_id: str | None, created_by: str | None, **known: Any
    ) -> ImportRecord:
        return self.registry.create(
            NewImport(
                id=import_id,
                record_type=spec.record_type,
                organization=spec.organization,
                source=source,
                name=spec.name,
                spec=spec.model_dump(mode="json"),
                upload_mode=spec.upload_mode,
                created_by=created_by or spec.created_by,
                **known,
            )
        )

    # Running

    def run_phase(
        self,
        import_id: str,
        phase: Phase,
        run_id: str | None = None,
        cancels: Callable[[BaseException], bool] = lambda error: False,
    ) -> "PhaseReport":
        """Run one phase of an import, or say why there is nothing to do; see `service.phase_by_phase`."""
        return phase_by_phase.run_phase(self, import_id, phase, run_id, cancels)

    def run_together(self, import_ids: Sequence[str], run_id: str | None, alone: Callable[[str], None]) -> "Reports":
        """Take imports through all phases, together where they can share a workspace; see `service.together`."""
        from import_pipeline.service import together

        return together.run_together(self, import_ids, run_id, alone)

    def fail(self, import_id: str, reason: str) -> None:
        """Note that an import failed, unless it has ended already; one that has written is finished instead."""
        with contextlib.suppress(StateError):
            if may_be_written(self.settings, self.registry.get(import_id)):
                resuming.requeue(self, import_id, reason)
            else:
                self.registry.move(import_id, Status.FAILED, reason=reason)

    # Deciding

    def confirm(
        self,
        import_id: str,
        *,
        column_mapping: dict[str, str] | None = None,
        reading: dict[str, Any] | None = None,
        accepts: bool = True,
        **changes: Any,
    ) -> ImportRecord:
        """Let an import that waits for a person go on, with what the person decided.

        What it waits for is accepted by that, as far as nothing else is said (`accepting` in its details).

        Args:
            import_id: The import.
            column_mapping: The mapping, instead of the one in the spec.
            reading: What was not said about the file before, such as its `date_format`.
            accepts: Whether it goes on whatever it waits for; else it may have to ask again.
            **changes: Other parts of the spec.

        Raises:
            StateError: The import does not wait for anybody, or another decision came first.
        """
        record = self.registry.get(import_id)
        if record.status is not Status.NEEDS_REVIEW:
            raise StateError(import_id, record.status, "confirmed", [])
        spec = ImportSpec.model_validate(record.spec)
        if accepts:
            changes = record.details.get("accepting", {}) | changes
        if column_mapping is not None:
            changes |= {"column_mapping": without_unmapped(column_mapping), "mapping_direction": None}
        if reading is not None:
            changes["reading"] = spec.reading.model_dump() | reading
        spec = spec.replaced(**changes)

        def decided_before(now: ImportRecord) -> StateError | None:
            is_same = now.status is Status.NEEDS_REVIEW and now.spec == record.spec
            return None if is_same else StateError(import_id, now.status, "confirmed", [])

        return self.registry.move(
            import_id,
            Status.QUEUED,
            unless=decided_before,
            spec=spec.model_dump(mode="json"),
            details=phase_by_phase.lasting_details(record),
        )

    def resume(self, import_id: str, organization: str | None = None) -> ImportRecord:
        """Queue an import that ended without records, or that is not finished; see `service.resuming`."""
        return resuming.resume(self, import_id, organization)

    def cancel(self, import_id: str, reason: str = "Cancelled on request.") -> ImportRecord:
        """Stop an import that has not ended, wherever it runs: the run notices, and drops what it did.

        Raises:
            StateError: It has ended.
            WrittenError: Its records are being written: they stay, and can be undone.
        """

        def too_late(record: ImportRecord) -> WrittenError | None:
            return WrittenError(import_id) if WRITING in record.details else None

        return self.registry.move(import_id, Status.CANCELLED, reason=reason, unless=too_late)

    def undo(
        self,
        import_id: str,
        *,
        organization: str | None = None,
        dry_run: bool = False,
        source: Source = Source.TERMINAL,
        created_by: str | None = None,
    ) -> ImportRecord:
        """Undo an import, or say what that would do; gives the undo, which is an import too and has ended."""
        return undoing.undo(
            self, import_id, organization=organization, dry_run=dry_run, source=source, created_by=created_by
        )

    def replay(self, import_id: str, rows: Path | None = None, **changes: Any) -> ImportRecord:
        """Register an import of the failed rows of another one, as they were or as `rows` has them corrected."""
        return replaying.replay(self, import_id, rows, **changes)
