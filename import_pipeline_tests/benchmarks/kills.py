"""Kill imports, undos and the sensor at seeded moments, start them again, and compare with what nothing disturbed.

`python -m import_pipeline_tests.benchmarks.kills [--kills 200] [--seed 1] [--scenes import last-phase …]`. The
kills come before, after or in the midst of a certain statement, checkpoint or change of the registry, or after a
certain time. Every process is forked from one that has imported everything and opened nothing.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from import_pipeline.phases.work import Work
from import_pipeline.service import batches
from import_pipeline.stores import registry
from import_pipeline.stores.record_stores import file_store
from import_pipeline_tests.benchmarks.kill_scenes import SCENES, Scene, fingerprint, prepare

LOADED = (batches, registry)  # what a child must not have to import
SHARES = {
    "import": 0.2,
    "at-once": 0.15,
    "last-phase": 0.1,
    "host-gone": 0.1,
    "undo": 0.15,
    "sensor": 0.15,
    "batch": 0.15,
}
_STATEMENT_SECONDS = 0.004
_CHECKPOINT_SECONDS = 0.02


@dataclass(frozen=True)
class Kill:
    """A moment to die at: before, after or within the so-manieth event, or after some seconds."""

    event: int | None = None
    after: bool = False
    within: float | None = None
    seconds: float | None = None

    def __str__(self) -> str:
        if self.seconds is not None:
            return f"after {self.seconds:.3f} s"
        if self.within is not None:
            return f"{self.within * 1000:.2f} ms into event {self.event}"
        return f"{'after' if self.after else 'before'} event {self.event}"


@dataclass(frozen=True)
class Undisturbed:
    """How a scene goes where nobody dies."""

    events: int
    checkpoints: tuple[int, ...]
    seconds: float
    fingerprint: str


def kills(number: int, seed: int, undisturbed: Undisturbed) -> list[Kill]:
    """Seeded moments: a third before or after an event, a third within one, above all checkpoints, a third by time."""
    chosen = random.Random(seed)
    found: list[Kill] = []
    for place in range(number):
        if place % 3 == 0:
            found.append(Kill(event=chosen.randrange(1, undisturbed.events + 1), after=chosen.random() < 0.5))
        elif place % 3 == 1:
            if undisturbed.checkpoints and chosen.random() < 0.5:
                within = chosen.uniform(0, _CHECKPOINT_SECONDS)
                found.append(Kill(event=chosen.choice(undisturbed.checkpoints), within=within))
            else:
                within = chosen.uniform(0, _STATEMENT_SECONDS)
                found.append(Kill(event=chosen.randrange(1, undisturbed.events + 1), within=within))
        else:
            found.append(Kill(seconds=chosen.uniform(0.01, undisturbed.seconds)))
    return found


def run(scene: Scene, base: Path, number: int, seed: int, tell: Callable[[str], None]) -> int:
    """Kill a scene so many times in copies of a prepared home; gives how many of the processes really died.

    Raises:
        AssertionError: What was killed ended with other tables than what nothing disturbed.
    """
    folder = Path(tempfile.mkdtemp())  # what differs is kept
    undisturbed = _undisturbed(scene, base, folder / "undisturbed")
    died = 0
    for place, kill in enumerate(kills(number, seed, undisturbed), start=1):
        home = folder / f"killed{place}"
        _copy(scene, base, home)
        died += _die_and_go_on(scene, home, kill)
        if fingerprint(home) != undisturbed.fingerprint:
            raise AssertionError(
                f"Scene {scene.name}: after a kill {kill} of {undisturbed.events} events the tables differ; "
                f"they are kept in {home}."
            )
        shutil.rmtree(home)
        tell(f"\r{scene.name}: {place} of {number} kills, {died} died, all tables equal")
    shutil.rmtree(folder)
    return died


def _undisturbed(scene: Scene, base: Path, home: Path) -> Undisturbed:
    _copy(scene, base, home)
    seen, at = home / "events", home / "checkpoints"

    def count() -> None:
        watch = Watch()
        scene.work(home)
        seen.write_text(str(watch.number))
        at.write_text(" ".join(map(str, watch.checkpoints)))

    started = time.monotonic()
    if _in_child(count) != 0:
        raise AssertionError(f"The scene {scene.name} does not come to its end even if nothing disturbs it.")
    seconds = time.monotonic() - started
    if _in_child(lambda: scene.go_on(home)) != 0:
        raise AssertionError(f"The scene {scene.name} does not go on.")
    checkpoints = tuple(map(int, at.read_text().split()))
    return Undisturbed(int(seen.read_text()), checkpoints, seconds, fingerprint(home))


def _copy(scene: Scene, base: Path, home: Path) -> None:
    shutil.copytree(base, home)
    if _in_child(lambda: scene.begin(home)) != 0:
        raise AssertionError(f"The scene {scene.name} could not be begun in {home}.")


def _die_and_go_on(scene: Scene, home: Path, kill: Kill) -> bool:
    """Run a scene to its violent end, then start it again; tells whether it died at all."""

    def work() -> None:
        if kill.event is not None:
            Watch(kill)
        scene.work(home)

    died = _in_child(work, seconds=kill.seconds) == -signal.SIGKILL
    status = _in_child(lambda: scene.go_on(home))
    if status != 0:
        raise AssertionError(f"Scene {scene.name} did not go on after a kill {kill}: it ended with {status} in {home}.")
    return died


class Watch:
    """Counts statements of phases, checkpoints of the store and transactions of the registry, and may kill at one."""

    def __init__(self, kill: Kill | None = None) -> None:
        self.number = 0
        self.checkpoints: list[int] = []
        self._kill = kill
        Work.execute = self._watched(Work.execute)  # pyright: ignore[reportAttributeAccessIssue]
        write = self._watched(registry.Registry.write)
        registry.Registry.write = write  # pyright: ignore[reportAttributeAccessIssue]
        file_store.detach = self._watched(file_store.detach, checkpoint=True)

    def _watched(self, original: Callable[..., object], *, checkpoint: bool = False) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            self.number += 1
            mine = self.number
            if checkpoint:
                self.checkpoints.append(mine)
            is_it = self._kill is not None and self._kill.event == mine
            if is_it and self._kill is not None:
                self._begin_to_die(self._kill)
            result = original(*args, **kwargs)
            if is_it:  # a kill within an event that was quicker comes right after it
                _die()
            return result

        return call

    def _begin_to_die(self, kill: Kill) -> None:
        if kill.within is not None:
            threading.Timer(kill.within, _die).start()
        elif not kill.after:
            _die()


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
    parser.add_argument("--scenes", nargs="+", choices=SCENES, default=list(SCENES))
    arguments = parser.parse_args()
    died, killed = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / "base"
        if _in_child(lambda: prepare(base)) != 0:
            raise AssertionError("The home could not be prepared.")
        for name, number in _shared(arguments.kills, arguments.scenes).items():
            died += run(SCENES[name], base, number, arguments.seed, _tell)
            killed += number
            print()
    print(f"{killed} kills, {died} processes died, everything ended with the tables of what nothing disturbed")


def _shared(number: int, scenes: Sequence[str]) -> dict[str, int]:
    """How many of the kills each scene gets."""
    whole = sum(SHARES[name] for name in scenes)
    found = {name: max(1, round(number * SHARES[name] / whole)) for name in scenes}
    found[scenes[0]] += number - sum(found.values())
    return found


def _tell(text: str) -> None:
    print(text, end="", flush=True)


if __name__ == "__main__":
    main()
