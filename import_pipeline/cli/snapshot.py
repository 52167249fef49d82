"""`snapshot`: records as Parquet files that can be read while imports write."""

from typing import Annotated

import typer

from import_pipeline.cli import options, screen
from import_pipeline.cli.home import open_home


def snapshot(
    record_type: Annotated[
        str | None, typer.Argument(metavar="[TYPE]", help="Which records; all tables if left out.")
    ] = None,
    organization: options.Organization = None,
    as_json: options.AsJson = False,
) -> None:
    """Write records to Parquet files in the bucket, to be read beside imports: no reader ever keeps one waiting."""
    from dataclasses import asdict

    from import_pipeline.service import snapshots

    home = open_home()
    tables = [
        (owner, kind)
        for owner, kind in snapshots.tables_with_records(home)
        if record_type in (None, kind) and organization in (None, owner)
    ]
    taken = [snapshots.take(home, owner, kind) for owner, kind in tables]
    if as_json:
        screen.print_json({"object": "list", "data": [asdict(one) for one in taken]})
        return
    if not taken:
        screen.say("No import has written such records yet.")
        return
    for one in taken:
        screen.say_line(f"{home.settings.bucket_address}/{one.key}  {screen.counted(one.rows, 'row')}")
