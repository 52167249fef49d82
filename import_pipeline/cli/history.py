"""Looking closer at records: those with certain values, one by its id, and what imports did to it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from import_pipeline.cli import screen, tables
from import_pipeline.cli.rows import changes_of
from import_pipeline.errors import MisuseError, NotFoundError

if TYPE_CHECKING:
    from import_pipeline.home import Home

Where = Annotated[
    list[str] | None,
    typer.Option("--where", metavar="FIELD=VALUE", help="Only records with this value; may be given several times."),
]
RecordId = Annotated[str | None, typer.Option("--id", metavar="ID", help="Only the record with this id.")]
WithHistory = Annotated[
    bool,
    typer.Option(
        "--history", help="Of the one record that --id or --where names: which import changed it, when, by which row."
    ),
]


def look_closer(
    home: "Home",
    record_type: str,
    organization: str,
    where: list[str] | None,
    record_id: str | None,
    with_history: bool,
    limit: int,
    csv: Path | None,
    as_json: bool,
) -> None:
    """Show some records, or the history of one.

    Raises:
        MisuseError: The options do not go together.
        NotFoundError: There is no record with this id.
    """
    from import_pipeline.service import queries

    if csv is not None:
        raise MisuseError("--csv writes all records: leave out --where, --id and --history, or use --json.")
    if with_history:
        record_id = record_id or _only_one(home, record_type, organization, where)
        _show_history(queries.history(home, record_type, record_id, organization), as_json)
        return
    filters = _filters(where or ()) | ({"id": record_id} if record_id is not None else {})
    found = queries.find_records(home, record_type, organization, filters, limit)
    if record_id is not None and not found["data"]:
        raise NotFoundError(record_type, record_id, "--history tells whether there was one.")
    if as_json:
        screen.print_json({"object": "list", **found})
        return
    if not found["data"]:
        screen.say(f"Organization {organization} has no such records of type {record_type}.")
        return
    tables.print_records(found["data"], hidden=tables.KEPT_BY_US)
    if found["has_more"]:
        screen.say(f"\nThere are more than these {limit:,}: --limit shows more.")


def _only_one(home: "Home", record_type: str, organization: str, where: list[str] | None) -> str:
    """The id of the one record that has these values."""
    from import_pipeline.service import queries

    if not where:
        raise MisuseError(
            f"--history is that of one record: add --id ID, or --where FIELD=VALUE that only one {record_type} has."
        )
    found = queries.find_records(home, record_type, organization, _filters(where), limit=2)["data"]
    named = " and ".join(where)
    if not found:
        raise NotFoundError(record_type, named, f"`import-pipeline records {record_type}` shows what there is.")
    if len(found) > 1:
        raise MisuseError(f"More than one {record_type} has {named}: name the one that is meant by --id.")
    return found[0]["id"]


def _filters(where: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in where:
        field, equals, value = one.partition("=")
        if not equals or not field.strip():
            raise MisuseError(f"--where {one!r} has no field and value. Write --where FIELD=VALUE.")
        found[field.strip()] = value
    return found


def _show_history(events: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        screen.print_json({"object": "list", "data": events, "has_more": False})
        return
    if not events:
        screen.say("No import has changed this record.")
        return
    table = tables.new_table(
        ("when (UTC)", "left"), ("what", "left"), ("import, file and row", "left"), ("changes", "left")
    )
    for event in events:
        when = event["changed_at"].strftime("%Y-%m-%d %H:%M") if event["changed_at"] else ""
        what = event["operation"] + (", then by hand" if event["changed_by_hand"] else "")
        table.add_row(when, what, _origin(event), changes_of(event["changes"]))
    tables.print_table(table)


def _origin(event: dict[str, Any]) -> str:
    if event["undoes"]:
        return f"{event['import_id']}\nundo of {event['undoes']}"
    row = f", row {event['row_number']:,}" if event["row_number"] is not None else ""
    return f"{event['import_id']}\n{screen.plain(event['file_name'])}{row}"
