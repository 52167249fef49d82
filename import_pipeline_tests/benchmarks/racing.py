"""Processes that import the same contacts at once: no identity twice, no sequence twice, and the right records.

`python -m import_pipeline_tests.benchmarks.racing [--kinds file postgres ducklake] [--processes 4] [--imports 5]
[--rows 200]` does it in a store of each kind and prints what was found.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from import_pipeline.home import Home
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import creating, queries
from import_pipeline.service.running import run_phase_of
from import_pipeline.settings import Settings
from import_pipeline.words import Phase, Source
from import_pipeline_tests.benchmarks.stores import stores_of_kinds
from import_pipeline_tests.store_kinds import KINDS, settings_of
from import_pipeline_tests.stored import opened_store


@dataclass(frozen=True)
class Raced:
    """What a race left in the store.

    Attributes:
        seconds: How long it took.
        problems: What is wrong, in words; empty where all is right.
    """

    seconds: float
    problems: tuple[str, ...]


def race(home: Path, store: Mapping[str, str], processes: int, imports: int, rows: int) -> Raced:
    """Have processes import the same contacts at once, each several times, and look at what is stored.

    Args:
        home: An empty home.
        store: The environment that names its record store.
        processes: How many.
        imports: How many imports each of them makes, one after the other.
        rows: How many contacts.
    """
    began = time.monotonic()
    command = [sys.executable, "-m", __spec__.name, "--runner"]
    environment = os.environ | store | {"IMPORT_PIPELINE_HOME": str(home)}
    started = [
        subprocess.Popen([*command, str(number), str(imports), str(rows)], env=environment, stderr=subprocess.PIPE)
        for number in range(processes)
    ]
    said = [process.communicate()[1].decode() for process in started]
    problems = [text for process, text in zip(started, said, strict=True) if process.returncode]
    problems += problems_of(settings_of(home, store), processes * imports, rows)
    return Raced(time.monotonic() - began, tuple(problems))


def problems_of(settings: Settings, imports: int, rows: int) -> list[str]:
    """What is wrong with the store after so many imports of the same contacts."""
    with opened_store(settings) as connection:
        marks = connection.execute("SELECT sequence, import_id FROM applied_imports ORDER BY ALL").fetchall()
        records = connection.execute(
            "SELECT external_id, email, first_name, updated_by_import FROM contacts"
        ).fetchall()
        outcomes = connection.execute("SELECT record_id, outcome FROM row_outcomes").fetchall()
        images = connection.execute("SELECT id, operation FROM contacts_history WHERE row_number > 0").fetchall()
    found: list[str] = []
    if [sequence for sequence, _ in marks] != list(range(1, imports + 1)):
        found.append(f"The sequences are {[sequence for sequence, _ in marks]}.")
    for place, name in enumerate(("external_id", "email")):
        values = [record[place] for record in records]
        if len(set(values)) != len(values) or len(values) != rows:
            found.append(f"{len(values)} records have {len(set(values))} different values of {name}, not {rows}.")
    last = marks[-1][1] if marks else None
    late = {(first_name, by) for _, _, first_name, by in records}
    if late != {(last, last)}:
        found.append(f"The last import is {last}, and the records are as {sorted(late)} left them.")
    counted = Counter(outcome for _, outcome in outcomes)
    if counted != {"created": rows, "updated": rows * (imports - 1)}:
        found.append(f"The rows ended {dict(counted)}.")
    if len(images) != rows * (imports - 1):
        found.append(f"There are {len(images)} before-images, not {rows * (imports - 1)}.")
    return found


def run_imports(number: int, imports: int, rows: int) -> None:
    """Import the same contacts several times; each import leaves its own id as the first name of all of them."""
    home = Home(Settings())
    with tempfile.TemporaryDirectory(prefix="racing-") as folder:
        for turn in range(imports):
            import_id = f"race{number}{turn}"
            path = Path(folder) / f"{import_id}.csv"
            lines = (f"{row},p{row}@example.com,{import_id}\n" for row in range(rows))
            path.write_text("external_id,email,first_name\n" + "".join(lines))
            creating.create_from_file(home, path, ImportSpec(record_type="contact"), Source.TERMINAL, import_id)
            for phase in Phase:
                run_phase_of(home, import_id, phase)
            done = queries.import_object(home, import_id)
            if done["status"] != "completed":
                raise SystemExit(f"{import_id} ended {done['status']}: {done['reason']}")


def main() -> None:
    """Race, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=KINDS)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--imports", type=int, default=5)
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--runner", nargs=3, type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.runner:
        run_imports(*arguments.runner)
        return
    wrong = False
    with stores_of_kinds() as stores:
        for kind in arguments.kinds:
            with tempfile.TemporaryDirectory(prefix="racing-") as folder, stores(kind).new() as store:
                found = race(Path(folder) / "home", store, arguments.processes, arguments.imports, arguments.rows)
            told = " ".join(found.problems) or "every identity once, every sequence once, the right records"
            print(
                f"{kind}: {arguments.processes} processes x {arguments.imports} imports of the same {arguments.rows} "
                f"contacts in {found.seconds:.0f} s: {told}",
                flush=True,
            )
            wrong = wrong or bool(found.problems)
    if wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
