"""The files of a batch: each is brought beside the workspace, and its bytes are judged, before phase 1 reads it.

How a file is read is in `intake/`, what bytes mean that were imported before in `deduplication.py`.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import ImportPipelineError
from import_pipeline.intake.bucket import Download, StoredObject
from import_pipeline.phases.gathering import Payload
from import_pipeline.phases.work import Work
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import deduplication
from import_pipeline.stores import corrections, imports
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.workspace import payload_path

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.service.watching import Watch

_AT_ONCE_BYTES = 4 * 2**20
"""So much of the files of a batch lies beside its workspace at once, or one file."""


@dataclass
class Fetched:
    """What came of fetching files: checksum and size by import, those that did not come in, and the one at hand."""

    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    put_aside: str | None = None
    payload: Payload | None = None


def payloads_of(
    home: "Home",
    records: Sequence[ImportRecord],
    work: Work,
    watch: "Watch",
    fetched: Fetched,
    before: Download | None = None,
) -> Generator[Payload]:
    """Bring the object of each import, in the version that was registered, beside the workspace while it is read.

    Of several imports, one whose bytes were imported before comes later with those behind it: what its bytes mean is
    known when those ahead of it have ended.

    Args:
        home: The home.
        records: The imports.
        work: The batch.
        watch: Who watches it.
        fetched: Is told what came of it.
        before: What arrived of the one file that was brought before.
    """
    corrected = corrections.of_imports(home.registry, [record.id for record in records])
    for together in _together(records, work):
        paths = {record.id: payload_path(home.settings, record.id) for record in together}
        try:
            came = {together[0].id: before} if before else _fetch_each(home, together, paths, work, fetched)
            new = _claim_new(home, together, came, work)
            for record in together:
                if record.id not in came:
                    continue
                verdict = _judge(home, record, came[record.id], work, new, fetched)
                if verdict is not None and verdict.means is deduplication.Means.NEW:
                    spec = ImportSpec.model_validate(record.spec)
                    fetched.payload = Payload(record.id, spec, paths[record.id], corrected.get(record.id))
                    yield fetched.payload
                elif verdict is not None and work.several is not None:
                    return
                elif verdict is not None:
                    watch.leave_alone()
                    fetched.put_aside = deduplication.put_aside(home, record, verdict)
        finally:
            for path in paths.values():
                remove_payload(path)


def _together(records: Sequence[ImportRecord], work: Work) -> Generator[list[ImportRecord]]:
    """The imports whose files are brought at once: what is asked about one is then asked about all of them."""
    together, size = list[ImportRecord](), 0
    for record in records:
        size += record.size_bytes or 0
        if together and (work.several is None or size > _AT_ONCE_BYTES):
            yield together
            together, size = [], record.size_bytes or 0
        together.append(record)
    yield together


def _fetch_each(
    home: "Home", records: Sequence[ImportRecord], paths: Mapping[str, Path], work: Work, fetched: Fetched
) -> dict[str, Download]:
    came: dict[str, Download] = {}
    for record in records:
        try:
            came[record.id] = fetch(home, record, paths[record.id])
        except ImportPipelineError as error:
            if error.transient or work.several is None:
                raise
            fetched.unreadable.add(record.id)
    return came


def _claim_new(
    home: "Home", records: Sequence[ImportRecord], came: Mapping[str, Download], work: Work
) -> frozenset[str]:
    if work.several is None or work.spec.dry_run:
        return frozenset()
    brought = [(record, came[record.id].checksum) for record in records if record.id in came]
    return deduplication.claim_new(home, brought)


def _judge(
    home: "Home", record: ImportRecord, download: Download, work: Work, new: frozenset[str], fetched: Fetched
) -> deduplication.Verdict | None:
    """What the bytes of an import mean; None where that could not be found out, which it says when it goes alone."""
    file = {"checksum": download.checksum, "size_bytes": download.size_bytes}
    if work.several is None:
        imports.update(home.registry, record.id, **file)
    verdict = deduplication.NEW
    if not work.spec.dry_run and record.id not in new:
        try:
            verdict = deduplication.judge(home, record, download.checksum, work.connection)
        except ImportPipelineError as error:
            if error.transient or work.several is None:
                raise
            fetched.unreadable.add(record.id)
            return None
    if verdict.means is deduplication.Means.NEW:
        fetched.files[record.id] = file
    return verdict


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
