"""Random imports against the promises of trust: the dry run is true, undo is exact, later imports lose nothing,
identifiers stay unique, references lead somewhere, records change only by rows that mean them, every line counts.

`python -m import_pipeline_tests.benchmarks.trust --examples 500` looks for counter-examples, a few minutes for each
thousand imports, and ends with 1 and the smallest one if it finds any.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from import_pipeline.settings import Settings
from import_pipeline.words import Action
from import_pipeline_tests.trust.laws import check_laws
from import_pipeline_tests.trust.random_imports import histories, imports, records, successive_imports
from import_pipeline_tests.trust.test_dry_run_is_true import check_that_the_dry_run_is_true
from import_pipeline_tests.trust.test_every_line_counts import Ground, check_that_every_line_counts, texts
from import_pipeline_tests.trust.test_undo_is_exact import (
    check_that_a_later_import_keeps_what_it_wrote,
    check_that_undo_is_exact,
)
from import_pipeline_tests.trust.worlds import UNHURRIED, World

Promise = Callable[..., None]


def promises(world: World, ground: Ground) -> dict[str, tuple[Promise, st.SearchStrategy[tuple[Any, ...]]]]:
    """Each promise: what checks it, and what that is given."""

    def of_world(check: Promise) -> Promise:
        return lambda stored, asked: check(world, stored, *asked)

    actions = st.sampled_from([Action.MERGE, Action.OVERWRITE])
    return {
        "the dry run is true": (
            of_world(check_that_the_dry_run_is_true),
            st.tuples(records(), st.tuples(imports(), imports())),
        ),
        "undo is exact": (of_world(check_that_undo_is_exact), st.tuples(records(), st.tuples(imports()))),
        "later imports keep what they wrote": (
            of_world(check_that_a_later_import_keeps_what_it_wrote),
            st.tuples(records(), successive_imports()),
        ),
        "the laws hold": (lambda steps: check_laws(world, steps), st.tuples(histories())),
        "every line counts": (
            lambda text, action: check_that_every_line_counts(ground, text, action),
            st.tuples(texts(), actions),
        ),
    }


def main() -> None:
    """Check every promise and print how many examples held, in how many seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=300, help="examples of each promise")
    parser.add_argument("--only", metavar="WORD", default="", help="only the promises with this word")
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        for promise, (check, asked) in promises(
            World(), Ground(Settings(home=Path(folder) / "home"), Path(folder))
        ).items():
            if given.only not in promise:
                continue
            started = time.monotonic()
            held = _hold(check, asked, given.examples)
            sys.stdout.write(f"{promise}: {held} examples held, {time.monotonic() - started:.0f} s\n")
            sys.stdout.flush()


def _hold(check: Promise, asked: st.SearchStrategy[tuple[Any, ...]], examples: int) -> int:
    held = 0

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=UNHURRIED,
        phases=[Phase.generate, Phase.shrink],
        report_multiple_bugs=False,
    )
    @given(asked)
    def holds(arguments: tuple[Any, ...]) -> None:
        nonlocal held
        check(*arguments)
        held += 1

    holds()
    return held


if __name__ == "__main__":
    main()
