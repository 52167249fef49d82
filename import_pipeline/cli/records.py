"""`records`: what is stored, looked at or written to a file."""

from typing import Annotated

import typer

from import_pipeline.cli import history, options, screen, tables
from import_pipeline.cli.csv_file import written_whole
from import_pipeline.cli.home import open_home


def records(
    record_type: Annotated[str, typer.Argument(metavar="TYPE", help=f"One of: {options.KNOWN_TYPES}.")],
    organization: options.Organization = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="How many; 20 on the screen, all in a CSV file.")
    ] = None,
    csv: options.CsvFile = None,
    as_json: options.AsJson = False,
    where: history.Where = None,
    record_id: history.RecordId = None,
    with_history: history.WithHistory = False,
) -> None:
    """Show stored records, the oldest first; with --where or --id only some of them."""
    from import_pipeline.service import queries

    whose = options.checked_organization(organization)
    home = open_home()
    if where or record_id is not None or with_history:
        history.look_closer(home, record_type, whose, where, record_id, with_history, limit or 20, csv, as_json)
        return
    if csv is not None:
        with written_whole(csv) as path:
            count = queries.write_records_csv(home, record_type, whose, path, limit)
        screen.say_line(f"{screen.counted(count, 'record')} written to {csv}")
        return
    found = queries.records(home, record_type, whose, limit or 20)
    total = queries.record_count(home, record_type, whose)
    if as_json:
        screen.print_json(
            {"object": "list", "data": found, "has_more": total > len(found), "total_count": total},
        )
        return
    if not found:
        screen.say(f"Organization {whose} has no records of type {record_type}.")
        return
    tables.print_records(found, hidden=tables.KEPT_BY_US)
    screen.say(f"\n{len(found):,} of {screen.counted(total, 'record')}.")
