"""`convert`: files of any format written once more as plain CSV. Nothing is imported, nothing stored."""

from pathlib import Path
from typing import Annotated

import typer

from import_pipeline.cli import options, screen
from import_pipeline.cli.home import read_settings


def convert(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="The files to convert.")],
    out_dir: Annotated[Path, typer.Option("--out-dir", metavar="DIR", help="Folder of the results.")],
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    quote: options.Quote = None,
    escape: options.Escape = None,
    header_row: options.HeaderRow = None,
    skip_rows: options.SkipRows = None,
    sheet: options.Sheet = None,
    member: options.Member = None,
    table: options.Table = None,
) -> None:
    """Write files as UTF-8 CSV with commas, under their own names, every cell's text untouched.

    A file that cannot be read is named on standard error and left out; the exit status is then 1.
    """
    from import_pipeline.intake.convert import convert as convert_files

    reading = options.read_options(
        encoding=encoding,
        delimiter=delimiter,
        quote=quote,
        escape=escape,
        header_row=header_row,
        skip_rows=skip_rows,
        sheet=sheet,
        member=member,
        table=table,
    )
    results = convert_files(files, out_dir, reading, read_settings())
    refused = [result for result in results if result.reason]
    for result in refused:
        screen.complain(f"{result.source}: {result.reason}")
    if refused:
        raise typer.Exit(1)
