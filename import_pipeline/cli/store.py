"""`store copy`, `store check`: record stores as wholes, moved to another place or looked over."""

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from import_pipeline.cli import options, screen, tables
from import_pipeline.cli.home import open_home
from import_pipeline.errors import MisuseError

if TYPE_CHECKING:
    from import_pipeline.service.store_checking import CheckedStore
    from import_pipeline.service.store_copying import StoreCopy

store = typer.Typer(no_args_is_help=True, help="Copy record stores to another kind or place, and look them over.")

_SHOWN = 20
_VARIABLE = "env:"


@store.command("copy")
def copy(
    to: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="Where to: postgresql://…, ducklake:postgresql://…, as IMPORT_PIPELINE_STORE_URL is written; "
            "`env:NAME`, the environment variable that holds such a URL, so that its password stands in no list of "
            "processes; or `file`, for files in this home.",
        ),
    ],
    to_data: Annotated[
        str | None, typer.Option(metavar="s3://…", help="For DuckLake, as IMPORT_PIPELINE_STORE_DATA is written.")
    ] = None,
    organization: options.Organization = None,
    everyone: Annotated[bool, typer.Option("--all", help="The stores of all organizations.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Copy records with their history, what became of each row, and marks, from the store that is set to another one.

    Stop everything that imports before. Both stores are locked meanwhile; the source stays as it is. A store comes
    whole, in one transaction, and is compared with its source afterwards. What has records there is refused, unless
    they are the same: so what was cut short is simply started again. Then set IMPORT_PIPELINE_STORE_URL to the new
    place; imports, undos and histories go on there.
    """
    from import_pipeline.cli.refusals import NOT_COMPLETED
    from import_pipeline.service import store_copying
    from import_pipeline.words import DEFAULT_ORGANIZATION

    if everyone and organization is not None:
        raise MisuseError("--all copies every organization: leave out --organization, or --all.")
    home = open_home()
    target = store_copying.settings_of_target(home.settings, _named(to), to_data)
    chosen = None if everyone else organization or DEFAULT_ORGANIZATION
    copies = []
    for one in store_copying.copy_stores(home, target, chosen):
        copies.append(one)
        screen.remark(f"{one.organization}: {_became(one)}")
    if as_json:
        screen.print_json({"object": "list", "data": [_copied(one) for one in copies]})
    else:
        _show_copies(copies)
    if any(one.refused for one in copies):
        raise typer.Exit(NOT_COMPLETED)


@store.command("check")
def check(
    organization: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose store; those of all organizations if left out.")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Verify the digest of every record, and that every write has its mark; ends with 1 where something differs.

    A record differs if it was changed since its last import by anything else: by hand, by another program, by a disk.
    """
    from dataclasses import asdict

    from import_pipeline.cli.refusals import NOT_COMPLETED
    from import_pipeline.service import store_checking

    checked = store_checking.check_stores(open_home(), organization)
    if as_json:
        data = [asdict(one) | {"is_right": one.is_right} for one in checked]
        screen.print_json({"object": "list", "data": data})
    else:
        _show_checked(checked)
    if not all(one.is_right for one in checked):
        raise typer.Exit(NOT_COMPLETED)


def _named(to: str) -> str:
    """What `--to` says, itself or by an environment variable.

    Raises:
        MisuseError: There is no such variable.
    """
    if not to.startswith(_VARIABLE):
        return to
    name = to.removeprefix(_VARIABLE)
    if not os.environ.get(name):
        raise MisuseError(
            f"--to names the environment variable {name!r}, which is not set. Set it to the URL, for example "
            "postgresql://user:password@host/database."
        )
    return os.environ[name]


def _became(one: "StoreCopy") -> str:
    if one.refused is not None:
        return f"not copied: {one.refused.message}"
    return "was there already" if one.was_there else "copied"


def _copied(one: "StoreCopy") -> dict[str, Any]:
    status = "refused" if one.refused is not None else "already_there" if one.was_there else "copied"
    return {
        "organization": one.organization,
        "status": status,
        "reason": one.refused.message if one.refused is not None else None,
        **one.rows,
        "tables": {
            table.name: {"rows": content.rows, "digest": f"{content.digest:x}"}
            for table, content in one.contents.items()
        },
    }


def _show_copies(copies: "list[StoreCopy]") -> None:
    if not copies:
        screen.say("No organization has a record store yet.")
        return
    table = tables.new_table(
        ("organization", "left"), ("", "left"), ("records", "right"), ("history", "right"), ("outcomes", "right"),
        ("marks", "right"),
    )  # fmt: skip
    table.columns[0].overflow = "fold"
    for one in copies:
        what = "refused" if one.refused is not None else "was there" if one.was_there else "copied"
        counts = [f"{count:,}" for count in one.rows.values()] if one.refused is None else [""] * 4
        table.add_row(one.organization, what, *counts)
    tables.print_table(table)


def _show_checked(checked: "list[CheckedStore]") -> None:
    if not checked:
        screen.say("No organization has a record store yet.")
        return
    table = tables.new_table(("organization", "left"), ("table", "left"), ("records", "right"), ("differ", "right"))
    table.columns[0].overflow = table.columns[1].overflow = "fold"
    for one in checked:
        for found in one.tables:
            style = "red" if found.different else None
            table.add_row(one.organization, found.table, f"{found.records:,}", f"{len(found.different):,}", style=style)
    tables.print_table(table)
    for one in checked:
        for found in one.tables:
            for record_id in found.different[:_SHOWN]:
                screen.say_line(f"{one.organization}: {found.table} {record_id} is not what its last import left.")
            if len(found.different) > _SHOWN:
                screen.say(f"{len(found.different) - _SHOWN:,} more of {found.table} differ: --json names them all.")
            if found.unknown:
                screen.say(f"{found.unknown:,} of {found.table} were written by another version and cannot be judged.")
        for import_id in one.without_mark:
            screen.say_line(f"{one.organization}: the import {import_id} has rows or before-images and no mark.")
