"""How long a claim takes in a registry that holds few claims, and in one that holds very many.

`python -m import_pipeline_tests.benchmarks.claims [--sizes 10000 100000 1000000]` prints, for each number of claims
held, the median time of one new claim alone, of one that is held already, and of each claim of a tick of fifty objects,
and how many times as long the largest registry takes as the smallest.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, fields
from itertools import count
from pathlib import Path

from import_pipeline.stores import claims
from import_pipeline.stores.claims import key_hash
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tables import claims as claims_table
from import_pipeline.stores.tables import in_chunks

SIZES = (10_000, 100_000, 1_000_000)
TICK = 50
ROUNDS = 60


@dataclass(frozen=True)
class Times:
    """Medians, in microseconds for one claim."""

    new: float
    held: float
    in_a_tick: float


def measure(sizes: Sequence[int], folder: Path, rounds: int = ROUNDS) -> dict[int, Times]:
    """The times in one registry that grows to each of these sizes in turn."""
    found: dict[int, Times] = {}
    number = count()
    with Registry(f"sqlite:///{folder / 'registry.sqlite'}") as registry:
        held = 0
        for size in sorted(sizes):
            _fill(registry, range(held, size))
            held = size
            found[size] = _times(registry, size, number, rounds)
    return found


def growth(found: dict[int, Times]) -> Times:
    """How many times as long the largest registry takes as the smallest."""
    smallest, largest = astuple(found[min(found)]), astuple(found[max(found)])
    return Times(*(late / early for early, late in zip(smallest, largest, strict=True)))


def _key(number: int) -> str:
    return f"s3://bucket/imports/uploads/acme/contact/file-{number}.csv@d41d8cd98f00b204e9800998ecf8427e"


def _fill(registry: Registry, numbers: range) -> None:
    """Put claims into the table without asking anybody, in the order of their hashes, which is the quickest."""
    rows = [
        {"kind": "object", "key_hash": key_hash(_key(number)), "key": _key(number), "import_id": f"imp_{number}"}
        for number in numbers
    ]
    rows.sort(key=lambda row: row["key_hash"])
    for chunk in in_chunks(rows, 50_000):
        values = [row | {"claimed_at": 0} for row in chunk]
        registry.write(lambda connection, values=values: connection.execute(claims_table.insert(), values))


def _times(registry: Registry, size: int, number: "count[int]", rounds: int) -> Times:
    def claim_new() -> int:
        unknown = f"new-{next(number)}"
        assert claims.claim(registry, "object", unknown, "imp_new") == "imp_new"
        return 1

    def claim_held() -> int:
        one = (next(number) * 7_919) % size
        assert claims.claim(registry, "object", _key(one), "imp_new") == f"imp_{one}"
        return 1

    def claim_tick() -> int:
        wanted = {f"new-{next(number)}": "imp_new" for _ in range(TICK)}
        assert claims.claim_many(registry, "object", wanted) == wanted
        return TICK

    return Times(*(_median(work, rounds) for work in (claim_new, claim_held, claim_tick)))


def _median(work: Callable[[], int], rounds: int) -> float:
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        done = work()
        seconds.append((time.perf_counter() - began) / done)
    return statistics.median(seconds) * 1e6


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    sizes = parser.parse_args().sizes
    with tempfile.TemporaryDirectory() as folder:
        found = measure(sizes, Path(folder))
    names = [one.name.replace("_", " ") for one in fields(Times)]
    print(f"{'claims held':>12}" + "".join(f"{name:>14}" for name in names) + "   (microseconds for one claim)")
    for size, times in found.items():
        print(f"{size:>12,}" + "".join(f"{value:>14.0f}" for value in astuple(times)))
    print(f"{'ratio':>12}" + "".join(f"{value:>14.2f}" for value in astuple(growth(found))))


if __name__ == "__main__":
    main()
