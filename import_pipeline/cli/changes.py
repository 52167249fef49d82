"""`changes`: what imports changed, in the order in which it was committed, for programs that follow it."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from import_pipeline.cli import options, screen, tables
from import_pipeline.cli.csv_file import written_whole
from import_pipeline.cli.home import open_home
from import_pipeline.cli.rows import changes_of


def changes(
    record_type: Annotated[str, typer.Argument(metavar="TYPE", help=f"One of: {options.KNOWN_TYPES}.")],
    after: Annotated[
        str | None, typer.Option(metavar="CURSOR", help="next_cursor of the last time; else from the first change on.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="How many; 20 on the screen, all in a Parquet file.")
    ] = None,
    parquet: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write them to this file, before and after as structs.")
    ] = None,
    organization: options.Organization = None,
    as_json: options.AsJson = False,
) -> None:
    """Show each created, updated and deleted record once, in the order of commits, and the cursor to go on."""
    from import_pipeline.service import changes

    whose = options.checked_organization(organization)
    home = open_home()
    if parquet is not None:
        with written_whole(parquet) as path:
            found = changes.write_parquet(home, record_type, whose, path, after, limit)
        if as_json:
            screen.print_json({"object": "list", "file": str(parquet), **found})
        else:
            screen.say_line(f"{screen.counted(found['rows'], 'change')} written to {parquet}")
            _say_where_to_go_on(found)
        return
    found = changes.page(home, record_type, whose, after, limit or 20)
    if as_json:
        screen.print_json({"object": "list", **found})
        return
    if found["data"]:
        _print(found["data"])
    else:
        screen.say(f"No import of organization {whose} has changed {record_type} records since.")
    _say_where_to_go_on(found)


def _print(changes: Iterable[Mapping[str, Any]]) -> None:
    origin = ("record, import and row", "left")
    table = tables.new_table(("when (UTC)", "left"), ("what", "left"), origin, ("changes", "left"))
    for change in changes:
        when = change["changed_at"].strftime("%Y-%m-%d %H:%M") if change["changed_at"] else ""
        row = f", row {change['row_number']:,}" if change["row_number"] is not None else ""
        before, after = change["before"] or {}, change["after"] or {}
        names = [name for name in before | after if name not in ("id", *tables.KEPT_BY_US)]
        fields = [
            {"field": name, "before": before.get(name), "after": after.get(name)}
            for name in names
            if before.get(name) != after.get(name)
        ]
        named = f"{change['record_id']}\n{change['import_id']}{row}"
        table.add_row(when, change["operation"], named, changes_of(fields))
    tables.print_table(table)


def _say_where_to_go_on(found: Mapping[str, Any]) -> None:
    screen.say("\nThere are more; go on with:" if found["has_more"] else "\nThese are all; what comes later follows:")
    screen.say_line(f"--after {found['next_cursor']}")
