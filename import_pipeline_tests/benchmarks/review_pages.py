"""What the review of an import with very many failing rows takes: pages, edits, checks, and steps over 50,000 cells.

`python -m import_pipeline_tests.benchmarks.review_pages [--rows N]` serves a home of its own, pages at random through N
failing rows, and prints what the server's process took of the processor and how long a caller waited.
"""

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from import_pipeline_tests.api.serving import Client, Served, serving
from import_pipeline_tests.benchmarks.measure import median, verdict

MAPPING = {"External ID": "external_id", "Email": "email", "First name": "first_name", "Last name": "last_name"}
COLUMNS = (*MAPPING, "City", "Phone", "Company", "Notes")
PAGE_CPU_MS = 30.0
JUMP_MS = 300.0
EDIT_MS = 200.0
CHECK_MS = 200.0
STEP_SECONDS = 1.0
_PAGES = 100


class Bench:
    """The review of one import, called over HTTP.

    Args:
        served: The server.
        client: Whose import it is.
        import_id: The import.
    """

    def __init__(self, served: Served, client: Client, import_id: str) -> None:
        self._stat = Path(f"/proc/{served.process.pid}/stat")
        self.client, self.path = client, f"/v1/imports/{import_id}/review"

    def cpu_ms(self) -> float:
        """What the server's process took of the processor so far."""
        user, system = self._stat.read_text().rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) * 1_000 / os.sysconf("SC_CLK_TCK")

    def timed(self, call: Callable[[], Any]) -> tuple[float, float]:
        """Milliseconds that a call took, and those of the server's processor."""
        cpu, begin = self.cpu_ms(), time.perf_counter()
        call()
        return (time.perf_counter() - begin) * 1_000, self.cpu_ms() - cpu

    def many(self, calls: list[Callable[[], Any]]) -> tuple[float, float]:
        """Median milliseconds of some calls, and the mean of those of the server's processor."""
        before = self.cpu_ms()
        seconds = [self.timed(call)[0] for call in calls]
        return median(seconds), (self.cpu_ms() - before) / len(calls)

    def page(self, offset: int, **asked: str) -> Any:
        """A page of 100 rows."""
        query = "".join(f"&{name}={value}" for name, value in asked.items())
        return self.client.get(f"{self.path}/rows?offset={offset}&limit=100{query}")

    def operate(self, **body: Any) -> Any:
        """A step over many cells."""
        return self.client.post(f"{self.path}/operations", body)


def payload(rows: int, path: Path) -> Path:
    """A file of which each row fails: its address is none. A step that minds case mends half of them."""
    with path.open("w") as file:
        file.write(",".join(COLUMNS) + "\n")
        for number in range(rows):
            at = "at" if number % 2 else "AT"
            cells = (f"C{number}", f"person.{number} {at} example.com", f"First {number}", f"Last {number}")
            file.write(
                ",".join((*cells, f"City {number % 500}", "", f"Company {number % 900}", f"note {number}")) + "\n"
            )
    return path


def waiting(served: Served, rows: int, folder: Path) -> Bench:
    """Import the file up to its review."""
    from import_pipeline.run_config.spec import ImportSpec
    from import_pipeline.service import creating
    from import_pipeline.words import InvalidData, Source, Status

    client = served.client()
    spec = ImportSpec(
        record_type="contact",
        organization=client.organization,
        column_mapping=MAPPING,
        invalid_data=InvalidData.BLOCK,
    )
    record = creating.create_from_file(served.home, payload(rows, folder / "failing.csv"), spec, Source.TERMINAL)
    ended = served.runner.execute(record.id).record
    if ended.status != Status.NEEDS_REVIEW:
        raise RuntimeError(f"The import ended {ended.status}: {ended.reason}")
    return Bench(served, client, record.id)


def measure(bench: Bench, rows: int) -> dict[str, tuple[float, float]]:
    """What a person does in a review → milliseconds that they wait, and milliseconds of the server's processor."""
    picked = random.Random(7)
    offsets = [picked.randrange(max(1, rows - 100)) for _ in range(_PAGES)]
    numbers = [1 + picked.randrange(rows) for _ in range(_PAGES)]
    replace = {"kind": "replace", "find": " at ", "replace": "@", "columns": ["Email"], "match_case": True}

    def edit(number: int) -> Any:
        return bench.client.call(
            "PATCH", bench.path, {"rows": [{"row_number": number, "cells": {"Email": f"{number}@example.com"}}]}
        ).raise_for_status()

    def check(number: int) -> Any:
        rows_to_check = [{"row_number": number, "cells": {"Email": "new@example.com"}}]
        return bench.client.post(f"{bench.path}/check", {"rows": rows_to_check})

    found = {"first page": bench.timed(lambda: bench.page(0))}
    found["summary"] = bench.timed(lambda: bench.client.get(f"{bench.path}/summary"))
    found["page"] = bench.many([lambda offset=offset: bench.page(offset) for offset in offsets])
    found["first page of a search"] = bench.timed(lambda: bench.page(0, q="city 77"))
    found["page of a search"] = bench.many([lambda at=offset % 200: bench.page(at, q="city 77") for offset in offsets])
    found["first check"] = bench.timed(lambda: check(numbers[0]))
    found["check"] = bench.many([lambda number=number: check(number) for number in numbers])
    found["edit"] = bench.many([lambda number=number: edit(number) for number in numbers])
    found["page after edits"] = bench.many([lambda offset=offset: bench.page(offset) for offset in offsets])
    found["step, counted"] = bench.timed(lambda: bench.operate(**replace, dry_run=True))
    done: dict[str, Any] = {}
    found["step, taken"] = bench.timed(lambda: done.update(bench.operate(**replace)))
    print(f"the step changed {done['cells']:,} cells")
    found["page after the step"] = bench.many([lambda offset=offset: bench.page(offset) for offset in offsets])
    found["open rows after the step"] = bench.timed(lambda: bench.page(0, state="open"))
    found["step, undone"] = bench.timed(
        lambda: bench.client.post(f"{bench.path}/operations/{done['operation_id']}/undo")
    )
    found["page after undoing"] = bench.timed(lambda: bench.page(0))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    arguments = parser.parse_args()
    from import_pipeline.settings import Settings

    with tempfile.TemporaryDirectory(prefix="import-benchmark-") as name:
        folder = Path(name)
        with serving(Settings(home=folder / "home"), folder) as served:
            found = measure(waiting(served, arguments.rows, folder), arguments.rows)
    for what, (waited, cpu) in found.items():
        print(f"{what:26} {waited:8.1f} ms, {cpu:7.1f} ms of the processor")
    print(verdict("page, processor", found["page"][1], PAGE_CPU_MS, " ms"))
    print(verdict("page", found["page"][0], JUMP_MS, " ms"))
    print(verdict("edit", found["edit"][0], EDIT_MS, " ms"))
    print(verdict("check of a row", found["check"][0], CHECK_MS, " ms"))
    print(verdict("step", found["step, taken"][0] / 1_000, STEP_SECONDS, " s"))


if __name__ == "__main__":
    main()
