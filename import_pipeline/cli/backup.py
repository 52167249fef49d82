"""`backup` and `restore`: a home copied while imports run, and a home made of a copy."""

from pathlib import Path
from typing import Annotated

import typer

from import_pipeline.cli import options, screen
from import_pipeline.cli.home import open_home


def backup(
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="A folder that does not exist yet.")],
    as_json: options.AsJson = False,
) -> None:
    """Copy the home as one state, while imports may run: imports, records, files, and Dagster's storage.

    It holds records and keys: keep it as safe as the home. What lies on servers (PostgreSQL, S3) is not in it.
    """
    from dataclasses import asdict

    from import_pipeline.service import backups

    home = open_home()
    done = backups.take(home, to)
    if as_json:
        screen.print_json({"folder": str(to), **asdict(done)})
        return
    screen.say_line(f"{to}  {done.size_bytes / 1e6:,.1f} MB, records of {len(done.organizations)} organizations")
    if not done.has_bucket:
        screen.say(f"The bucket {home.settings.bucket_address} is not in it.")


def restore(
    origin: Annotated[Path, typer.Option("--from", metavar="DIR", help="A folder that `backup` made.")],
    as_json: options.AsJson = False,
) -> None:
    """Make an empty home of a copy, and have what was at work when it was taken go on.

    Imports that were at work are queued again: `up` starts them.
    """
    from import_pipeline.service import backups

    home = open_home()
    done = backups.restore(home, origin)
    if as_json:
        screen.print_json({"home": str(home.settings.home_path), "imports": done.done, "errors": done.errors})
        return
    screen.say_line(f"{home.settings.home_path} is as {origin} was.")
    for import_id, became in done.done.items():
        screen.say_line(f"  {import_id}  {became}")
