"""`run`: from a file to records."""

import time
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from import_pipeline.cli import cli_values, options, screen
from import_pipeline.cli.home import open_home
from import_pipeline.cli.running import run_and_tell
from import_pipeline.errors import ImportPipelineError
from import_pipeline.words import (
    Action,
    DuplicateHandling,
    DuplicateStrategy,
    InvalidData,
    OnBadOptional,
    OnPossibleDuplicate,
    OnReferenced,
    Source,
    Status,
)

if TYPE_CHECKING:
    from import_pipeline.run_config.spec import ImportSpec

_WHAT = "What the import does"
_VALUES_EXAMPLE = '{"status": {"VIP": "customer"}}'


def run(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to import.")],
    record_type: Annotated[
        str,
        typer.Option(
            "--record-type", metavar="TYPE", help=f"What the rows are: {options.KNOWN_TYPES}.", show_default=False
        ),
    ],
    organization: options.Organization = None,
    mapping: options.Mapping = None,
    mapping_direction: options.MappingDirection = None,
    auto_map: options.AutoMap = False,
    value_mappings: Annotated[
        str | None,
        typer.Option(metavar="JSON|FILE", help=f"Field to value to constant, for example '{_VALUES_EXAMPLE}'."),
    ] = None,
    keep_unmapped: options.KeepUnmapped = False,
    action: Annotated[
        Action | None,
        typer.Option(
            help="What the file means. merge, by default: create and update; overwrite: also delete what is not in it."
        ),
    ] = None,
    duplicate_strategy: Annotated[
        DuplicateStrategy | None, typer.Option(help="Where a row meets a stored record; merge by default.")
    ] = None,
    duplicate_handling: Annotated[
        DuplicateHandling | None, typer.Option(help="Where rows of the file repeat each other; ignore_all by default.")
    ] = None,
    match_by: options.MatchBy = None,
    on_possible_duplicate: Annotated[
        OnPossibleDuplicate | None,
        typer.Option(help="Where a row may repeat a stored record that says otherwise; create by default."),
    ] = None,
    on_referenced: Annotated[
        OnReferenced | None, typer.Option(help="Where others refer to a record that is to be deleted; keep by default.")
    ] = None,
    clear_token: Annotated[
        str | None, typer.Option(metavar="TEXT", help="A cell that says just this empties its field in the record.")
    ] = None,
    invalid_data: Annotated[
        InvalidData | None, typer.Option(help="Where a cell is wrong; remove_rows by default.")
    ] = None,
    tag_delimiter: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What stands between two tags of a cell.")
    ] = None,
    on_bad_optional: Annotated[
        OnBadOptional | None,
        typer.Option(help="Where a cell is wrong that its row can do without; empty by default."),
    ] = None,
    empty_words: Annotated[
        str | None, typer.Option(metavar="LIST", help="Words that mean that a cell is empty, in place of the usual.")
    ] = None,
    tags: Annotated[str | None, typer.Option(metavar="LIST", help="Tags for every row, with commas.")] = None,
    groups: Annotated[str | None, typer.Option(metavar="LIST", help="Groups for every row, with commas.")] = None,
    create_missing: Annotated[
        str | None,
        typer.Option(metavar="LIST", help="Record types that are created where missing; group,source by default."),
    ] = None,
    confirm_deletions: options.ConfirmDeletions = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, write nothing.")] = False,
    name: Annotated[str | None, typer.Option(metavar="TEXT", help="A name of the import, for people.")] = None,
    import_id: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="An id of your own for the import.")
    ] = None,
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
    """Import a file, and tell what became of its rows.

    The mapping of columns to fields is found from the headers; where it is not certain, the import waits and
    `confirm` goes on with it.
    """
    from import_pipeline.run_config.plain import spec_from_options
    from import_pipeline.service import creating

    reading = options.reading_of(
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
    )
    spec = spec_from_options(
        **cli_values.merged(
            {
                "record_type": record_type,
                "organization": organization,
                "mapping": cli_values.read_object(mapping, "--mapping") if mapping else None,
                "mapping_direction": mapping_direction,
                "auto_map": auto_map or None,
                "value_mappings": _value_mappings(value_mappings),
                "keep_unmapped": keep_unmapped or None,
                "action": action,
                "duplicate_strategy": duplicate_strategy,
                "duplicate_handling": duplicate_handling,
                "match_by": match_by,
                "on_possible_duplicate": on_possible_duplicate,
                "on_referenced": on_referenced,
                "clear_token": clear_token,
                "invalid_data": invalid_data,
                "on_bad_optional": on_bad_optional,
                "empty_words": empty_words,
                "tag_delimiter": tag_delimiter,
                "tags": tags,
                "groups": groups,
                "create_missing": create_missing,
                "confirm_deletions": confirm_deletions or None,
                "dry_run": dry_run or None,
                "name": name,
                "reading": reading,
            },
            cli_values.read_settings_of_spec(assignments or ()),
        )
    )
    home = open_home()
    try:
        record = creating.create_from_file(home, file, spec, Source.TERMINAL, import_id=import_id)
    except ImportPipelineError as error:
        if as_json:
            screen.print_json(_refused(file, spec, error))
        raise
    run_and_tell(home, record.id, as_json=as_json)


def _value_mappings(text: str | None) -> dict[str, Any] | None:
    return cli_values.read_object(text, "--value-mappings", _VALUES_EXAMPLE) if text else None


def _refused(file: Path, spec: "ImportSpec", error: ImportPipelineError) -> dict[str, Any]:
    """The import object of a file that was refused before there was an import: it has no id and is in no list."""
    from import_pipeline.service.showing import import_object
    from import_pipeline.stores.import_record import ImportRecord

    now = int(time.time())
    nothing: dict[str, Any] = dict.fromkeys(field.name for field in fields(ImportRecord))
    counts: dict[str, Any] = dict.fromkeys((name for name in nothing if name.endswith("_count")), 0)
    known: dict[str, Any] = {
        "organization": spec.organization,
        "record_type": spec.record_type,
        "name": spec.name,
        "status": Status.FAILED,
        "reason": error.message,
        "details": {},
        "spec": spec.model_dump(mode="json"),
        "source": Source.TERMINAL,
        "upload_mode": spec.upload_mode,
        "file_name": file.name,
        "processed_rows": 0,
        "has_upload_file": False,
        "has_errors_file": False,
        "created_at": now,
        "updated_at": now,
        "phases": (),
    }
    return import_object(ImportRecord(**nothing | counts | known))
