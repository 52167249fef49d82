"""What following the changes of a large store takes: pages of 1,000 in its midst, the end of it, and all of it at once.

`python -m import_pipeline_tests.benchmarks.changes [--rows N]` imports N contacts and changes half of them, and prints
the CPU seconds of this process. Records are kept where the environment says, in a new home.
"""

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from import_pipeline.service import changes
from import_pipeline.settings import Settings
from import_pipeline_tests.benchmarks.measure import median
from import_pipeline_tests.importing import Importing

_PAGE = 1_000
_PAGES = 5


def measure(rows: int, folder: Path) -> dict[str, float]:
    """CPU seconds of a page at the beginning, of one in the midst, of one at the end, and of all as a Parquet file."""
    importing = Importing(Settings(home=folder / "home"), folder)
    importing.run(_people(rows, "Ann"))
    importing.run(_people(rows // 2, "Bob"))
    home, cursor = importing.home, None
    found = {}
    for name, begins in (("first pages", 0), ("pages in the midst", rows)):
        if begins:
            passed = changes.write_parquet(home, "contact", "default", folder / "passed.parquet", None, begins)
            cursor = passed["next_cursor"]
        seconds = []
        for _ in range(_PAGES):
            took, page = _timed(lambda cursor=cursor: changes.page(home, "contact", "default", cursor, _PAGE))
            cursor = page["next_cursor"]
            seconds.append(took)
        found[name] = median(seconds)
    whole = folder / "all.parquet"
    found["all as Parquet"], told = _timed(lambda: changes.write_parquet(home, "contact", "default", whole))
    assert told["rows"] == rows + rows // 2
    found["page at the end"], page = _timed(
        lambda: changes.page(home, "contact", "default", told["next_cursor"], _PAGE)
    )
    assert page["data"] == []
    return found


def _people(count: int, name: str) -> str:
    lines = (f"C{number},person.{number}@example.com,{name},City {number % 500}\n" for number in range(count))
    return "external_id,email,first_name,city\n" + "".join(lines)


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    before = os.times()
    result = work()
    after = os.times()
    return after.user + after.system - before.user - before.system, result


def main() -> None:
    """Print what it takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory(prefix="changes-") as folder:
        for name, seconds in measure(rows, Path(folder)).items():
            print(f"{name:20} {seconds:8.3f} CPU s")


if __name__ == "__main__":
    main()
