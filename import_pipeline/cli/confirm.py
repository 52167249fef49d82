"""`confirm`: an import that waits for a person goes on."""

import typer

from import_pipeline.cli import cli_values, options
from import_pipeline.cli.home import open_home
from import_pipeline.cli.refusals import MISUSE
from import_pipeline.cli.running import reason_of, run_and_tell, tell_suggestions
from import_pipeline.errors import MisuseError
from import_pipeline.words import Status

_SAYS_THE_MAPPING = {"column_mapping", "auto_map", "keep_unmapped"}


def confirm(
    import_id: options.ImportId,
    mapping: options.Mapping = None,
    mapping_direction: options.MappingDirection = None,
    auto_map: options.AutoMap = False,
    keep_unmapped: options.KeepUnmapped = False,
    confirm_deletions: options.ConfirmDeletions = False,
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    quote: options.Quote = None,
    escape: options.Escape = None,
    header_row: options.HeaderRow = None,
    skip_rows: options.SkipRows = None,
    decimal: options.Decimal = None,
    date_format: options.DateFormat = None,
    sheet: options.Sheet = None,
    member: options.Member = None,
    table: options.Table = None,
    assignments: options.Assignments = None,
    as_json: options.AsJson = False,
) -> None:
    """Go on with an import that waits for a person (needs_review).

    One that waits for a mapping needs --mapping, or --auto-map to take the suggestions; --keep-unmapped keeps columns
    that go to no field. One whose dates or numbers can be read in two ways needs --date-format or --decimal, one whose
    file holds several tables needs --table, one whose workbook has several sheets with tables needs --sheet. One that
    waits because of deletions or failed rows needs nothing more: to confirm it is to accept them.
    """
    from import_pipeline.service import confirming, queries
    from import_pipeline.service.transitions import KEEP_SECONDS

    home = open_home()
    found = queries.import_object(home, import_id)
    if found["status"] != Status.NEEDS_REVIEW:
        raise MisuseError(
            f"Import {import_id!r} is {found['status']}: only one that needs_review can be confirmed. "
            f"`import-pipeline show {import_id}` tells more."
        )
    changes = cli_values.merged(
        {
            "column_mapping": cli_values.read_object(mapping, "--mapping") if mapping else None,
            "mapping_direction": mapping_direction,
            "auto_map": auto_map or None,
            "keep_unmapped": keep_unmapped or None,
            "confirm_deletions": confirm_deletions or None,
            "reading": options.reading_of(
                encoding=encoding,
                delimiter=delimiter,
                quote=quote,
                escape=escape,
                header_row=header_row,
                skip_rows=skip_rows,
                decimal=decimal,
                date_format=date_format,
                sheet=sheet,
                member=member,
                table=table,
            ),
        },
        cli_values.read_settings_of_spec(assignments or ()),
    )
    changes = found["details"].get("accepting", {}) | changes
    if found["details"].get("suggestions") and not changes.keys() & _SAYS_THE_MAPPING:
        tell_suggestions(found)
        raise typer.Exit(MISUSE)
    if found["details"].get("column_formats") and "reading" not in changes:
        raise MisuseError(reason_of(found))
    if found["details"].get("tables") and "table" not in (changes.get("reading") or {}):
        raise MisuseError(reason_of(found))
    if found["details"].get("sheets") and "sheet" not in (changes.get("reading") or {}):
        raise MisuseError(reason_of(found))
    confirming.answer(home, import_id, changes, "The options", keep_seconds=KEEP_SECONDS)
    run_and_tell(home, import_id, as_json=as_json)
