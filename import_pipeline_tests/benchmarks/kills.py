"""Kill an import at seeded moments, start it again, and compare what is stored with an import that nothing disturbed.

`python -m import_pipeline_tests.benchmarks.kills [--kills 200] [--seed 1]`. Half of the kills come before or after a
certain statement or change of the registry, the other half after a certain time, so that they also meet checkpoints
and commits. Every process is forked from one that has imported everything and opened nothing.
"""

import argparse
import hashlib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from import_pipeline import record_types
from import_pipeline.imports import ImportService
from import_pipeline.phases.work import Work
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import executing
from import_pipeline.service.resuming import resume
from import_pipeline.settings import Settings
from import_pipeline.stores import registry, registry_database
from import_pipeline.words import Phase, Source, Status

IMPORT_ID = "killed"
ROWS = 3_000
LOADED = (executing, registry)  # what a child must not have to import


@dataclass(frozen=True)
class Kill:
    """A moment to die at: before or after the so-manieth event, or after some seconds."""

    event: int | None = None
    after: bool = False
    seconds: float | None = None

    def __str__(self) -> str:
        if self.seconds is not None:
            return f"after {self.seconds:.3f} s"
        return f"{'after' if self.after else 'before'} event {self.event}"


def prepare(home: Path) -> None:
    """A home with stored contacts, and the file of an import that updates, creates and deletes some, with bad rows."""
    home.mkdir(parents=True)
    service = ImportService(Settings(home=home))
    stored = home / "stored.csv"
    lines = [f"c{number},person{number}@example.com,Name{number},old" for number in range(0, ROWS, 2)]
    stored.write_text("external_id,email,first_name,tags\n" + "\n".join(lines) + "\n")
    first = service.create_from_file(stored, ImportSpec(record_type="contact"), Source.TERMINAL, import_id="before")
    for phase in Phase:
        service.run_phase(first.id, phase)
    incoming = home / "incoming.csv"
    lines = [
        f"c{number},{'bad' if number % 50 == 0 else f'person{number}@example.com'},New{number},fair"
        for number in range(0, ROWS, 3)
    ]
    lines += lines[7:9]
    incoming.write_text("external_id,email,first_name,groups\n" + "\n".join(lines) + "\n")


def begin(home: Path) -> None:
    """Register the import, in its own home: the bucket tells an object from a copy of it."""
    spec = ImportSpec.model_validate(
        {"record_type": "contact", "action": "overwrite", "tags": ["new"], "confirm_deletions": True}
    )
    service = ImportService(Settings(home=home))
    service.create_from_file(home / "incoming.csv", spec, Source.TERMINAL, import_id=IMPORT_ID)
    service.registry.close()


def go_on(home: Path) -> None:
    """What a restart does: an import whose run died is queued again, and runs from where it was."""
    service = ImportService(Settings(home=home))
    if service.registry.get(IMPORT_ID).status is Status.PROCESSING:
        resume(service, IMPORT_ID, "Its process was killed.")
    if not service.registry.get(IMPORT_ID).status.is_final:
        for phase in Phase:
            service.run_phase(IMPORT_ID, phase)
    service.registry.close()


def fingerprint(home: Path) -> str:
    """A hash of records, history, outcomes, marks and the import's counts, without times and digests of them."""
    import duckdb

    found = hashlib.sha256()
    with duckdb.connect(home / "records" / "default.duckdb", read_only=True) as connection:
        tables = [record_types.get(name).table for name in record_types.names()]
        tables += [f"{table}_history" for table in tables] + ["row_outcomes", "applied_imports"]
        for table in tables:
            columns = [name for (name,) in connection.execute(f"SELECT column_name FROM (DESCRIBE {table})").fetchall()]
            kept = ", ".join(f'"{name}"' for name in columns if not name.endswith(("_at", "digest")))
            rows = connection.execute(f"SELECT {kept} FROM {table} ORDER BY ALL").fetchall()
            found.update(repr((table, rows)).encode())
    service = ImportService(Settings(home=home))
    imported = service.import_object(IMPORT_ID)
    service.registry.close()
    counts = {name: value for name, value in imported.items() if name.endswith("_count") or name in ("status", "stats")}
    found.update(repr(sorted(counts.items())).encode())
    return found.hexdigest()


def count_events(home: Path) -> int:
    """How many moments an undisturbed import has."""
    seen = home / "events"

    def count() -> None:
        number = _watch(lambda _number, _after: None)
        go_on(home)
        seen.write_text(str(number()))

    _in_child(count)
    return int(seen.read_text())


def die_and_go_on(home: Path, kill: Kill) -> bool:
    """Run the import to its violent end, then start it again; tells whether it died at all."""

    def run() -> None:
        if kill.event is not None:
            _watch(lambda number, after: _die() if (number, after) == (kill.event, kill.after) else None)
        go_on(home)

    died = _in_child(run, seconds=kill.seconds) == -signal.SIGKILL
    status = _in_child(lambda: go_on(home))
    if status != 0:
        raise AssertionError(f"The import did not go on after a kill {kill}: its process ended with {status}.")
    return died


def kills(number: int, seed: int, events: int, seconds: float) -> list[Kill]:
    """Seeded moments, half of them by event and half by time."""
    chosen = random.Random(seed)
    by_event = [Kill(event=chosen.randrange(1, events + 1), after=chosen.random() < 0.5) for _ in range(number // 2)]
    return by_event + [Kill(seconds=chosen.uniform(0.01, seconds)) for _ in range(number - len(by_event))]


def run(number: int, seed: int, folder: Path, tell: Callable[[str], None] = lambda _: None) -> int:
    """Kill so many times; gives how many of the processes really died.

    Raises:
        AssertionError: A killed import ended with other tables than the undisturbed one.
    """
    base, undisturbed = folder / "base", folder / "undisturbed"
    if _in_child(lambda: prepare(base)) != 0:
        raise AssertionError("The home to kill imports in could not be prepared.")
    _copy(base, undisturbed)
    started = time.monotonic()
    events = count_events(undisturbed)
    seconds = time.monotonic() - started
    wanted = fingerprint(undisturbed)
    died = 0
    for place, kill in enumerate(kills(number, seed, events, seconds), start=1):
        home = folder / f"killed{place}"
        _copy(base, home)
        died += die_and_go_on(home, kill)
        if fingerprint(home) != wanted:
            raise AssertionError(f"After a kill {kill} of {events} events the tables differ; they are kept in {home}.")
        shutil.rmtree(home)
        tell(f"\r{place} of {number} kills, {died} died, all tables equal")
    return died


def _copy(base: Path, home: Path) -> None:
    shutil.copytree(base, home)
    if _in_child(lambda: begin(home)) != 0:
        raise AssertionError(f"The import could not be registered in {home}.")


def _watch(at: Callable[[int, bool], None]) -> Callable[[], int]:
    """Call `at` before and after each statement of the phases and each transaction of the registry."""
    number = 0

    def watched(original: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            nonlocal number
            number += 1
            mine = number
            at(mine, False)
            result = original(*args, **kwargs)
            at(mine, True)
            return result

        return call

    Work.execute = watched(Work.execute)  # pyright: ignore[reportAttributeAccessIssue]
    registry_database.Database.write = watched(registry_database.Database.write)  # pyright: ignore[reportAttributeAccessIssue]
    return lambda: number


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _in_child(work: Callable[[], None], seconds: float | None = None) -> int:
    """Do some work in a forked process; gives its exit status, negative where a signal ended it."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            work()
            status = 0
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
        finally:
            os._exit(status)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        died = run(arguments.kills, arguments.seed, Path(folder), lambda text: print(text, end="", flush=True))
    print(f"\n{arguments.kills} kills, {died} processes died, every import ended with the tables of an undisturbed one")


if __name__ == "__main__":
    main()
