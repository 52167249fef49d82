"""What is killed: an import, an undo, a look of the sensor at the bucket, a run that takes many small files in batches.

A home is prepared once and copied for each kill. `work` is what dies in the midst of it, `go_on` what a restart does;
the fingerprint of what both leave must be that of a scene which nothing disturbed.
"""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from import_pipeline.home import Home
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import creating, queries, run_imports, running, transitions, undoing
from import_pipeline.service.discovery import collect_uploads
from import_pipeline.service.reconciling import reconcile
from import_pipeline.settings import Settings
from import_pipeline.stores import imports
from import_pipeline.stores.engine import kept_open
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import Phase, Source, Status
from import_pipeline_tests.stored import all_tables

IMPORT_ID = "killed"
ROWS = 3_000
FILES = 6


@dataclass(frozen=True)
class Scene:
    """Something that is killed.

    Attributes:
        name: For people.
        begin: Does in a copy of the prepared home what has to be done there; the bucket tells an object from its copy.
        work: Dies in the midst.
        go_on: What a restart, or the person who asked, does then; also after work that came to its end.
    """

    name: str
    begin: Callable[[Path], None]
    work: Callable[[Path], None]
    go_on: Callable[[Path], None]


def home_of(folder: Path) -> Home:
    """A home, as a process opens it."""
    return Home(Settings(home=folder, settle_seconds=0.0))


def prepare(folder: Path) -> None:
    """A home with stored contacts, and the file of an import that updates, creates and deletes some, with bad rows."""
    folder.mkdir(parents=True)
    home = home_of(folder)
    stored = folder / "stored.csv"
    lines = [f"c{number},person{number}@example.com,Name{number},old" for number in range(0, ROWS, 2)]
    stored.write_text("external_id,email,first_name,tags\n" + "\n".join(lines) + "\n")
    first = creating.create_from_file(
        home, stored, ImportSpec(record_type="contact"), Source.TERMINAL, import_id="before"
    )
    run(home, first.id)
    incoming = folder / "incoming.csv"
    lines = [
        f"c{number},{'bad' if number % 50 == 0 else f'person{number}@example.com'},New{number},fair"
        for number in range(0, ROWS, 3)
    ]
    lines += lines[7:9]
    incoming.write_text("external_id,email,first_name,groups\n" + "\n".join(lines) + "\n")


def begin(folder: Path) -> None:
    """Register the import."""
    spec = ImportSpec.model_validate(
        {"record_type": "contact", "action": "overwrite", "tags": ["new"], "confirm_deletions": True}
    )
    home = home_of(folder)
    creating.create_from_file(home, folder / "incoming.csv", spec, Source.TERMINAL, import_id=IMPORT_ID)
    home.registry.close()


def go_on(folder: Path) -> None:
    """What a restart does: an import whose run died is queued again, and runs from where it was."""
    home = home_of(folder)
    reconcile(home)
    run(home, IMPORT_ID)
    home.registry.close()


def run_at_once(folder: Path) -> None:
    """Run the import as the terminal does: its workspace stays attached from phase to phase."""
    home = home_of(folder)
    with kept_open():
        run(home, IMPORT_ID)
    home.registry.close()


def run(home: Home, import_id: str) -> None:
    """Run an import that has not ended."""
    if not imports.get(home.registry, import_id).status.is_final:
        for phase in Phase:
            running.run_phase_of(home, import_id, phase)


def begin_last_phase(folder: Path) -> None:
    """Take the import, an overwrite, as far as its records are written and its deletions are not."""
    begin(folder)
    home = home_of(folder)
    for phase in list(Phase)[:6]:
        running.run_phase_of(home, IMPORT_ID, phase)
    transitions.release(home, [IMPORT_ID])  # the next process goes on with it as the same run
    home.registry.close()


def last_phase(folder: Path) -> None:
    """Its last phase."""
    home = home_of(folder)
    running.run_phase_of(home, IMPORT_ID, Phase.CLEANUP)
    home.registry.close()


def go_on_elsewhere(folder: Path) -> None:
    """What another host does once this one is gone, with all of its workspaces."""
    shutil.rmtree(folder / "workspaces", ignore_errors=True)
    go_on(folder)


def begin_undo(folder: Path) -> None:
    """Carry the import out that is undone."""
    begin(folder)
    go_on(folder)


def undo(folder: Path) -> None:
    """Undo it."""
    home = home_of(folder)
    undoing.undo(home, IMPORT_ID)
    home.registry.close()


def go_on_undoing(folder: Path) -> None:
    """What the daemon does with an undo that died; where it had not begun, the person asks again."""
    home = home_of(folder)
    reconcile(home)
    for record in imports.queued(home.registry, 10):
        run(home, record.id)
    if imports.get(home.registry, IMPORT_ID).status is Status.COMPLETED:
        undoing.undo(home, IMPORT_ID)
    home.registry.close()


def begin_look(folder: Path) -> None:
    """Put small files into the bucket, two of them with a sidecar, of which one is wrong."""
    bucket = home_of(folder).bucket
    for number in range(FILES):
        lines = "".join(f"c{row},New{number}\n" for row in range(number, 200, FILES))
        bucket.write_text(f"uploads/default/contact/f{number:02}.csv", "external_id,last_name\n" + lines)
    bucket.write_text("uploads/default/contact/f02.csv.import.yaml", "tags: [vip]\n")
    bucket.write_text("uploads/default/contact/f04.csv.import.yaml", "acton: overwrite\n")
    bucket.write_text("uploads/default/contact/empty.csv", "")


def look(folder: Path) -> None:
    """One tick of the bucket sensor."""
    home = home_of(folder)
    collect_uploads(home, None)
    home.registry.close()


def look_again_and_import(folder: Path) -> None:
    """The next ticks: what is queued is imported, and whatever is new is queued, until nothing more is."""
    home = home_of(folder)
    while True:
        found = collect_uploads(home, None)
        waiting = _in_their_order(imports.queued(home.registry, 100))
        for record in waiting:
            run(home, record.id)
        if not waiting and not found.queued:
            break
    home.registry.close()


def begin_batch(folder: Path) -> None:
    """Queue small files."""
    begin_look(folder)
    look(folder)


def go_in_batches(folder: Path) -> None:
    """One run takes all of them."""
    home = home_of(folder)
    waiting = [record.id for record in _in_their_order(imports.queued(home.registry, 100))]
    batches: list[int] = []
    run_imports.run_imports(home, waiting, "run", lambda phase, result: batches.append(len(result.reports)))
    if max(batches) < 2:
        raise AssertionError("Nothing of what waits can go in one batch.")
    home.registry.close()


def go_on_one_by_one(folder: Path) -> None:
    """What the daemon does with the imports of a run that died."""
    home = home_of(folder)
    reconcile(home)
    for record in _in_their_order(imports.queued(home.registry, 100)):
        run(home, record.id)
    home.registry.close()


def _in_their_order(records: list[ImportRecord]) -> list[ImportRecord]:
    return sorted(records, key=lambda record: record.object_key or "")


SCENES = {
    "import": Scene("import", begin, go_on, go_on),
    "at-once": Scene("at-once", begin, run_at_once, go_on),
    "last-phase": Scene("last-phase", begin_last_phase, last_phase, go_on),
    "host-gone": Scene("host-gone", begin, go_on, go_on_elsewhere),
    "undo": Scene("undo", begin_undo, undo, go_on_undoing),
    "sensor": Scene("sensor", begin_look, look, look_again_and_import),
    "batch": Scene("batch", begin_batch, go_in_batches, go_on_one_by_one),
}


def fingerprint(folder: Path) -> str:
    """A hash of records, history, outcomes, marks, imports and claims; without times, and with ids told by their files.

    Minted ids differ from home to home, and so do digests, which are made over ids and times.
    """
    home = home_of(folder)
    found = list(imports.list_imports(home.registry, limit=1_000).items)
    told = [repr(sorted(_told(home, record))) for record in found]
    told += [repr(row) for row in sorted(_claims(home))]
    home.registry.close()
    text = "\n".join(sorted(_without_ids(line, found) for line in [*told, *stored_lines(folder)]))
    return hashlib.sha256(text.encode()).hexdigest()


def stored_lines(folder: Path) -> list[str]:
    """Records, history, outcomes and marks, a line for each row, without times and digests, in their order."""
    found = all_tables(home_of(folder).settings, without=("_at", "digest", "sequence"))
    return sorted(f"{table} {row!r}" for table, rows in found.items() for row in rows)


def _told(home: Home, record: ImportRecord) -> list[tuple[str, object]]:
    shown = queries.import_object(home, record.id)
    names = ("status", "stats", "has_errors_file", "undo", "source", "dry_run")
    return [(name, value) for name, value in shown.items() if name.endswith("_count") or name in names] + [
        ("file", record.object_key or record.file_name)
    ]


def _claims(home: Home) -> list[tuple[str, str]]:
    from sqlalchemy import select

    from import_pipeline.stores.tables import claims

    statement = select(claims.c.kind, claims.c.key, claims.c.import_id)
    found = home.registry.read(lambda connection: connection.execute(statement).all())
    return [(kind, key.partition("@")[0] if kind == "object" else import_id) for kind, key, import_id in found]


def _without_ids(line: str, imports: list[ImportRecord]) -> str:
    for record in imports:
        name = f"<{record.undoes or ''} {record.object_key or record.file_name}>"
        text = f"{record.organization}/{record.record_type}/{record.id}"
        line = line.replace(hashlib.sha256(text.encode()).hexdigest()[:16], name).replace(record.id, name)
    return line
