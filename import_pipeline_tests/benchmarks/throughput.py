"""One import of a long contacts file into a large store, side by side: the pipeline, the floor, pandas, dlt.

`python -m import_pipeline_tests.benchmarks.throughput` makes the data, runs the contenders in turn, and prints medians,
ratios and whether each bound is reached. `--scale` measures ten times the rows as well, `--once 100000000`
one import of so many: it takes about 600 bytes of disk for each row.
"""

import argparse
import contextlib
import os
import platform
import tempfile
from pathlib import Path

from import_pipeline_tests.benchmarks.contenders import CONTENDERS, Result, Stage, pipeline
from import_pipeline_tests.benchmarks.data import Work, payload, store
from import_pipeline_tests.benchmarks.measure import median, verdict

FLOOR_BOUND = 1.25
PHASES_BOUND = 1.1
MEMORY_BOUND_MIB = 1536
SCALE_BOUND = 9.0
SCALE_MEMORY_BOUND_MIB = 3072


def compare(stage: Stage, only: str, repeats: int) -> dict[str, list[Result]]:
    """Run the chosen contenders in turn, `repeats` times round.

    Returns:
        Label → results, in the order of the runs.

    Raises:
        SystemExit: Two contenders disagree on what became of the rows.
    """
    chosen = [entry for letter, entries in CONTENDERS.items() if letter in only for entry in entries]
    results: dict[str, list[Result]] = {label: [] for label, _ in chosen}
    for turn in range(repeats):
        for label, contender in chosen:
            result = contender(stage)
            results[label].append(result)
            print(
                f"  turn {turn + 1}  {label:32} {result.seconds:8.2f} s  {result.cpu:7.2f} CPU s  "
                f"{result.peak_mib:7.0f} MiB",
                flush=True,
            )
    check_counts(results)
    return results


def check_counts(results: dict[str, list[Result]]) -> None:
    """Refuse a comparison of contenders that did not do the same."""
    counts = {
        (label, tuple(result.counts.items())) for label, runs in results.items() for result in runs if result.counts
    }
    if len({outcome for _, outcome in counts}) > 1:
        lines = "\n".join(f"  {label:32} {dict(outcome)}" for label, outcome in sorted(counts))
        raise SystemExit(
            f"The contenders disagree on what became of the rows, so their times cannot be compared:\n{lines}"
        )


def report(results: dict[str, list[Result]], rows: int) -> None:
    """Print the table of medians and ratios, then the bounds."""
    times = {label: median([result.seconds for result in runs]) for label, runs in results.items()}
    used = {label: median([result.cpu for result in runs]) for label, runs in results.items()}
    peaks = {label: max(result.peak_mib for result in runs) for label, runs in results.items()}
    by_letter: dict[str, float] = {}
    for label, seconds in times.items():
        by_letter.setdefault(label[1], seconds)
    base = by_letter.get("b")
    print(f"\n{'':32} {'median s':>9} {'rows/s':>10} {'x floor':>8} {'CPU s':>7} {'peak MiB':>9}")
    for label, seconds in times.items():
        ratio = f"{seconds / base:8.2f}" if base else f"{'-':>8}"
        note = results[label][-1].note
        print(
            f"{label:32} {seconds:9.2f} {rows / seconds:10,.0f} {ratio} {used[label]:7.2f} {peaks[label]:9.0f}"
            + (f"  {note}" * bool(note))
        )
    counts = next((result.counts for runs in results.values() for result in runs if result.counts), {})
    print("\nOutcomes, the same for all that keep them: " + ", ".join(f"{n:,} {name}" for name, n in counts.items()))
    if "a" not in by_letter:
        return
    print()
    label = next(label for label in results if label.startswith("(a)"))
    if base:
        print(verdict("pipeline / floor", by_letter["a"] / base, FLOOR_BOUND))
        phases = median([result.phases for result in results[label]])
        print(verdict("the seven phases, without publishing, / floor", phases / base, PHASES_BOUND))
    if "c" in by_letter:
        print(verdict("pipeline / pandas", by_letter["a"] / by_letter["c"], 1.0))
    print(verdict("peak memory of the pipeline", peaks[label], MEMORY_BOUND_MIB, " MiB"))


def scale(stage: Stage, repeats: int) -> None:
    """Print what ten times the rows cost the pipeline, with 2 GiB for DuckDB."""
    print("\nTen times the rows, memory_limit 2GiB")
    medians, peak = {}, 0.0
    for factor in (1, 10):
        work = Work(stage.work.rows * factor, stage.work.stored)
        larger = Stage(work, stage.folder, memory_limit="2GiB")
        runs = [pipeline(larger) for _ in range(repeats)]
        medians[factor] = median([run.seconds for run in runs])
        peak = max(run.peak_mib for run in runs)
        print(f"  {work.rows:12,} rows  {medians[factor]:8.2f} s  {peak:7.0f} MiB", flush=True)
    print(verdict("time of 10 x rows / time of rows", medians[10] / medians[1], SCALE_BOUND))
    print(verdict("peak memory of 10 x rows", peak, SCALE_MEMORY_BOUND_MIB, " MiB"))


def once(rows: int, folder: Path) -> None:
    """Print what one import of so many rows costs, with 2 GiB for DuckDB, into half as many records."""
    stage = Stage(Work(rows, (rows + 1) // 2), folder, memory_limit="2GiB")
    print(f"\n{rows:,} contacts into {stage.work.stored:,}, once, memory_limit 2GiB", flush=True)
    run = pipeline(stage)
    print(f"  {run.seconds:8.2f} s  {run.cpu:8.2f} CPU s  {run.peak_mib:7.0f} MiB  {rows / run.seconds:,.0f} rows/s")


def main() -> None:
    """Make the data, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the file")
    parser.add_argument("--stored", type=int, default=10_000_000, help="records in the store before")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", default="a,b,c,d", help="which contenders, for example a,b")
    parser.add_argument("--keep", type=Path, help="folder in which the data stays for the next time")
    parser.add_argument("--dict-rows", type=int, default=50_000, help="rows that dlt really takes as dicts")
    parser.add_argument("--scale", action="store_true", help="also ten times the rows, by the pipeline alone")
    parser.add_argument("--once", type=int, metavar="ROWS", help="only one import of so many rows, by the pipeline")
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        kept = arguments.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="import-benchmark-")))
        folder = kept.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        if arguments.once:
            once(arguments.once, folder)
            return
        work = Work(arguments.rows, arguments.stored)
        size = payload(work, folder).stat().st_size / 1e6
        stored_size = store(work.stored, folder).stat().st_size / 1e6
        print(
            f"{work.rows:,} contacts ({size:.0f} MB) into a store of {work.stored:,} ({stored_size:.0f} MB); "
            f"{os.cpu_count()} cores, Python {platform.python_version()}; whole processes, {arguments.repeats} turns"
        )
        stage = Stage(work, folder, dict_rows=arguments.dict_rows)
        if only := arguments.only.replace(",", ""):
            report(compare(stage, only, arguments.repeats), work.rows)
        if arguments.scale:
            scale(stage, arguments.repeats)


if __name__ == "__main__":
    main()
