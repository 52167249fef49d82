"""The options that several commands share, each with its words for --help."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from import_pipeline import record_types

if TYPE_CHECKING:
    from import_pipeline.run_config.spec import ReadOptions

LOOPBACK = "127.0.0.1"
KNOWN_TYPES = ", ".join(record_types.names())

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output, and nothing else.")]
ImportId = Annotated[str, typer.Argument(metavar="ID", help="Id of the import, as `list` shows it.")]
Organization = Annotated[
    str | None, typer.Option(metavar="NAME", help="Whose records they are; the organization `default` if left out.")
]
RecordTypeOption = Annotated[
    str | None, typer.Option("--record-type", metavar="TYPE", help=f"What the rows are: {KNOWN_TYPES}.")
]
Host = Annotated[str, typer.Option(metavar="ADDRESS", help="Where it listens; on this machine alone by default.")]
Limit = Annotated[int, typer.Option(min=1, metavar="N", help="How many are shown.")]
After = Annotated[int, typer.Option(min=0, metavar="N", help="How many are passed over first.", show_default=False)]
CsvFile = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write all of them to this CSV file.")]

Mapping = Annotated[
    str | None,
    typer.Option(
        metavar="JSON|FILE",
        help='Column to field, for example \'{"E-mail": "email"}\' (or field to column), as JSON or a file with it.',
    ),
]
MappingDirection = Annotated[
    str | None,
    typer.Option(
        metavar="DIRECTION", help="column_to_field or field_to_column, where a mapping can be read both ways."
    ),
]
AutoMap = Annotated[bool, typer.Option("--auto-map", help="Use suggested mappings even where they are only similar.")]
KeepUnmapped = Annotated[bool, typer.Option("--keep-unmapped", help="Keep other columns in the field `extra`.")]
MatchBy = Annotated[
    str | None, typer.Option(metavar="LIST", help="Identifiers by which a record is found, with commas.")
]
ConfirmDeletions = Annotated[
    bool, typer.Option("--confirm-deletions", help="Allow deletions for which a person would be asked.")
]
Assignments = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Any key of the import's spec, as `import-pipeline spec` lists them; may be given several times.",
    ),
]

Encoding = Annotated[
    str | None, typer.Option(metavar="NAME", help="Encoding of the file, for example utf-8 or windows-1252.")
]
Delimiter = Annotated[str | None, typer.Option(metavar="TEXT", help=r"What stands between cells; \t is a tab.")]
Quote = Annotated[str | None, typer.Option(metavar="CHAR", help="What cells are quoted with.")]
Escape = Annotated[str | None, typer.Option(metavar="CHAR", help="What stands before a quote in a cell.")]
HeaderRow = Annotated[
    int | None, typer.Option(min=0, metavar="N", help="Line of the header, from 1; 0 where there is none.")
]
SkipRows = Annotated[int | None, typer.Option(min=0, metavar="N", help="Lines to pass over at the top.")]
Decimal = Annotated[str | None, typer.Option(metavar="CHAR", help="Decimal mark of numbers: . or ,")]
DateFormat = Annotated[str | None, typer.Option(metavar="FORMAT", help="Format of dates, for example %d/%m/%Y.")]
Sheet = Annotated[
    str | None, typer.Option(metavar="NAME", help="Sheet of a workbook; the one with the table by default.")
]
Member = Annotated[str | None, typer.Option(metavar="NAME", help="Which file of an archive that holds several.")]
Table = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Which table of a file that holds several, from 1.")
]


def reading_of(**given: Any) -> dict[str, Any] | None:
    """The options about reading that were given, for the spec's `reading`; None if there were none."""
    found = {key: value for key, value in given.items() if value is not None}
    if "delimiter" in found:
        found["delimiter"] = found["delimiter"].replace("\\t", "\t")
    return found or None


def read_options(**given: Any) -> "ReadOptions":
    """The same as `ReadOptions`.

    Raises:
        SpecError: One of them has an unusable value.
    """
    from import_pipeline.checked import checked
    from import_pipeline.run_config.spec import ReadOptions

    return checked(ReadOptions, reading_of(**given) or {}, "The options")


def checked_organization(given: str | None) -> str:
    """The organization whose records are meant.

    Raises:
        InvalidNameError: No organization can be called that.
    """
    import re

    from import_pipeline.errors import InvalidNameError
    from import_pipeline.words import DEFAULT_ORGANIZATION, ORGANIZATION_PATTERN

    name = given if given is not None else DEFAULT_ORGANIZATION
    if not re.fullmatch(ORGANIZATION_PATTERN, name):
        raise InvalidNameError("organization", name, ORGANIZATION_PATTERN)
    return name
