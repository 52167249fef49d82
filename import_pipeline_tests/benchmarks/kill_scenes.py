"""What is killed: an import, an undo, a look of the sensor at the bucket, a run that takes many small files together.

A scene is prepared once and copied for each kill. `work` is what dies in the midst of it, `go_on` what a restart does;
the fingerprint of what both leave must be that of a scene which nothing disturbed.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from import_pipeline import record_types
from import_pipeline.imports import ImportService
from import_pipeline.orchestration.collecting import collect_uploads
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service.resuming import requeue, resume_abandoned
from import_pipeline.settings import Settings
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import Phase, Source, Status

IMPORT_ID = "killed"
ROWS = 3_000
FILES = 6
LATER = 3_600.0


@dataclass(frozen=True)
class Scene:
    """Something that is killed.

    Attributes:
        name: For people.
        prepare: Makes a home, once.
        begin: Does in a copy of that home what has to be done there; the bucket tells an object from a copy of it.
        work: Dies in the midst.
        go_on: What a restart, or the person who asked, does then; also after work that came to its end.
    """

    name: str
    prepare: Callable[[Path], None]
    begin: Callable[[Path], None]
    work: Callable[[Path], None]
    go_on: Callable[[Path], None]


def service_of(home: Path) -> ImportService:
    """The service of a home, as a process opens it."""
    return ImportService(Settings(home=home, settle_seconds=0.0))


def prepare(home: Path) -> None:
    """A home with stored contacts, and the file of an import that updates, creates and deletes some, with bad rows."""
    home.mkdir(parents=True)
    service = service_of(home)
    stored = home / "stored.csv"
    lines = [f"c{number},person{number}@example.com,Name{number},old" for number in range(0, ROWS, 2)]
    stored.write_text("external_id,email,first_name,tags\n" + "\n".join(lines) + "\n")
    first = service.create_from_file(stored, ImportSpec(record_type="contact"), Source.TERMINAL, import_id="before")
    run(service, first.id)
    incoming = home / "incoming.csv"
    lines = [
        f"c{number},{'bad' if number % 50 == 0 else f'person{number}@example.com'},New{number},fair"
        for number in range(0, ROWS, 3)
    ]
    lines += lines[7:9]
    incoming.write_text("external_id,email,first_name,groups\n" + "\n".join(lines) + "\n")


def begin(home: Path) -> None:
    """Register the import."""
    spec = ImportSpec.model_validate(
        {"record_type": "contact", "action": "overwrite", "tags": ["new"], "confirm_deletions": True}
    )
    service = service_of(home)
    service.create_from_file(home / "incoming.csv", spec, Source.TERMINAL, import_id=IMPORT_ID)
    service.registry.close()


def go_on(home: Path) -> None:
    """What a restart does: an import whose run died is queued again, and runs from where it was."""
    service = service_of(home)
    if service.registry.get(IMPORT_ID).status is Status.PROCESSING:
        requeue(service, IMPORT_ID, "Its process was killed.")
    run(service, IMPORT_ID)
    service.registry.close()


def run(service: ImportService, import_id: str) -> None:
    """Run an import that has not ended."""
    if not service.registry.get(import_id).status.is_final:
        for phase in Phase:
            service.run_phase(import_id, phase)


def begin_undo(home: Path) -> None:
    """Carry the import out that is undone."""
    begin(home)
    go_on(home)


def undo(home: Path) -> None:
    """Undo it."""
    service = service_of(home)
    service.undo(IMPORT_ID)
    service.registry.close()


def go_on_undoing(home: Path) -> None:
    """What the daemon does with an undo that died; where it had not begun, the person asks again."""
    service = service_of(home)
    resume_abandoned(service, time.time() + LATER)
    for record in service.registry.queued(10):
        run(service, record.id)
    if service.registry.get(IMPORT_ID).status is Status.COMPLETED:
        service.undo(IMPORT_ID)
    service.registry.close()


def begin_look(home: Path) -> None:
    """Put small files into the bucket, two of them with a sidecar, of which one is wrong."""
    bucket = service_of(home).bucket
    for number in range(FILES):
        lines = "".join(f"c{row},New{number}\n" for row in range(number, 200, FILES))
        bucket.write_text(f"uploads/default/contact/f{number:02}.csv", "external_id,last_name\n" + lines)
    bucket.write_text("uploads/default/contact/f02.csv.import.yaml", "tags: [vip]\n")
    bucket.write_text("uploads/default/contact/f04.csv.import.yaml", "acton: overwrite\n")
    bucket.write_text("uploads/default/contact/empty.csv", "")


def look(home: Path) -> None:
    """One tick of the bucket sensor."""
    service = service_of(home)
    collect_uploads(service, None)
    service.registry.close()


def look_again_and_import(home: Path) -> None:
    """The next ticks: what is queued is imported, and whatever is new is queued, until nothing more is."""
    service = service_of(home)
    while True:
        found = collect_uploads(service, None)
        waiting = _in_their_order(service.registry.queued(100))
        for record in waiting:
            run(service, record.id)
        if not waiting and not found.queued:
            break
    service.registry.close()


def begin_together(home: Path) -> None:
    """Queue small files."""
    begin_look(home)
    look(home)


def go_together(home: Path) -> None:
    """One run takes all of them."""
    service = service_of(home)
    waiting = [record.id for record in _in_their_order(service.registry.queued(100))]
    if not service.run_together(waiting, "run", lambda import_id: run(service, import_id)):
        raise AssertionError("Nothing of what waits can be imported together.")
    service.registry.close()


def go_on_one_by_one(home: Path) -> None:
    """What the daemon does with the imports of a run that died."""
    service = service_of(home)
    for record in service.registry.list(status=Status.PROCESSING, limit=100).items:
        requeue(service, record.id, "Its process was killed.", "run")
    for record in _in_their_order(service.registry.queued(100)):
        run(service, record.id)
    service.registry.close()


def _in_their_order(records: list[ImportRecord]) -> list[ImportRecord]:
    return sorted(records, key=lambda record: record.object_key or "")


SCENES = {
    "import": Scene("import", prepare, begin, go_on, go_on),
    "undo": Scene("undo", prepare, begin_undo, undo, go_on_undoing),
    "sensor": Scene("sensor", prepare, begin_look, look, look_again_and_import),
    "together": Scene("together", prepare, begin_together, go_together, go_on_one_by_one),
}


def fingerprint(home: Path) -> str:
    """A hash of records, history, outcomes, marks, imports and claims; without times, and with ids told by their files.

    Minted ids differ from home to home, and so do digests, which are made over ids and times.
    """
    service = service_of(home)
    imports = list(service.registry.list(limit=1_000).items)
    told = [repr(sorted(_told(service, record))) for record in imports]
    told += [repr(row) for row in sorted(_claims(service))]
    service.registry.close()
    text = "\n".join(sorted(_without_ids(line, imports) for line in [*told, *stored_lines(home)]))
    return hashlib.sha256(text.encode()).hexdigest()


def stored_lines(home: Path) -> list[str]:
    """Records, history, outcomes and marks, a line for each row, without times and digests, in their order."""
    import duckdb

    told = []
    with duckdb.connect(home / "records" / "default.duckdb", read_only=True) as connection:
        tables = [record_types.get(name).table for name in record_types.names()]
        tables += [f"{table}_history" for table in tables] + ["row_outcomes", "applied_imports"]
        for table in tables:
            columns = [name for (name,) in connection.execute(f"SELECT column_name FROM (DESCRIBE {table})").fetchall()]
            kept = ", ".join(f'"{name}"' for name in columns if not name.endswith(("_at", "digest", "sequence")))
            told += [f"{table} {row!r}" for row in connection.execute(f"SELECT {kept} FROM {table}").fetchall()]
    return sorted(told)


def _told(service: ImportService, record: ImportRecord) -> list[tuple[str, object]]:
    shown = service.import_object(record.id)
    names = ("status", "stats", "has_errors_file", "undo", "source", "dry_run")
    return [(name, value) for name, value in shown.items() if name.endswith("_count") or name in names] + [
        ("file", record.object_key or record.file_name)
    ]


def _claims(service: ImportService) -> list[tuple[str, str]]:
    from sqlalchemy import select

    from import_pipeline.stores.tables import claims

    statement = select(claims.c.kind, claims.c.key, claims.c.import_id)
    found = service.registry.database.read(lambda connection: connection.execute(statement).all())
    return [(kind, key.partition("@")[0] if kind == "object" else import_id) for kind, key, import_id in found]


def _without_ids(line: str, imports: list[ImportRecord]) -> str:
    for record in imports:
        name = f"<{record.details.get('undoes') or ''} {record.object_key or record.file_name}>"
        text = f"{record.organization}/{record.record_type}/{record.id}"
        line = line.replace(hashlib.sha256(text.encode()).hexdigest()[:16], name).replace(record.id, name)
    return line
