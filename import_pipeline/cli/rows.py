"""`rows`: what became, or after a dry run would become, of every row of an import, field by field."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from import_pipeline.cli import options, screen, tables
from import_pipeline.cli.csv_file import written_whole
from import_pipeline.cli.home import open_home
from import_pipeline.service import queries
from import_pipeline.words import Outcome


def rows(
    import_id: options.ImportId,
    outcome: Annotated[
        Outcome | None, typer.Option("--outcome", help="Only rows with this outcome.", metavar="OUTCOME")
    ] = None,
    csv: options.CsvFile = None,
    limit: Annotated[int, typer.Option(min=1, help="How many are shown.")] = 50,
    after: Annotated[int, typer.Option(min=0, help="How many are passed over first.")] = 0,
    as_json: options.AsJson = False,
) -> None:
    """Show the rows of an import with their outcome and what changes, before and after."""
    home = open_home()
    if csv is not None:
        with written_whole(csv) as path:
            count = queries.write_rows_csv(home, import_id, path, outcome)
        screen.say_line(f"{count:,} lines written to {csv}")
        return
    found = queries.rows(home, import_id, limit + 1, after, outcome)
    shown, more = found[:limit], len(found) > limit
    if as_json:
        screen.print_json({"object": "list", "data": shown, "has_more": more})
        return
    if not shown:
        screen.say("No rows: the import has none with that outcome, was not planned, or its workspace is gone.")
        return
    print_rows(shown)
    if more:
        screen.say(f"\nMore follow: --after {after + limit}, or all of them with --csv FILE.")


def print_rows(rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows with what changes in their records."""
    table = tables.new_table(("row", "right"), ("outcome", "left"), ("record or reason", "left"), ("changes", "left"))
    for row in rows:
        number = "none" if row["row_number"] is None else f"{row['row_number']:,}"
        why = row["reason"] or row["record_id"]
        table.add_row(number, row["outcome"], screen.plain(why), changes_of(row["changes"]))
    tables.print_table(table)


def changes_of(changes: Sequence[Mapping[str, Any]]) -> str:
    """Changes as lines of field, before and after."""
    return "\n".join(
        f"{change['field']}: {tables.cut(change['before']) or '(empty)'} → {tables.cut(change['after']) or '(empty)'}"
        for change in changes
    )
