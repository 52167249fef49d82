"""What is done to several hosts while they work, and how it is told that nothing of it shows in the tables.

Every organization has contacts of its own; each import updates some that are stored, creates some and has bad rows, all
of them rows that no other import of its organization has, so that the order of imports does not matter.
"""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from import_pipeline.home import Home
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import creating, queries, reviewing, running, transitions
from import_pipeline.settings import Settings
from import_pipeline.stores import imports
from import_pipeline.words import DuplicateStrategy, Phase, PhaseStatus, Source, Status
from import_pipeline_tests.hosts import Cluster, Host, wait_until

INTERNAL = ("id", "created_at", "updated_at", "created_by_import", "updated_by_import")
TAKEN_UP_SECONDS = 120
ALL_SECONDS = 900


@dataclass(frozen=True)
class Files:
    """The files of a run: for each organization a first one, and then so many more.

    Attributes:
        folder: Where they lie.
        rows: How many rows each has; over 1 MB, an import has a run of its own.
    """

    folder: Path
    rows: int

    def first(self, organization: str, imports_each: int) -> Path:
        """Half of the contacts of each of the imports that follow."""
        rows = (
            self._row(organization, number, row, "Old")
            for number in range(imports_each)
            for row in range(0, self.rows, 2)
        )
        return self._write(f"{organization}-first.csv", rows)

    def of(self, organization: str, number: int) -> Path:
        """The contacts of one import, every hundredth with a bad address."""
        rows = (self._row(organization, number, row, "New", bad=row % 100 == 99) for row in range(self.rows))
        return self._write(f"{organization}-{number}.csv", rows)

    def _row(self, organization: str, number: int, row: int, name: str, *, bad: bool = False) -> str:
        key = f"{organization}-{number}-{row}"
        return f"{key},{'bad' if bad else key + '@example.com'},{name}{row},Lindqvist of the {row % 7}th house\n"

    def _write(self, name: str, rows: Iterable[str]) -> Path:
        path = self.folder / name
        path.write_text("external_id,email,first_name,last_name\n" + "".join(rows))
        return path


@dataclass(frozen=True)
class Told:
    """How a disturbance went.

    Attributes:
        what: The disturbance.
        seconds: From the disturbance to the end of the import that it hit.
        imports: How many imports were asked for meanwhile.
    """

    what: str
    seconds: float
    imports: int

    def __str__(self) -> str:
        return f"{self.what}: {self.imports} imports, the one that was hit completed after {self.seconds:.0f} s"


def register(home: Home, path: Path, organization: str) -> str:
    """Register the import of a file, which is uploaded, and starts when it is told to."""
    spec = ImportSpec(record_type="contact", organization=organization, duplicate_strategy=DuplicateStrategy.OVERWRITE)
    return creating.create_from_file(home, path, spec, Source.API, import_id=path.stem).id


def import_here(settings: Settings, paths: Sequence[tuple[Path, str]]) -> Home:
    """Import files one after the other in this process, undisturbed, into a home of its own."""
    home = Home(settings)
    for path, organization in paths:
        import_id = register(home, path, organization)
        for phase in Phase:
            running.run_phase_of(home, import_id, phase)
    return home


def fingerprint(home: Home, organizations: Iterable[str], import_ids: Iterable[str]) -> dict[str, str]:
    """What is stored, by organization, and what became of the rows of each import."""
    found = {}
    for organization in organizations:
        records = queries.records(home, "contact", organization, limit=None)
        lines = sorted(
            json.dumps(
                {name: value for name, value in one.items() if name not in INTERNAL}, sort_keys=True, default=str
            )
            for one in records
        )
        found[organization] = f"{len(lines)} {hashlib.sha256(chr(10).join(lines).encode()).hexdigest()[:16]}"
    for import_id in import_ids:
        told = queries.import_object(home, import_id)
        names = ("status", "total_rows", "created_count", "updated_count", "unchanged_count", "failed_count")
        outcomes = Counter(row["outcome"] for row in queries.rows(home, import_id, limit=1_000_000))
        found[import_id] = json.dumps([[told[name] for name in names], sorted(outcomes.items())])
    return found


def kill_in(cluster: Cluster, home: Home, phase: Phase, ids: Sequence[str]) -> tuple[str, Host] | None:
    """Kill the host that has an import in this phase; gives the import and the host, None if all were too quick."""
    while (seen := seen_in(cluster, home, phase, ids)) is not None:
        import_id, host = seen
        host.kill()
        after = imports.get(home.registry, import_id)
        if after.phases[phase.position - 1].status is PhaseStatus.RUNNING:
            return import_id, host
        cluster.worker(host.name)  # it was quicker than we
    return None


def seen_in(cluster: Cluster, home: Home, phase: Phase, ids: Sequence[str]) -> tuple[str, Host] | None:
    """Wait until one of the imports is in this phase; gives it, and the host that has it."""
    until = time.monotonic() + ALL_SECONDS
    while time.monotonic() < until:
        found = imports.read(home.registry, ids)
        for record in found:
            host = next((one for one in cluster.hosts.values() if one.has(record.lease_owner)), None)
            if host is not None and record.phases[phase.position - 1].status is PhaseStatus.RUNNING:
                return record.id, host
        if all(record.status.is_final for record in found):
            return None
        time.sleep(0.01)
    raise AssertionError(f"{', '.join(ids)} did not end.")


def cut_off(cluster: Cluster, home: Home, ids: Sequence[str]) -> Told:
    """Start imports, cut the network of a worker that has one, and join it again when another one has done that."""
    assert cluster.network is not None
    transitions.start(home, list(ids))
    seen = seen_in(cluster, home, Phase.TRANSFORMING, ids)
    assert seen is not None, f"None of {', '.join(ids)} was seen at work."
    hit, host = seen
    cluster.network.cut(host.name)
    seconds = wait_until(have_ended(home, [hit]), TAKEN_UP_SECONDS, f"{hit}, cut off, has ended")
    cluster.network.mend(host.name)
    wait_until(have_ended(home, ids), ALL_SECONDS, f"{', '.join(ids)} have ended")
    return Told(f"the network of {host.name} cut", seconds, len(ids))


def cancelled(cluster: Cluster, home: Home, third: Host, path: Path) -> float:
    """Cancel an import from another host while a worker has it; gives after how long the worker is free again."""
    import_id = register(home, path, "cancelled")
    transitions.start(home, [import_id])
    seen = seen_in(cluster, home, Phase.PREVALIDATION, [import_id])
    assert seen is not None, f"{import_id} was not seen at work."
    _, host = seen
    third.run("cancel", import_id)
    assert imports.get(home.registry, import_id).status is Status.CANCELLED
    return wait_until(lambda: not host.is_at_work(), 60, f"{host.name} lets {import_id} go")


def have_ended(home: Home, ids: Sequence[str]) -> Callable[[], bool]:
    """Whether imports have all ended."""
    return lambda: all(record.status.is_final for record in imports.read(home.registry, ids))


def killed_in_a_phase(
    cluster: Cluster, home: Home, phase: Phase, ids: Sequence[str], spare: Callable[[], str], *, again: bool = True
) -> Told:
    """Start imports, kill the worker that has one of them in this phase, and let another one complete it.

    Args:
        cluster: The hosts.
        home: A home of theirs.
        phase: The phase.
        ids: The imports.
        spare: Registers one more, where all of these were too quick to be killed.
        again: Whether the killed worker is started again then.
    """
    transitions.start(home, list(ids))
    killed, wanted = kill_in(cluster, home, phase, ids), list(ids)
    while killed is None:
        wanted.append(spare())
        transitions.start(home, wanted[-1:])
        killed = kill_in(cluster, home, phase, wanted[-1:])
    hit, host = killed
    seconds = wait_until(have_ended(home, [hit]), TAKEN_UP_SECONDS, f"{hit}, killed in {phase.value}, has ended")
    if again:
        cluster.worker(host.name)
    wait_until(have_ended(home, wanted), ALL_SECONDS, f"{', '.join(wanted)} have ended")
    assert {one.status for one in imports.read(home.registry, wanted)} == {Status.COMPLETED}
    return Told(f"kill -9 of {host.name} in {phase.value}", seconds, len(wanted))


def away(
    home: Home, what: str, ids: Sequence[str], leave: Callable[[], None], return_: Callable[[], None], seconds: float
) -> Told:
    """Start imports, take a server away once one of them is at work, and bring it back after so many seconds."""
    transitions.start(home, list(ids))
    wait_until(lambda: any(at_work(home, ids)), 300, "one of the imports is at work", every=0.05)
    leave()
    began = time.monotonic()
    time.sleep(seconds)
    return_()
    wait_until(have_ended(home, ids), ALL_SECONDS, f"{', '.join(ids)} have ended")
    return Told(what, time.monotonic() - began, len(ids))


def at_work(home: Home, ids: Sequence[str]) -> list[str]:
    """Those of the imports that are at work."""
    return [record.id for record in imports.read(home.registry, ids) if record.status is Status.PROCESSING]


def correct_from(third: Host, home: Home, path: Path, organization: str) -> dict[str, str]:
    """Let an import wait for its bad rows, and see and correct them on a host that never had it; gives what it told."""
    spec = ImportSpec(record_type="contact", organization=organization, max_failed_rows=0)
    made = creating.create_from_file(home, path, spec, Source.API, import_id=f"corrected-{organization}")
    transitions.start(home, [made.id])
    waits = lambda: imports.get(home.registry, made.id).status is Status.NEEDS_REVIEW  # noqa: E731
    wait_until(waits, ALL_SECONDS, f"{made.id} waits for a person")
    there = third.open()
    told = {"defects": third.run("defects", made.id), "rows": third.run("rows", made.id, "--outcome", "failed")}
    bad = [one["row_number"] for one in queries.defects(there, made.id, limit=10_000)]
    texts = {row: {"email": f"mended{row}@{organization}.example"} for row in bad}
    reviewing.correct(there, imports.get(there.registry, made.id), texts, "a person")
    reviewing.submit(there, imports.get(there.registry, made.id))
    wait_until(have_ended(home, [made.id]), ALL_SECONDS, f"{made.id} has ended")
    third.run("download", made.id, "results.csv", "--to", str(third.home.parent / "results.csv"))
    return told | {"download": (third.home.parent / "results.csv").read_text()}
