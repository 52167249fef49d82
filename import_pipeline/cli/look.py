"""`list`, `show` and `defects`: what there is to know about imports. Nothing here changes anything."""

from pathlib import Path
from typing import Annotated

import typer

from import_pipeline.cli import options, screen, tables
from import_pipeline.cli.csv_file import written_whole
from import_pipeline.cli.home import open_home
from import_pipeline.cli.running import suggestions_of, tell_choices, tell_defects, tell_suggestions, with_its_id
from import_pipeline.words import Status


def list_imports(
    organization: options.Organization = None,
    record_type: options.RecordTypeOption = None,
    status: Annotated[
        Status | None, typer.Option("--status", help="Only imports that stand there.", metavar="STATUS")
    ] = None,
    page: Annotated[int, typer.Option(min=1, help="Which page, from 1.")] = 1,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many imports on a page.")] = 25,
    as_json: options.AsJson = False,
) -> None:
    """List imports, the newest first."""
    from import_pipeline.service import imports
    from import_pipeline.service.showing import import_object

    found = imports.list_imports(
        open_home(),
        organization=organization,
        record_type=record_type,
        status=status,
        page=page,
        limit=limit,
    )
    items = [import_object(record) for record in found.items]
    if as_json:
        screen.print_json(
            {
                "object": "list",
                "data": items,
                "page": found.page,
                "limit": found.limit,
                "has_more": found.has_more,
                "total_count": found.total_count,
            }
        )
        return
    if not items:
        nothing = "No import yet" if not found.total_count else f"No import on page {page}"
        screen.say(f"{nothing}. `import-pipeline run FILE --record-type contact` makes one.")
        return
    tables.print_imports(items)
    if found.has_more or page > 1:
        screen.say(f"\nPage {page} of {-(-found.total_count // limit)}; {found.total_count:,} imports in all.")


def show(import_id: options.ImportId, as_json: options.AsJson = False) -> None:
    """Show one import: what was asked, and what became of its rows."""
    from import_pipeline.service import queries

    home = open_home()
    found = queries.import_object(home, import_id)
    if as_json:
        screen.print_json(found)
        return
    tables.print_facts(found)
    if found["reason"] and not suggestions_of(found):  # which say it better
        reason = with_its_id(found, found["reason"])
        tell = screen.say_line if "import-pipeline " in reason else screen.say  # a command stays whole, to be copied
        tell(f"\n{reason}")
    if found["total_rows"] is not None:
        tables.print_outcomes(found)
    tables.print_phases(found)
    if suggestions_of(found):
        screen.say("")
        tell_suggestions(found)
    else:
        tell_defects(home, found)
        tell_choices(found)


def defects(
    import_id: options.ImportId,
    csv: options.CsvFile = None,
    limit: options.Limit = 50,
    after: options.After = 0,
    as_json: options.AsJson = False,
) -> None:
    """Show what is wrong with the rows of an import."""
    from import_pipeline.service import queries

    home = open_home()
    if csv is not None:
        _write_csv(import_id, csv)
        return
    found = queries.defects(home, import_id, limit=limit + 1, after=after)
    shown, more = found[:limit], len(found) > limit
    if as_json:
        screen.print_json({"object": "list", "data": shown, "has_more": more})
        return
    if not shown:
        screen.say("No defects." if not after else "No more defects.")
        return
    tables.print_defects(shown)
    if more:
        screen.say(f"\nMore follow: --after {after + limit}, or all of them with --csv FILE.")


def _write_csv(import_id: str, csv: Path) -> None:
    from import_pipeline.service import queries

    home = open_home()
    with written_whole(csv) as path:
        count = queries.write_defects_csv(home, import_id, path)
    screen.say_line(f"{screen.counted(count, 'defect')} written to {csv}")
