"""`undo`: an import is taken back, as far as its records did not change since."""

from typing import TYPE_CHECKING, Annotated

import typer

from import_pipeline.cli import options, screen, tables
from import_pipeline.cli.home import open_home
from import_pipeline.cli.refusals import NOT_COMPLETED
from import_pipeline.words import Status

if TYPE_CHECKING:
    from import_pipeline.home import Home

_SHOWN = 20


def undo(
    import_id: options.ImportId,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be taken back and kept.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Undo an import: created records go, changed ones get back what they were, deleted ones return.

    A record that was changed since, by another import or by hand, is kept and listed. The undo is an import of its own:
    `rows` shows what it does, and it can be undone.
    """
    from import_pipeline.service import queries, undoing

    home = open_home()
    record = undoing.undo(home, import_id, dry_run=dry_run)
    if not dry_run:
        _report(home, record.id)
    found = queries.import_object(home, record.id)
    if as_json:
        screen.print_json(found)
    else:
        would = "would be " if dry_run else ""
        counts = found["undo"]
        screen.say_line(f"Undo of {import_id}: {found['status']}  ({found['id']})")
        screen.say(
            f"Records: {counts['reverted']:,} {would}taken back, {counts['kept']:,} kept, {counts['errored']:,} failed."
        )
        if found["reason"]:
            screen.say(found["reason"])
        listed = queries.defects(home, record.id, limit=_SHOWN + 1)
        if listed:
            tables.print_defects(listed[:_SHOWN])
        if len(listed) > _SHOWN:
            screen.say_line(f"\nAll of them: import-pipeline defects {record.id}")
    if found["status"] != Status.COMPLETED:
        raise typer.Exit(NOT_COMPLETED)


def _report(home: "Home", undo_id: str) -> None:
    """Let Dagster know what became of the records."""
    from import_pipeline.orchestration.instance import open_instance
    from import_pipeline.orchestration.records import report_undo

    with open_instance(home.settings) as instance:
        report_undo(instance, home, undo_id)
