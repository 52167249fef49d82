"""`download`: a file of an import, such as its failed rows with their reasons, made and written where a person says."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from import_pipeline.cli import options, screen
from import_pipeline.cli.csv_file import written_whole
from import_pipeline.cli.home import open_home


class File(StrEnum):
    """The files of an import, see `service.downloads`."""

    ERRORS_CSV = "errors.csv"
    ERRORS_JSON = "errors.json"
    RESULTS_CSV = "results.csv"
    RECORDS_JSON = "records.json"
    UPLOAD_CSV = "upload.csv"
    UPLOAD_JSON = "upload.json"


def download(
    import_id: options.ImportId,
    file: Annotated[
        File,
        typer.Argument(
            help="errors: the failed rows as they were, with reasons; results: what became of each row; "
            "records: those that the rows became, as they are now; upload: the file that was given.",
        ),
    ] = File.ERRORS_CSV,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="PATH", help="Where it is written; ID-FILE here by default.")
    ] = None,
) -> None:
    """Write a file of an import. Failed rows can be corrected in it, and given to `replay --rows`."""
    from import_pipeline.service.downloads import make_download

    target = to or Path(f"{import_id}-{file}")
    with written_whole(target) as path:
        make_download(open_home(), import_id, file, path)
    screen.say_line(f"{file} of {import_id} written to {target}")
