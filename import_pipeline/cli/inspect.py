"""`inspect`: what a file holds and how it would be read. Nothing is stored."""

import json
import shlex
from pathlib import Path
from typing import Annotated

import typer

from import_pipeline.cli import options, screen, tables
from import_pipeline.cli.home import open_home


def inspect(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to look at.")],
    record_type: options.RecordTypeOption = None,
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
    as_json: options.AsJson = False,
) -> None:
    """Look at a file before it is imported; nothing is stored.

    Shows encoding, delimiter, columns, types, samples and the mapping that would be suggested.
    """
    from import_pipeline.run_config.mapping import mapping_to_copy
    from import_pipeline.service import queries

    reading = options.read_options(
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
    found = queries.preview_file(open_home(), file, record_type, reading)
    if as_json:
        screen.print_json(found)
        return
    tables.print_reading(found)
    tables.print_columns(found)
    tables.print_column_formats(found)

    mapping = json.dumps(mapping_to_copy(found["suggested_mapping"], found["columns"]), ensure_ascii=False)
    fill_in = "" if found["suggested_mapping"] else ", with a field in place of FIELD for each column that counts"
    screen.say(f"\nTo import it{fill_in}:")
    screen.say_line(
        f"import-pipeline run {shlex.quote(str(file))} --record-type {found['record_type']} "
        f"--mapping {shlex.quote(mapping)}"
    )
