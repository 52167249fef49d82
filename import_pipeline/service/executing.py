"""Executing one phase of one import: the payload is brought to the workspace, its results go to the bucket.

What becomes of the import then is decided in `running.py`.
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import ReviewNeededError
from import_pipeline.intake.bucket import Download, StoredObject
from import_pipeline.phases import running
from import_pipeline.phases.report import PhaseReport
from import_pipeline.phases.work import Work
from import_pipeline.run_config.declared import record_type_of
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import deduplication, publishing, remembering, undoing
from import_pipeline.service.watching import Watch
from import_pipeline.stores import corrections, imports
from import_pipeline.stores.engine import working_on
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.workspace import SMALL_BYTES, payload_path
from import_pipeline.words import PHASES_IN_SYNC, MappingDirection, Phase, PhaseMode

if TYPE_CHECKING:
    from import_pipeline.home import Home


def mode_of(record: ImportRecord, phase: Phase) -> PhaseMode:
    """How a phase runs, in the words of page 001: all of a sync import in sync, of a mixed one the first two."""
    return PhaseMode.SYNC if phase.position <= PHASES_IN_SYNC[record.upload_mode] else PhaseMode.ASYNC


def execute_phase(home: "Home", record: ImportRecord, phase: Phase, watch: Watch) -> PhaseReport:
    """Run one phase in the import's workspace.

    Args:
        home: The home.
        record: The import.
        phase: The phase.
        watch: Who watches the phase while it works.

    Raises:
        ReviewNeededError: A person has to decide.
        ImportPipelineError: The import cannot go on.
    """
    spec = ImportSpec.model_validate(record.spec)
    record_type = record_type_of(spec)
    with (
        working_on(home.settings, record.id, record.organization, small=_is_small(record)) as connection,
        watch.over(connection),
    ):
        work = Work(connection, record.id, spec, record_type, home.settings, watch)
        report = _executed(home, record, work, phase, watch)
        if phase is Phase.CLEANUP or (phase is Phase.VALIDATION and spec.dry_run):
            publishing.publish(home, work)
        return report


def _executed(home: "Home", record: ImportRecord, work: Work, phase: Phase, watch: Watch) -> PhaseReport:
    if undoing.UNDOES in record.details:
        return undoing.execute_undo_phase(home, record, work, phase)
    if phase is Phase.PREVALIDATION:
        return _prevalidate(home, record, work, watch)
    return running.run_cleanup(work) if phase is Phase.CLEANUP else running.run_phase(work, phase)


def _is_small(record: ImportRecord) -> bool:
    return record.size_bytes is not None and record.size_bytes <= SMALL_BYTES


def _prevalidate(home: "Home", record: ImportRecord, work: Work, watch: Watch) -> PhaseReport:
    payload = payload_path(home.settings, record.id)
    try:
        verdict = _fetch_payload(home, record, work, payload)
        if verdict.means is not deduplication.Means.NEW:
            watch.leave_alone()
            reason = deduplication.put_aside(home, record, verdict)
            return PhaseReport(record.id, Phase.PREVALIDATION, stopped=True, reason=reason)
        corrected = corrections.of_imports(home.registry, [record.id]).get(record.id, ())
        work = replace(work, corrections=corrected)
        details: dict[str, Any] = {}
        try:
            work, reading, report = running.run_prevalidation(work, payload)
        except ReviewNeededError as review:
            recalled = remembering.recall(home, work.spec, review)
            if recalled is None:
                raise
            spec, details = recalled
            work, reading, report = running.run_prevalidation(replace(work, spec=spec), payload)
    finally:
        remove_payload(payload)
    mapped = work.spec.replaced(mapping_direction=MappingDirection.COLUMN_TO_FIELD)
    imports.update(
        home.registry,
        record.id,
        spec=mapped.model_dump(mode="json"),
        total_rows=work.total_rows(),
        details=deduplication.without_wait(record.details) | {"reading": reading.as_dict()} | details,
    )
    return report


def _fetch_payload(home: "Home", record: ImportRecord, work: Work, payload: Path) -> deduplication.Verdict:
    """Bring the object, in the version that was registered, beside the workspace.

    Returns:
        What its bytes mean, by what was imported before.
    """
    download = fetch(home, record, payload)
    imports.update(home.registry, record.id, checksum=download.checksum, size_bytes=download.size_bytes)
    return (
        deduplication.NEW
        if work.spec.dry_run
        else deduplication.judge(home, record, download.checksum, work.connection)
    )


def fetch(home: "Home", record: ImportRecord, payload: Path) -> Download:
    """Bring an import's object, in the version that was registered, to a file."""
    assert record.object_key is not None
    assert record.object_version is not None
    obj = StoredObject(record.object_key, record.size_bytes or 0, 0.0, record.object_version)
    return home.bucket.download(obj, payload, home.settings.max_file_bytes)


def remove_payload(payload: Path) -> None:
    """Remove what phase 1 read, with what it made of it."""
    for leftover in (payload, payload.with_name(payload.name + ".utf8")):
        leftover.unlink(missing_ok=True)
