"""`convert`: files of any format written once more as plain CSV. Nothing is imported, nothing stored."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from import_pipeline.cli import options, screen
from import_pipeline.cli.home import read_settings
from import_pipeline.cli.refusals import NOT_COMPLETED

if TYPE_CHECKING:
    from import_pipeline.intake.convert import ConvertResult


def convert(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="The files to convert.")],
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

    Each file that is written is named with its rows. One that cannot be read is named on standard error and left out;
    the exit status is then 1.
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
    for result in results:
        if result.reason:
            screen.complain(f"{result.source}: {result.reason}")
        else:
            screen.say_line(f"{result.source} → {result.target}: {_counts(result)}")
    if any(result.reason for result in results):
        raise typer.Exit(NOT_COMPLETED)


def _counts(result: "ConvertResult") -> str:
    odd = "" if not result.defects else f", {result.defects:,} of them with a defect in how the file is written"
    return screen.counted(result.rows, "row") + odd
