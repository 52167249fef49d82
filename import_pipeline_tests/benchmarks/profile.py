"""Where the time of one import goes: every statement with its phase, seconds, rows and what it spilled.

`python -m import_pipeline_tests.benchmarks.profile [--rows N] [--stored N] [--keep DIR] [--top N]` makes the data of
`throughput`, runs that import in this process and prints two tables: the phases, and the statements that took longest.
Processor time is that of the whole process. What DuckDB does while results are fetched counts to the statement.
"""

import argparse
import contextlib
import io
import os
import resource
import shutil
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from import_pipeline.words import Phase
from import_pipeline_tests.benchmarks.contenders import Stage, pipeline_arguments
from import_pipeline_tests.benchmarks.data import Work, payload, store

BETWEEN = "between"
"""What runs in no phase: reading the registry, publishing results, opening the workspace."""
_PACKAGE = "import_pipeline"
_HEAD = 110
"""So many characters of a statement are shown."""
_FETCHES = ("fetchall", "fetchone", "fetch_df_chunk", "fetch_arrow_table", "df", "arrow")


@dataclass
class Statement:
    """One statement and what it cost.

    Attributes:
        phase: The phase in which it ran, or `BETWEEN`.
        caller: The function of this project that ran it.
        head: How it begins.
        seconds: Wall time.
        cpu: Processor time of all threads of the process.
        alone: Processor time of the thread that asked: with two cores half of `cpu` where both worked, all of it where
            one was idle.
        rows: Rows that it wrote or gave.
        spilled: The most bytes that lay in temporary files meanwhile.
    """

    phase: str
    caller: str
    head: str
    seconds: float = 0.0
    cpu: float = 0.0
    alone: float = 0.0
    rows: int = 0
    spilled: int = 0


@dataclass
class Recorder:
    """What was run so far, and when the first statement of each phase began and the last one ended."""

    statements: list[Statement] = field(default_factory=list)
    latest: dict[int, Statement] = field(default_factory=dict)
    spans: dict[str, tuple[float, float]] = field(default_factory=dict)

    def execute(self, plain: Callable[..., Any], connection: Any, *arguments: Any, **named: Any) -> Any:
        """Run a statement and record it."""
        statement = Statement(*_where(), head=" ".join(str(arguments[0]).split()))
        self.statements.append(statement)
        self.latest[id(connection)] = statement
        with self._timed(statement):
            return plain(connection, *arguments, **named)

    def fetch(self, plain: Callable[..., Any], connection: Any, *arguments: Any, **named: Any) -> Any:
        """Fetch rows: the time and the rows count to the statement that gives them."""
        statement = self.latest.get(id(connection))
        if statement is None:
            return plain(connection, *arguments, **named)
        with self._timed(statement):
            found = plain(connection, *arguments, **named)
        statement.rows = max(statement.rows, _rows_of(found, statement.head))
        return found

    @contextlib.contextmanager
    def _timed(self, statement: Statement) -> Iterator[None]:
        begin, used, here = time.perf_counter(), time.process_time(), time.thread_time()
        try:
            yield
        finally:
            end = time.perf_counter()
            statement.seconds += end - begin
            statement.cpu += time.process_time() - used
            statement.alone += time.thread_time() - here
            first, _ = self.spans.get(statement.phase, (begin, end))
            self.spans[statement.phase] = (first, end)


def _where() -> tuple[str, str]:
    """The phase that runs, and the function that asks for a statement, as the stack has them."""
    frame, caller, phase = sys._getframe(2), "", BETWEEN
    while frame is not None:
        module, name = frame.f_globals.get("__name__", ""), frame.f_code.co_name
        if module.startswith(f"{_PACKAGE}."):
            if not caller and module != f"{_PACKAGE}.phases.work":
                caller = f"{module.rpartition('.')[2]}.{name}"
            if module == f"{_PACKAGE}.phases.running":
                if name == "run_phase":
                    phase = str(frame.f_locals.get("phase", BETWEEN))
                elif name == "run_prevalidation":
                    phase = str(Phase.PREVALIDATION)
        frame = frame.f_back
    return phase, caller


def _rows_of(found: Any, head: str) -> int:
    """How many rows a statement wrote, or how many it gave."""
    if isinstance(found, tuple) and len(found) == 1 and isinstance(found[0], int):
        return found[0] if head.startswith(("CREATE", "INSERT", "UPDATE", "DELETE", "COPY")) else 1
    return len(found) if hasattr(found, "__len__") else int(found is not None)


@contextlib.contextmanager
def recording() -> Iterator[Recorder]:
    """Record all statements of this process while the block runs."""
    recorder, of_class = Recorder(), duckdb.DuckDBPyConnection
    plain = {name: getattr(of_class, name) for name in ("execute", *_FETCHES)}

    def recorded(name: str) -> Callable[..., Any]:
        do = recorder.execute if name == "execute" else recorder.fetch
        return lambda connection, *arguments, **named: do(plain[name], connection, *arguments, **named)

    for name in plain:
        setattr(of_class, name, recorded(name))
    try:
        yield recorder
    finally:
        for name, function in plain.items():
            setattr(of_class, name, function)


def table(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Columns, set right but for the last two, which hold words."""
    widths = [max(len(line[place]) for line in [header, *lines]) for place in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place in (0, len(header) - 1) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in [header, *lines]
    )


@contextlib.contextmanager
def _watching_spill(recorder: Recorder, folder: Path) -> Iterator[None]:
    """Look 20 times a second how much lies in DuckDB's temporary files, for the statement that runs then."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.05):
            if recorder.statements:
                statement = recorder.statements[-1]
                statement.spilled = max(statement.spilled, _bytes_in(folder))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.glob("*.spill/*"):
        with contextlib.suppress(OSError):  # it went meanwhile
            total += path.stat().st_size
    return total


def run(stage: Stage) -> tuple[Recorder, float]:
    """Run the import of `throughput` in this process.

    Returns:
        All statements, and the seconds of the whole command.

    Raises:
        RuntimeError: The import did not complete.
    """
    home = stage.folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    stage.fresh_store(home / "records" / "default.duckdb")
    os.environ |= {**stage.environment, "IMPORT_PIPELINE_HOME": str(home)}
    sys.argv = ["import-pipeline", *pipeline_arguments(stage)]
    printed, begin, status = io.StringIO(), time.perf_counter(), None
    with recording() as recorder, _watching_spill(recorder, home / "workspaces"), contextlib.redirect_stdout(printed):
        from import_pipeline.cli import main as command

        try:
            command()
        except SystemExit as ended:
            status = ended.code
    seconds = time.perf_counter() - begin
    shutil.rmtree(home)
    if status:
        raise RuntimeError(f"The import ended with status {status}: {printed.getvalue()[-2000:]}")
    return recorder, seconds


def report(recorder: Recorder, seconds: float, top: int) -> str:
    """Both tables as text."""
    of_phase: dict[str, list[Statement]] = defaultdict(list)
    for statement in recorder.statements:
        of_phase[statement.phase].append(statement)
    lines = [
        (
            phase,
            f"{sum(one.seconds for one in found):.2f}",
            f"{sum(one.cpu for one in found):.2f}",
            f"{sum(one.alone for one in found):.2f}",
            str(len(found)),
            f"{max(one.spilled for one in found) / 1e6:,.0f}",
            ""
            if phase == BETWEEN
            else f"{recorder.spans[phase][1] - recorder.spans[phase][0]:.2f} s from first to last",
        )
        for phase, found in of_phase.items()
    ]
    in_statements = sum(one.seconds for one in recorder.statements)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    lines.append(
        ("no statement", f"{seconds - in_statements:.2f}", "", "", "", "", "imports, registry, Dagster, Python")
    )
    lines.append(
        (
            "all",
            f"{seconds:.2f}",
            f"{usage.ru_utime + usage.ru_stime:.2f}",
            "",
            "",
            "",
            f"{usage.ru_maxrss / 1024:,.0f} MiB",
        )
    )
    longest = sorted(recorder.statements, key=lambda one: -one.cpu)[:top]
    told = [
        (
            one.phase,
            f"{one.seconds:.2f}",
            f"{one.cpu:.2f}",
            f"{one.alone:.2f}",
            f"{one.rows:,}",
            f"{one.spilled / 1e6:,.0f}",
            f"{one.caller}: {one.head[:_HEAD]}",
        )
        for one in longest
    ]
    phases = table(("phase", "seconds", "CPU s", "of it here", "statements", "spilled MB", ""), lines)
    return f"{phases}\n\n{table(('phase', 'seconds', 'CPU s', 'of it here', 'rows', 'spilled MB', 'statement'), told)}"


def main() -> None:
    """Make the data, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the file")
    parser.add_argument("--stored", type=int, default=10_000_000, help="records in the store before")
    parser.add_argument("--keep", type=Path, help="folder in which the data stays for the next time")
    parser.add_argument("--top", type=int, default=40, help="how many statements are shown, the longest first")
    parser.add_argument("--memory-limit", help="what DuckDB may take, for example 2GiB")
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        kept = arguments.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="import-benchmark-")))
        folder = kept.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        work = Work(arguments.rows, arguments.stored)
        payload(work, folder)
        store(work.stored, folder)
        recorder, seconds = run(Stage(work, folder, arguments.memory_limit))
        print(report(recorder, seconds, arguments.top))


if __name__ == "__main__":
    main()
