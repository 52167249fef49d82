"""Random imports against the promises of trust: the dry run is true, undo is exact, later imports lose nothing.

`python -m import_pipeline_tests.benchmarks.trust --examples 500` looks for counter-examples, a few minutes for each
thousand imports, and ends with 1 and the smallest one if it finds any.
"""

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from import_pipeline_tests.trust.test_dry_run_is_true import check_that_the_dry_run_is_true
from import_pipeline_tests.trust.test_undo_is_exact import (
    check_that_a_later_import_keeps_what_it_wrote,
    check_that_undo_is_exact,
)
from import_pipeline_tests.trust.worlds import UNHURRIED, World, imports, records, successive_imports

PROMISES: dict[str, tuple[Callable[..., None], st.SearchStrategy[Any]]] = {
    "the dry run is true": (check_that_the_dry_run_is_true, st.tuples(imports(), imports())),
    "undo is exact": (check_that_undo_is_exact, st.tuples(imports())),
    "later imports keep what they wrote": (check_that_a_later_import_keeps_what_it_wrote, successive_imports()),
}


def main() -> None:
    """Check every promise and print how many examples held, in how many seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=300, help="examples of each promise")
    examples = parser.parse_args().examples
    world = World()
    for promise, (check, asked) in PROMISES.items():
        started = time.monotonic()
        held = _hold(world, check, asked, examples)
        sys.stdout.write(f"{promise}: {held} examples held, {time.monotonic() - started:.0f} s\n")
        sys.stdout.flush()


def _hold(world: World, check: Callable[..., None], imported: st.SearchStrategy[Any], examples: int) -> int:
    held = 0

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=UNHURRIED)
    @given(records(), imported)
    def holds(stored: dict[str, Any], asked: tuple[Any, ...]) -> None:
        nonlocal held
        check(world, stored, *asked)
        held += 1

    holds()
    return held


if __name__ == "__main__":
    main()
