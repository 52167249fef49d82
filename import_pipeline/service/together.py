"""Taking several small imports through their phases together: which they are, their files, and what is noted of them.

How they share a workspace is in `phases/together.py`. An import that cannot share one, or with which anything is not
as usual, is left as it is, and goes through the phases by itself: there it is told what is wrong.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

import duckdb

from import_pipeline.errors import ImportPipelineError, StoppedError
from import_pipeline.phases import together
from import_pipeline.phases.progress import Progress
from import_pipeline.phases.report import PhaseReport, in_words
from import_pipeline.phases.together import File
from import_pipeline.phases.together_reports import Clock, Reports, reports_of
from import_pipeline.phases.work import Work
from import_pipeline.run_config.declared import record_type_of
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import deduplication, publishing, undoing
from import_pipeline.service.executing import fetch, mode_of, remove_payload
from import_pipeline.service.resuming import RESUME_FROM
from import_pipeline.service.written import WRITING
from import_pipeline.stores import claims, corrections
from import_pipeline.stores import together as registry_together
from import_pipeline.stores.claims import content_key
from import_pipeline.stores.engine import working_on_many
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.records import attached_store
from import_pipeline.stores.workspace import SMALL_BYTES, payload_path
from import_pipeline.words import MappingDirection, Outcome, Phase

if TYPE_CHECKING:
    from import_pipeline.home import Home

log = logging.getLogger(__name__)

FILES_AT_ONCE = 100
ROWS_AT_ONCE = 50_000
_OF_ONE_FILE = ("name", "created_by", "upload_mode", "import_again")


def run_together(home: "Home", import_ids: Sequence[str], run_id: str | None, alone: Callable[[str], None]) -> Reports:
    """Take some imports through all phases: those that can share a workspace together, the others one by one.

    The imports of an organization come in their order, or as if they had.

    Args:
        home: The home.
        import_ids: The imports, in their order.
        run_id: The run that works on them.
        alone: Takes one import through its phases by itself.

    Returns:
        The reports of the imports that went together.
    """
    records = registry_together.read(home.registry, import_ids)
    to_do = {record.id: record for record in records if not record.status.is_final}
    for import_id in import_ids:
        if import_id not in to_do:  # it is told why there is nothing to do
            alone(import_id)
    reports: Reports = {}
    for (*_, plain), group in groupby(sorted(to_do.values(), key=lambda record: record.organization), key=_asked):
        waiting, size = list(group), FILES_AT_ONCE
        while waiting:
            tried = waiting[:size] if plain else []
            done = _try(home, tried, run_id) if len(tried) > 1 else {}
            reports |= done
            # Where few could share, a smaller try wastes less; the first of them goes by itself if nobody did.
            size = FILES_AT_ONCE if len(done) == len(tried) else max(2, 2 * len(done))
            if not done:
                alone(waiting.pop(0).id)
            waiting = [record for record in waiting if record.id not in done]
    return reports


def _asked(record: ImportRecord) -> tuple[Any, ...]:
    """What imports have in common that can share a workspace; last, whether they can at all."""
    spec = {name: value for name, value in record.spec.items() if name not in _OF_ONE_FILE}
    return record.organization, record.record_type, repr(sorted(spec.items())), _is_plain(record)


def _is_plain(record: ImportRecord) -> bool:
    """Whether an import begins at the beginning, with a small file."""
    return (
        record.status in registry_together.STARTABLE
        and record.object_key is not None
        and record.size_bytes is not None
        and record.size_bytes <= SMALL_BYTES
        and undoing.UNDOES not in record.details
        and RESUME_FROM not in record.details
    )


class _Sharing(Progress):
    """The imports that are written together: the moment after which none of them can be cancelled is one for all."""

    def __init__(self, home: "Home") -> None:
        super().__init__()
        self._home = home
        self.records: Sequence[ImportRecord] = ()

    def before_commit(self) -> None:
        """See `Progress.before_commit`."""
        database = self._home.registry
        lost = registry_together.note(database, self.records, WRITING, int(time.time()))
        if lost:
            raise StoppedError(lost[0], "not in the hands of this run any more")


def _try(home: "Home", records: Sequence[ImportRecord], run_id: str | None) -> Reports:
    """Take some imports through the phases at once; whatever is in the way, they can still go by themselves."""
    taken = registry_together.take(home.registry, [record.id for record in records], run_id, int(time.time()))
    if not taken:
        return {}
    sharing = _Sharing(home)
    spec = ImportSpec.model_validate(taken[0].spec)
    try:
        with working_on_many(home.settings, spec.organization) as connection:
            work = Work(connection, taken[0].id, spec, record_type_of(spec), home.settings, sharing, shared=True)
            return _share(home, work, taken, sharing) if together.may_share(work) else {}
    except (ImportPipelineError, duckdb.Error) as error:
        log.info("%s imports go through the phases one by one: %s", len(taken), error)
        return {}


def _share(home: "Home", work: Work, taken: Sequence[ImportRecord], sharing: _Sharing) -> Reports:
    clock = Clock()
    by_id = {record.id: record for record in taken}
    files, bytes_of = _gather(home, work, taken)
    if len(files) < 2:
        return {}
    unsure = _unsure(home, work, [by_id[file.import_id] for file in files], bytes_of)
    work = together.prevalidate(work, files)
    clock.ended(Phase.PREVALIDATION)
    organization = work.spec.organization
    with attached_store(work.connection, home.settings, organization, write=True, declared=work.record_type):
        together.plan(work, unsure)
        clock.ended(Phase.PREPARSING, Phase.TRANSFORMING, Phase.PARSING, Phase.VALIDATION)
        stayed = set(together.imports_in(work))
        files = [file for file in files if file.import_id in stayed]
        if not files:
            return {}
        sharing.records = [by_id[file.import_id] for file in files]
        together.write(work)
    clock.ended(Phase.PROCESSING)
    publishing.publish(home, work)
    clock.ended(Phase.CLEANUP)
    reports = reports_of(work, files, clock.seconds)
    ended = [
        _ended(by_id[file.import_id], file, bytes_of[file.import_id], reports[file.import_id], clock.began)
        for file in files
    ]
    registry_together.complete(home.registry, ended, int(time.time()))
    return reports


def _gather(home: "Home", work: Work, taken: Sequence[ImportRecord]) -> tuple[list[File], dict[str, dict[str, Any]]]:
    """Read files, up to the first that does not go with the others; what is found out about their bytes, by import."""
    together.begin(work)
    files: list[File] = []
    bytes_of: dict[str, dict[str, Any]] = {}
    corrected = corrections.of_imports(home.registry, [record.id for record in taken])
    seen: set[str] = set()
    row = 1
    for place, record in enumerate(taken):
        try:
            found, file = _read(home, replace(work, corrections=corrected.get(record.id, ())), record, row)
        except (ImportPipelineError, duckdb.Error) as error:
            if isinstance(error, ImportPipelineError) and error.transient:
                break
            continue  # by itself it fails in the same way, and says why
        if (files and not file.goes_with(files[0])) or row + file.rows > ROWS_AT_ONCE:
            break
        if found["checksum"] in seen:
            if deduplication.is_bound(record):  # what it means is known once the first of them is written
                break
            continue
        together.take_in(work, file, place)
        seen.add(found["checksum"])
        files.append(file)
        bytes_of[record.id] = found
        row += file.rows
    return files, bytes_of


def _read(home: "Home", work: Work, record: ImportRecord, first_row: int) -> tuple[dict[str, Any], File]:
    payload = payload_path(home.settings, record.id)
    own = replace(work, import_id=record.id, spec=ImportSpec.model_validate(record.spec))
    try:
        download = fetch(home, record, payload)
        file = together.read(own, record.id, payload, first_row)
    finally:
        remove_payload(payload)
    return {"checksum": download.checksum, "size_bytes": download.size_bytes}, file


def _unsure(
    home: "Home",
    work: Work,
    records: Sequence[ImportRecord],
    bytes_of: Mapping[str, Mapping[str, Any]],
) -> list[str]:
    """The imports from the first on whose bytes were imported before: what that means depends on those ahead of it."""
    by_key = {
        content_key(record.organization, record.record_type, bytes_of[record.id]["checksum"]): record
        for record in records
    }
    holders = claims.claim_many(home.registry, "content", {key: record.id for key, record in by_key.items()})
    for place, (key, record) in enumerate(by_key.items()):
        if not deduplication.is_bound(record) or (holders[key] == record.id and record.supersedes is None):
            continue
        if (
            deduplication.judge(home, record, bytes_of[record.id]["checksum"], work.connection).means
            is not deduplication.Means.NEW
        ):
            return [one.id for one in records[place:]]
    return []


def _ended(
    record: ImportRecord,
    file: File,
    found: Mapping[str, Any],
    reports: Mapping[Phase, PhaseReport],
    began: int,
) -> registry_together.Ended:
    """What the registry is to know of an import: the same as if its phases had run one by one."""
    outcomes = reports[Phase.CLEANUP].outcomes
    values = {
        **found,
        **{f"{outcome}_count": outcomes[outcome] for outcome in Outcome},
        "processed_rows": sum(outcomes.values()),
        "total_rows": file.rows,
        "has_errors_file": outcomes[Outcome.FAILED] > 0,
        "spec": file.spec.replaced(mapping_direction=MappingDirection.COLUMN_TO_FIELD).model_dump(mode="json"),
        "details": deduplication.without_wait(record.details)
        | {"reading": file.reading.as_dict(), WRITING: True, "notices": reports[Phase.CLEANUP].notices},
        "reason": in_words(reports[Phase.CLEANUP].notices) or None,
    }
    now = int(time.time())
    phases = [
        {
            "mode": mode_of(record, phase).value,
            "total": report.rows_in,
            "processed": report.rows_in,
            "success": report.rows_out,
            "error": report.rows_in - report.rows_out,
            "started_at": began,
            "ended_at": now,
            "seconds": report.seconds,
        }
        for phase, report in reports.items()
    ]
    return registry_together.Ended(record, values, phases)
