"""Two workers as two hosts: killed in each phase, their servers taken away, and nothing of it in the tables.

`python -m import_pipeline_tests.benchmarks.several_hosts [--imports 40] [--rows 3000] [--scenes kills outages …]
[--throughput 1 2 4]`. Each host has a home and, where the machine allows it, a name and a network of its own. What is
stored in the end is compared with what one undisturbed process stores. With `--throughput` so many workers import the
same files, and what their processors did meanwhile is printed.
"""

import argparse
import os
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psutil
from sqlalchemy import text

from import_pipeline.home import Home
from import_pipeline.service import transitions
from import_pipeline.settings import Settings
from import_pipeline.stores import imports
from import_pipeline.words import Phase, Status
from import_pipeline_tests.benchmarks.host_scenes import (
    ALL_SECONDS,
    Files,
    Told,
    away,
    cancelled,
    correct_from,
    cut_off,
    fingerprint,
    have_ended,
    import_here,
    killed_in_a_phase,
    register,
)
from import_pipeline_tests.hosts import cluster, wait_until
from import_pipeline_tests.networks import Network, may_join, network
from import_pipeline_tests.servers import (
    LOOPBACK,
    BrokerServer,
    PostgresServer,
    S3Server,
    broker_server,
    postgres_server,
    s3_server,
)

SCENES = ("kills", "outages", "cut", "third", "cancel")
_CUT = "the network of a worker"
_AWAY_SECONDS = {"PostgreSQL": 5.0, "S3": 60.0, "the broker": 5.0}


@dataclass
class Ground:
    """The servers, a folder, and the network of the hosts where the machine lets us make one."""

    folder: Path
    postgres: PostgresServer
    s3: S3Server
    broker: BrokerServer
    network: Network | None = None


def disturbed(
    ground: Ground, imports_in_all: int, rows: int, scenes: Sequence[str], tell: Callable[[str], None]
) -> int:
    """Import files on two hosts while things happen to them; gives how many imports ended with the right tables.

    Raises:
        AssertionError: Something was not done in its time, or the tables differ from those of an undisturbed process.
    """
    turns: list[Phase | str] = list(Phase) if "kills" in scenes else []
    turns += list(_AWAY_SECONDS) if "outages" in scenes else []
    turns += [_CUT] if "cut" in scenes and ground.network is not None else []
    each = max(2, -(-imports_in_all // max(1, len(turns))))
    organizations = [f"org{number}" for number in range(4)]
    in_each = -(-each * len(turns) // len(organizations))
    files = Files(ground.folder, rows)
    firsts = [(files.first(one, in_each), one) for one in organizations]
    others = [(files.of(one, number), one) for number in range(in_each) for one in organizations]
    alone = import_here(Settings(home=ground.folder / "alone"), [*firsts, *others])
    expected = fingerprint(alone, organizations, [path.stem for path, _ in others])
    tell(f"{len(others)} imports of {rows} rows are done by one undisturbed process")
    with cluster(ground.folder, ground.postgres, ground.s3, ground.broker, 2, network=ground.network) as hosts:
        home = hosts.control().open()
        for name in ("alpha", "beta"):
            hosts.worker(name)
        begun = [register(home, *one) for one in firsts]
        transitions.start(home, begun)
        wait_until(have_ended(home, begun), ALL_SECONDS, "the first imports have ended")
        waiting = [register(home, *one) for one in others]
        spares = count()

        def spare() -> str:
            return register(home, files.of("spare", next(spares)), "spare")

        for what in turns:
            ids, waiting = waiting[:each], waiting[each:]
            if isinstance(what, Phase):
                told = killed_in_a_phase(hosts, home, what, ids, spare)
            elif what == _CUT:
                told = cut_off(hosts, home, ids)
            else:
                told = _away(ground, home, what, ids)
            tell(str(told))
        if waiting:
            transitions.start(home, waiting)
            wait_until(have_ended(home, waiting), ALL_SECONDS, "the last imports have ended")
        third = hosts.host("third")
        found = fingerprint(third.open(), organizations, [path.stem for path, _ in others])
        differing = sorted(name for name in expected if found[name] != expected[name])
        assert not differing, {name: (expected[name], found[name]) for name in differing}
        tell(f"{len(others)} imports, seen from a third host: all tables as of the undisturbed process")
        if "third" in scenes:
            shown = correct_from(third, home, files.of("org0", 10_000), "org9")
            assert "Not an email address" in shown["defects"], "the third host shows no defects"
            assert "invalid_email" in shown["rows"], "the third host shows no rows"
            assert "\n100,created," in shown["download"], "what was corrected on the third host is not stored"
            tell("defects, rows, a correction and a download from the third host")
        if "cancel" in scenes:
            seconds = cancelled(hosts, home, third, Files(ground.folder, 50 * rows).of("cancelled", 0))
            tell(f"an import was cancelled from the third host; its worker was free after {seconds:.0f} s")
    return len(others)


def _away(ground: Ground, home: Home, what: str, ids: Sequence[str]) -> Told:
    leave, back = {
        "PostgreSQL": (ground.postgres.stop, ground.postgres.start),
        "S3": (ground.s3.fall_silent, ground.s3.come_back),
        "the broker": (ground.broker.stop, ground.broker.start),
    }[what]
    return away(home, f"{what} away for {_AWAY_SECONDS[what]:g} s", ids, leave, back, _AWAY_SECONDS[what])


def throughput(ground: Ground, workers: int, number: int, rows: int) -> str:
    """Import files on so many workers; gives a line with the rate and what the processors did."""
    folder = ground.folder / f"with-{workers}"
    folder.mkdir()
    files = Files(folder, rows)
    with cluster(folder, ground.postgres, ground.s3, ground.broker, workers, network=ground.network) as hosts:
        home = hosts.control().open()
        made = [hosts.worker(f"worker{place}") for place in range(workers)]
        # each organization its own: no worker waits for the lock of another's record store
        warm = [register(home, files.of(f"warm{place}", 0), f"warm{place}") for place in range(workers)]
        transitions.start(home, warm)
        wait_until(have_ended(home, warm), ALL_SECONDS, "the workers are warm")
        ids = [register(home, files.of(f"org{place}", 1), f"org{place}") for place in range(number)]
        groups = {
            "workers": [process.pid for host in made for process in host.processes],
            "control host": [process.pid for process in hosts.hosts["control"].processes],
            "PostgreSQL, S3 and broker": [ground.postgres.pid, ground.s3.pid, ground.broker.pid],
        }
        asked = _transactions(ground, home)
        before = {name: _cpu(pids) for name, pids in groups.items()} | {"machine": _machine()}
        began = time.monotonic()
        transitions.start(home, ids)
        wait_until(have_ended(home, ids), ALL_SECONDS, "all imports have ended")
        seconds = time.monotonic() - began
        after = {name: _cpu(pids) for name, pids in groups.items()} | {"machine": _machine()}
        done, undone = (now - then for now, then in zip(_transactions(ground, home), asked, strict=True))
        assert {one.status for one in imports.read(home.registry, ids)} == {Status.COMPLETED}
    spent = {name: after[name] - before[name] for name in before}
    cores = os.cpu_count() or 1
    share = spent.pop("machine") / seconds / cores
    each = {name: one / number for name, one in spent.items()}
    told = ", ".join(f"{name} {one:.1f}" for name, one in each.items())
    return (
        f"{workers} workers: {number} imports of {rows} rows in {seconds:.0f} s, {number / seconds * 60:.1f} a minute. "
        f"CPU seconds for each: {told}; {cores} cores have time for {60 * cores / sum(each.values()):.0f} a "
        f"minute, and were busy {share:.0%} of the time (with all else that ran on the machine). "
        f"Registry: {done / number:.0f} transactions for each, {undone} conflicts in all."
    )


def _transactions(ground: Ground, home: Home) -> tuple[int, int]:
    """How many transactions the registry's database has committed, whoever asked, and how many conflicts there were."""
    ask = text("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")
    time.sleep(1.5)  # a server process tells its numbers once a second
    committed = home.registry.read(lambda connection: connection.execute(ask).scalar_one())
    return committed, ground.postgres.errors("could not serialize access")


def _cpu(pids: Sequence[int]) -> float:
    total = 0.0
    for pid in pids:
        parent = psutil.Process(pid)
        for one in (parent, *parent.children(recursive=True)):
            times = one.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def _machine() -> float:
    times = psutil.cpu_times()
    return sum(times) - times.idle - times.iowait - getattr(times, "guest", 0) - getattr(times, "guest_nice", 0)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--imports", type=int, default=40)
    parser.add_argument("--rows", type=int, default=3_000)
    parser.add_argument("--scenes", nargs="*", choices=SCENES, default=list(SCENES))
    parser.add_argument("--throughput", nargs="*", type=int, default=[])
    arguments = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):  # whatever ends it, it ends what it started
        signal.signal(number, _interrupted)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hosts-")))
        joined = stack.enter_context(network()) if may_join() else None
        address = LOOPBACK if joined is None else joined.address
        postgres = stack.enter_context(postgres_server(address))
        s3 = stack.enter_context(s3_server(folder / "s3", address=address))
        broker = stack.enter_context(broker_server(folder / "broker", address))
        ground = Ground(folder, postgres, s3, broker, joined)
        if arguments.scenes:
            disturbed(ground, arguments.imports, arguments.rows, arguments.scenes, _tell)
        for workers in arguments.throughput:
            _tell(throughput(ground, workers, arguments.imports, arguments.rows))


def _interrupted(number: int, _: object) -> None:
    raise KeyboardInterrupt(number)


def _tell(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
