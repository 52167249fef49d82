"""What one import asks of the registry: transactions and statements, by who asks.

`python -m import_pipeline_tests.benchmarks.registry_queries` runs a small import as a run of Dagster does, and prints
each transaction of it; a test holds the numbers.
"""

import tempfile
import threading
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from import_pipeline.orchestration.runs import ImportRunner
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import creating
from import_pipeline.settings import Settings
from import_pipeline.stores.registry import Registry
from import_pipeline.words import Source, Status

_PACKAGE = "/import_pipeline/"
_NOT_CALLERS = ("/stores/registry.py",)


@dataclass
class Asked:
    """What was asked of a registry.

    Attributes:
        reads: Transactions that read.
        writes: Transactions that write.
        statements: How many statements they had together, without BEGIN and COMMIT.
        callers: How many transactions each caller began, as `kind module:line function < caller of that`.
    """

    reads: int = 0
    writes: int = 0
    statements: int = 0
    callers: Counter[str] = field(default_factory=Counter)

    @property
    def transactions(self) -> int:
        """Reads and writes."""
        return self.reads + self.writes


MOST = Asked(reads=8, writes=19, statements=113)
"""What one import may ask, without the looks of its watch, which are two a second however many imports there are.

Each of the seven phases begins and ends in a transaction of its own, since the lease, a cancellation and how far the
import is must be true between any two of them: 14 writes. Five more note the checksum, the claim of its bytes, that its
records are written next, where its results are, and how long locks were waited for. A read each is for: its state
before and after the run, twice each by run and terminal, its corrections, whether its bytes are held, the status of the
run's tags, whose table changed.
"""


@contextmanager
def asked(registry: Registry) -> Iterator[Asked]:
    """Count what is asked of a registry while the block runs."""
    from sqlalchemy import event

    found = Asked()

    def count(*_: object) -> None:
        found.statements += not _is_watching()

    engine = registry.read(lambda connection: connection.engine)
    originals = {"read": registry.read, "write": registry.write}

    def counted(kind: str):
        def call(*arguments, **options):
            if _is_watching():
                return originals[kind](*arguments, **options)
            setattr(found, f"{kind}s", getattr(found, f"{kind}s") + 1)
            found.callers[f"{kind} {_caller()}"] += 1
            return originals[kind](*arguments, **options)

        return call

    event.listen(engine, "before_cursor_execute", count)
    for kind in originals:
        setattr(registry, kind, counted(kind))
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", count)
        for kind in originals:
            delattr(registry, kind)


def _is_watching() -> bool:
    return threading.current_thread().name == "watching"


def _caller() -> str:
    frames = [
        f"{frame.filename.rpartition(_PACKAGE)[2]}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_stack()
        if _PACKAGE in frame.filename
        and not frame.filename.endswith(_NOT_CALLERS)
        and "benchmarks" not in frame.filename
    ]
    return " < ".join(reversed(frames[-4:]))


def of_one_import(settings: Settings, folder: Path) -> Asked:
    """What a run of one small import asks, from its first phase to its end; the second one, when all is warm."""
    found = Asked()
    with ImportRunner(settings) as runner:
        for number in range(2):
            path = folder / f"people{number}.csv"
            path.write_text(f"external_id,email\n{number},person{number}@example.com\nx{number},bad\n")
            record = creating.create_from_file(runner.home, path, ImportSpec(record_type="contact"), Source.TERMINAL)
            with asked(runner.home.registry) as found:
                done = runner.execute(record.id)
            assert done.record.status is Status.COMPLETED, done.record.reason
    return found


def main() -> None:
    """Run the command."""
    with tempfile.TemporaryDirectory() as folder:
        found = of_one_import(Settings(home=Path(folder) / "home"), Path(folder))
    for caller, number in sorted(found.callers.items(), key=lambda one: -one[1]):
        print(f"{number:3} {caller}")
    print(
        f"{found.reads} reads and {found.writes} writes with {found.statements} statements, besides the watch's looks"
    )


if __name__ == "__main__":
    main()
