"""`ImportService`: the one place through which every door creates, runs, confirms, cancels and reads imports.

It decides what becomes of an import when a phase ends, stops or breaks. How a phase gets what it needs is in
`service/executing.py`, how it works in `phases/`; what can be read of it all is in `service/looking.py`.
"""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import (
    ImportPipelineError,
    LimitExceededError,
    ReviewNeededError,
    StateError,
    WorkspaceBusyError,
)
from import_pipeline.run_config.declared import record_type_of
from import_pipeline.run_config.plain import without_unmapped
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import replaying, undoing
from import_pipeline.service.looking import Looking
from import_pipeline.service.resuming import is_done_before, resumes_with, without_mark
from import_pipeline.stores.import_record import ImportRecord, NewImport
from import_pipeline.words import (
    PAYLOADS,
    Outcome,
    Phase,
    PhaseStatus,
    Source,
    Status,
)

if TYPE_CHECKING:
    from import_pipeline.intake.bucket import StoredObject
    from import_pipeline.phases.report import PhaseReport


LASTING_DETAILS = ("upload", "retry_of", "columns", "page_003", "page_004")


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
            LimitExceededError: The file is larger than max_file_bytes.
            PayloadError: It is no file that can be read.
        """
        from import_pipeline.intake.local_file import check_local_file

        record_type_of(spec)
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
        record_type_of(spec)
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

    def run_phase(self, import_id: str, phase: Phase, run_id: str | None = None) -> "PhaseReport":
        """Run one phase of an import, or say why there is nothing to do.

        A broken pipeline ends the import as failed and is raised again; bad rows do not raise. Where a person has to
        decide, the import waits as needs_review and the report says `stopped`.

        Args:
            import_id: The import.
            phase: The phase; the ones before it must have ended.
            run_id: The run that works on it. A run that saw the import fail does not take it up again, another may.
        """
        from import_pipeline.phases.report import PhaseReport
        from import_pipeline.service import executing

        record = self.registry.get(import_id)
        if is_done_before(record, phase):
            reason = "Done by an earlier run of this import."
            return PhaseReport(import_id, phase, skipped=True, done_before=True, reason=reason)
        if not self._begin(record, phase, run_id):
            reason = record.reason or f"The import is {record.status}."
            if self.registry.get(import_id).phases[phase.position - 1].status is PhaseStatus.PENDING:
                self.registry.end_phase(import_id, phase, PhaseStatus.SKIPPED)
            return PhaseReport(import_id, phase, skipped=True, reason=reason)
        self.registry.start_phase(import_id, phase, executing.mode_of(record, phase), record.total_rows)
        try:
            report = executing.execute_phase(self, record, phase)
        except ReviewNeededError as review:
            self.registry.end_phase(import_id, phase, PhaseStatus.COMPLETED)
            details = _lasting(record) | review.culprits
            self.registry.move(import_id, Status.NEEDS_REVIEW, reason=review.message, details=details)
            return PhaseReport(import_id, phase, stopped=True, reason=review.message)
        except WorkspaceBusyError:
            raise
        except BaseException as error:
            self.registry.end_phase(import_id, phase, PhaseStatus.FAILED)
            self.fail(import_id, _reason_of(error))
            raise
        self._end(record, report)
        return report

    def _begin(self, record: ImportRecord, phase: Phase, run_id: str | None) -> bool:
        """Whether the phase may run now; the import is processing from then on."""
        startable = {Status.UPLOADED, Status.QUEUED} if phase is Phase.PREVALIDATION else set()
        changes: dict[str, Any] = {}
        if resumes_with(record, phase):
            startable |= {Status.QUEUED}
            changes = {"details": without_mark(record)}
        if record.status in (Status.FAILED, Status.TIMED_OUT) and (run_id is None or record.run_id != run_id):
            ended = all(earlier.status is PhaseStatus.COMPLETED for earlier in record.phases[: phase.position - 1])
            startable |= {record.status} if ended else set()
        if record.status is Status.PROCESSING or record.status in startable:
            self.registry.move(record.id, Status.PROCESSING, run_id=run_id, **changes)
            return True
        return False

    def _end(self, record: ImportRecord, report: "PhaseReport") -> None:
        """Note what the phase did, and close the import after the last one."""
        if self.registry.get(record.id).status is not Status.PROCESSING:
            self.registry.end_phase(record.id, report.phase, PhaseStatus.COMPLETED)
            return
        counts = {"total": report.rows_in, "processed": report.rows_in, "success": report.rows_out}
        errors = report.rows_in - report.rows_out
        self.registry.end_phase(record.id, report.phase, PhaseStatus.COMPLETED, **counts, error=errors)
        dry_run = bool(record.spec.get("dry_run"))
        if report.phase is Phase.CLEANUP or (dry_run and report.phase is Phase.VALIDATION):
            if undoing.UNDOES in record.details and not dry_run:
                undoing.settle(self, record, report)
            numbers: dict[str, Any] = {f"{one}_count": report.outcomes.get(one, 0) for one in Outcome}
            self.registry.move(
                record.id,
                Status.COMPLETED,
                reason=_reason_of_dry_run(report) if dry_run else None,
                processed_rows=sum(report.outcomes.values()),
                overwritten_count=int(report.notes.get("overwritten", 0)),
                has_errors_file=bool(report.notes.get("errors_file_rows", 0)),
                **numbers,
            )

    # Deciding

    def confirm(
        self,
        import_id: str,
        *,
        column_mapping: dict[str, str] | None = None,
        reading: dict[str, Any] | None = None,
        **changes: Any,
    ) -> ImportRecord:
        """Let an import that waits for a person go on, with what the person decided.

        Args:
            import_id: The import.
            column_mapping: The mapping, instead of the one in the spec.
            reading: What was not said about the file before, such as its `date_format`.
            **changes: Other parts of the spec.

        Raises:
            StateError: The import does not wait for anybody.
        """
        record = self.registry.get(import_id)
        if record.status is not Status.NEEDS_REVIEW:
            raise StateError(import_id, record.status, "confirmed", [])
        spec = ImportSpec.model_validate(record.spec)
        if column_mapping is not None:
            changes |= {"column_mapping": without_unmapped(column_mapping), "mapping_direction": None}
        if reading is not None:
            changes["reading"] = spec.reading.model_dump() | reading
        spec = spec.replaced(**changes)
        return self.registry.move(import_id, Status.QUEUED, spec=spec.model_dump(mode="json"), details=_lasting(record))

    def cancel(self, import_id: str, reason: str = "Cancelled on request.") -> ImportRecord:
        """Stop an import that has not ended; what its transaction wrote, if it did, stays and is accounted for."""
        return self.registry.move(import_id, Status.CANCELLED, reason=reason)

    def fail(self, import_id: str, reason: str) -> None:
        """Note that an import failed, unless it has ended already."""
        with contextlib.suppress(StateError):
            self.registry.move(import_id, Status.FAILED, reason=reason)

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


def _lasting(record: ImportRecord) -> dict[str, Any]:
    """The details of an import that stay whatever a person is asked and answers: how it came."""
    return {name: record.details[name] for name in LASTING_DETAILS if name in record.details}


def _reason_of_dry_run(report: "PhaseReport") -> str:
    told = "A dry run: nothing was written, the counts say what would happen."
    review = report.notes.get("review")
    return f"{told} The import itself would wait for a person: {review}" if review else told


def _reason_of(error: BaseException) -> str:
    if isinstance(error, ImportPipelineError):
        return error.message
    return f"{type(error).__name__}: {error}".strip()
