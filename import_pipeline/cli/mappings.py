"""`mappings list`, `mappings forget`: mappings that were confirmed, used where the same header row comes again."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from import_pipeline.cli import options, screen
from import_pipeline.cli.home import open_home
from import_pipeline.run_config.spec import DEFAULT_ORGANIZATION

mappings = typer.Typer(
    no_args_is_help=True, help="List and forget the mappings that were confirmed and are used for the same header row."
)


@mappings.command("list")
def list_mappings(organization: options.Organization = None, as_json: options.AsJson = False) -> None:
    """List remembered mappings, the one that was confirmed last first."""
    from import_pipeline.service import remembering

    found = remembering.list_mappings(open_home(), organization or DEFAULT_ORGANIZATION)
    if as_json:
        screen.print_json({"object": "list", "data": [asdict(one) for one in found]})
        return
    if not found:
        screen.say("No mapping is remembered. One that is given to `import-pipeline confirm` is.")
        return
    for one in found:
        pairs = ", ".join(f"{column} → {field}" for column, field in one.column_mapping.items())
        confirmed = datetime.fromtimestamp(one.confirmed_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
        used = "never used since" if not one.used_count else f"used {one.used_count} times since"
        kept = "; other columns are kept" if one.keep_unmapped else ""
        screen.say_line(f"{one.id}  {one.record_type}  confirmed {confirmed} for {one.import_id}, {used}")
        screen.say_line(f"    {pairs}{kept}")


@mappings.command("forget")
def forget(
    mapping_id: Annotated[str, typer.Argument(metavar="ID", help="The mapping, as listed.")],
    organization: options.Organization = None,
) -> None:
    """Forget a mapping: the next file with that header row is asked about again."""
    from import_pipeline.service import remembering

    remembering.forget(open_home(), mapping_id, organization or DEFAULT_ORGANIZATION)
    screen.say_line(f"Forgot {mapping_id}.")
