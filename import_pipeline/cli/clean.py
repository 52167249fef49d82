"""`clean`: what is older than its setting allows is cleared away now, without waiting for the daily schedule."""

from typing import Annotated

import typer

from import_pipeline.cli import options, screen
from import_pipeline.cli.home import open_home

_TOLD = {
    "uploads": "files that were given for imports",
    "workspaces": "workspaces of ended imports",
    "leftovers": "files that crashes left behind",
    "runs": "runs in Dagster",
    "partitions": "partitions in Dagster",
    "outcomes": "lines of the record stores on rows that changed nothing",
    "imports": "imports with their rows and defects",
}


def clean(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be cleared away.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Clear away what is older than the settings IMPORT_PIPELINE_KEEP_…_DAYS allow, and what crashes left behind.

    Of imports that cannot be undone any more, what the record store notes of rows that changed nothing goes, too.
    Nothing of an import that is at work, waits for a person or can be undone is touched; records and their history
    stay. Dagster's schedule `daily_house_keeping` does the same each day.
    """
    from import_pipeline.orchestration.instance import open_instance
    from import_pipeline.orchestration.keeping_house import KINDS, keep_house

    home = open_home()
    with open_instance(home.settings, compute_logs=True) as instance:
        house = keep_house(home, instance, dry_run=dry_run)
    counts = {kind: house.cleared[kind].count for kind in KINDS}
    size = sum(kind.bytes for kind in house.cleared.values())
    if as_json:
        screen.print_json({"dry_run": dry_run, **counts, "bytes": size, "unfinished": house.unfinished})
        return
    screen.say("Would be cleared away:" if dry_run else "Cleared away:")
    for kind, count in counts.items():
        screen.say_line(f"  {count:>9,}  {_TOLD[kind]}")
    screen.say(f"Files of {size / 1e6:,.1f} MB.")
    if house.unfinished:
        screen.say("There was not time for all of it: run the command again.")
