"""Reading a file before phase 1 begins, while the libraries that its run needs are still being loaded.

It is read just as phase 1 reads it, into the workspace in which that goes on, and nothing is noted anywhere: what is
wrong with a file is left to phase 1, which reads it anew. A process that ends meanwhile leaves an import not begun.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from import_pipeline.stores import imports
from import_pipeline.stores.engine import drop_workspace_of, fits_in_memory, has_workspace, kept_open, working_on
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.workspace import SMALL_BYTES, payload_path
from import_pipeline.words import Status

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.intake import Reading
    from import_pipeline.intake.bucket import Download

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReadAhead:
    """A file that lies read in the workspace of its import, its pinned copy beside it.

    Attributes:
        version: Which version of which object it is, and what was asked of it.
        download: What arrived of it.
        reading: How it was read.
        seconds: How long that took.
    """

    version: tuple[object, ...]
    download: "Download"
    reading: "Reading"
    seconds: float


_ahead: dict[str, ReadAhead] = {}


def is_worth_reading_ahead(home: "Home", import_id: str) -> bool:
    """Whether an import has not begun, its file is no short one, and its workspace may be in memory."""
    record = imports.get(home.registry, import_id)
    return (
        record.status is Status.UPLOADED
        and record.object_key is not None
        and (record.size_bytes or 0) > SMALL_BYTES
        and not has_workspace(home.settings, record.id)
        and fits_in_memory(home.settings, record.organization, record.size_bytes)
    )


@contextmanager
def read_ahead(home: "Home", import_id: str) -> Iterator[None]:
    """Read the file of an import ahead, for the phases that this process runs while the block does.

    Args:
        home: The home.
        import_id: An import for which that is worth it.
    """
    from import_pipeline.service.fetching import remove_payload

    with kept_open():
        try:
            _read(home, imports.get(home.registry, import_id))
            yield
        finally:
            _ahead.pop(import_id, None)
            remove_payload(payload_path(home.settings, import_id))


def take(record: ImportRecord) -> ReadAhead | None:
    """What was read ahead of the file of an import, if it still is what the import means; once, and not again."""
    found = _ahead.pop(record.id, None)
    return found if found is not None and found.version == _version(record) else None


def _version(record: ImportRecord) -> tuple[object, ...]:
    return record.object_key, record.object_version, record.spec


def _read(home: "Home", record: ImportRecord) -> None:
    from import_pipeline.phases import p1_prevalidation as p1
    from import_pipeline.phases.work import Work
    from import_pipeline.run_config.declared import record_type_of
    from import_pipeline.run_config.spec import ImportSpec
    from import_pipeline.service.fetching import fetch
    from import_pipeline.stores import corrections

    started = time.monotonic()
    spec, payload = ImportSpec.model_validate(record.spec), payload_path(home.settings, record.id)
    with working_on(home.settings, record.id, record.organization, payload_bytes=record.size_bytes) as connection:
        try:
            download = fetch(home, record, payload)
            corrected = corrections.of_imports(home.registry, [record.id]).get(record.id)
            work = Work(connection, record.id, spec, record_type_of(spec), home.settings, corrections=corrected)
            reading = p1.read(work, payload)
        except Exception as error:  # phase 1 comes upon it again, and tells it
            log.info("Import %s is not read ahead: %s", record.id, type(error).__name__)
        else:
            _ahead[record.id] = ReadAhead(_version(record), download, reading, time.monotonic() - started)
            return
    drop_workspace_of(home.settings, record.id)
