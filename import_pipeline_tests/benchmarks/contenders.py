"""The ways of doing the same import that `throughput` compares: each a whole process on a fresh copy of one store.

Only how each is started and read belongs here; what each does lies in its own module.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from import_pipeline_tests.benchmarks import measure
from import_pipeline_tests.benchmarks.data import COUNTS, MAPPING, Work, payload, store

PACKAGE = "import_pipeline_tests.benchmarks"


@dataclass(frozen=True)
class Result:
    """What one run of one contender cost, and what became of the rows (empty where it keeps no outcomes).

    Attributes:
        phases: Seconds of its phases, where it has any: without starting up and publishing.
    """

    seconds: float
    peak_mib: float
    counts: dict[str, int] = field(default_factory=dict)
    note: str = ""
    cpu: float = 0.0
    phases: float = 0.0


@dataclass(frozen=True)
class Stage:
    """Where contenders run: the work, and the folder of the kept data and of what a run leaves behind."""

    work: Work
    folder: Path
    memory_limit: str | None = None
    dict_rows: int = 50_000

    @property
    def file(self) -> Path:
        """The contacts file."""
        return payload(self.work, self.folder)

    def fresh_store(self, target: Path) -> Path:
        """Copy the prepared store, and let the copy settle on the disk before anything is measured."""
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(store(self.work.stored, self.folder), target)
        os.sync()
        return target

    @property
    def environment(self) -> dict[str, str]:
        """What every contender is told about memory, and that so long a file is meant."""
        limits = {"MAX_ROWS": str(10**9), "MAX_FILE_BYTES": str(10**12)}
        if self.memory_limit:
            limits["MEMORY_LIMIT"] = self.memory_limit
        return {f"IMPORT_PIPELINE_{name}": value for name, value in limits.items()}


def pipeline_arguments(stage: Stage) -> list[str]:
    """The arguments of the command that imports the file."""
    return [
        *("run", str(stage.file), "--record-type", "contact", "--mapping", json.dumps(MAPPING), "--json"),
        *("--set", "on_bad_optional=fail"),  # as the others have it
    ]


def pipeline(stage: Stage) -> Result:
    """`import-pipeline run` in a home of its own."""
    home = stage.folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    stage.fresh_store(home / "records" / "default.duckdb")
    command = [str(Path(sys.executable).with_name("import-pipeline")), *pipeline_arguments(stage)]
    run = measure.run(command, {**stage.environment, "IMPORT_PIPELINE_HOME": str(home)})
    done = run.json()
    shutil.rmtree(home)
    if done["status"] != "completed":
        raise RuntimeError(f"The pipeline's import ended {done['status']}: {done['reason']}")
    counts = {name: done[f"{name}_count"] for name in COUNTS}
    return Result(run.seconds, run.peak_mib, counts, cpu=run.cpu, phases=sum(one["seconds"] for one in done["phases"]))


def module(stage: Stage, name: str, *arguments: str, prepare: Callable[[Path], None] | None = None) -> measure.Run:
    """Run one module of this package on a fresh copy of the store, which is gone afterwards."""
    scratch = stage.folder / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    target = stage.fresh_store(scratch / "default.duckdb")
    if prepare:
        prepare(target)
        os.sync()
    command = [sys.executable, "-m", f"{PACKAGE}.{name}", str(stage.file), str(target), *arguments]
    run = measure.run(command, stage.environment)
    shutil.rmtree(scratch)
    return run


def floor(stage: Stage) -> Result:
    """The hand-written script."""
    run = module(stage, "floor")
    return Result(run.seconds, run.peak_mib, run.json()["counts"], cpu=run.cpu)


def with_pandas(stage: Stage) -> Result:
    """Pandas, Pandera, a merge."""
    run = module(stage, "with_pandas")
    return Result(run.seconds, run.peak_mib, run.json()["counts"], cpu=run.cpu)


def dlt_arrow(stage: Stage) -> Result:
    """Load Arrow tables by dlt."""
    run = module(stage, "with_dlt", "arrow")
    return Result(run.seconds, run.peak_mib, note="no rules, one key, no before-images or outcomes", cpu=run.cpu)


def dlt_dicts(stage: Stage) -> Result:
    """Load dict rows by dlt, on fewer rows where the file is long: the steps that go row by row are scaled up."""
    from import_pipeline_tests.benchmarks.with_dlt import prepare

    rows = min(stage.dict_rows, stage.work.rows)
    run = module(stage, "with_dlt", "dicts", "--rows", str(rows), prepare=prepare)
    if rows == stage.work.rows:
        return Result(run.seconds, run.peak_mib, note="as with Arrow")
    steps = run.json()["steps"]
    seconds = run.seconds + (steps["extract"] + steps["normalize"]) * (stage.work.rows / rows - 1)
    note = f"SCALED, not run: {rows:,} rows took {run.seconds:.1f} s; its extract and normalize counted for all rows"
    return Result(seconds, run.peak_mib, note=note)


CONTENDERS: dict[str, tuple[tuple[str, Callable[[Stage], Result]], ...]] = {
    "a": (("(a) import-pipeline run", pipeline),),
    "b": (("(b) floor: hand-written SQL", floor),),
    "c": (("(c) pandas + Pandera + merge", with_pandas),),
    "d": (("(d) dlt, Arrow tables, upsert", dlt_arrow), ("(d) dlt, dict rows, upsert", dlt_dicts)),
}
