"""Many random tables, each written in a random style: each imports to its values, or a person is asked.

    python -m import_pipeline_tests.benchmarks.written_tables [--tables 300] [--seed 1]

Prints the style of each table that did not, and ends with 1 if there is any.
"""

import argparse
import random
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, given, seed, settings

from import_pipeline.settings import Settings
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.phases.written_tables import WrittenTable, check, written_tables


def main() -> int:
    """Import the tables; 1 if one of them came out otherwise."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=300)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    told = parser.parse_args()
    found: Counter[str] = Counter()
    with TemporaryDirectory() as folder:
        importing = Importing(Settings(home=Path(folder) / "home"), Path(folder))

        @seed(told.seed)
        @settings(
            max_examples=told.tables,
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
            phases=[Phase.generate],
        )
        @given(table=written_tables())
        def import_one(table: WrittenTable) -> None:
            try:
                found[check(importing, table, f"o{found.total()}")] += 1
            except Exception as error:  # a find is told, and the next table follows
                found["otherwise"] += 1
                print(f"{table.style}: {type(error).__name__}: {str(error)[:1500]}\n", flush=True)

        import_one()
    print(f"seed {told.seed}: {dict(found)}")
    return 1 if found["otherwise"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
