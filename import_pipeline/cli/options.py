"""The options that several commands share, each with its words for --help."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from import_pipeline import record_types

if TYPE_CHECKING:
    from import_pipeline.run_config.spec import ReadOptions

_READING = "How the file is read"
KNOWN_TYPES = ", ".join(record_types.names())

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output, and nothing else.")]
ImportId = Annotated[str, typer.Argument(metavar="ID", help="The import; `list` shows them.")]
Organization = Annotated[str | None, typer.Option(help="Whose records they are; the default organization if left out.")]
RecordTypeOption = Annotated[str | None, typer.Option("--record-type", help=f"What the rows are: {KNOWN_TYPES}.")]
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
    typer.Option(metavar="WAY", help="column_to_field or field_to_column, where a mapping can be read both ways."),
]
AutoMap = Annotated[bool, typer.Option("--auto-map", help="Use suggested mappings even where they are only similar.")]
MatchBy = Annotated[
    str | None, typer.Option(metavar="LIST", help="Identifiers by which a record is found, with commas.")
]
ConfirmDeletions = Annotated[
    bool, typer.Option("--confirm-deletions", help="Allow deletions for which a person would be asked.")
]
Assignments = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Any other part of the import spec; may be given several times."),
]

Encoding = Annotated[
    str | None, typer.Option(help="Encoding, for example utf-8 or windows-1252.", rich_help_panel=_READING)
]
Delimiter = Annotated[
    str | None, typer.Option(help=r"What stands between cells; \t is a tab.", rich_help_panel=_READING)
]
Quote = Annotated[str | None, typer.Option(help="What cells are quoted with.", rich_help_panel=_READING)]
Escape = Annotated[str | None, typer.Option(help="What stands before a quote in a cell.", rich_help_panel=_READING)]
HeaderRow = Annotated[
    int | None, typer.Option(min=0, help="Line of the header, from 1; 0: there is none.", rich_help_panel=_READING)
]
SkipRows = Annotated[int | None, typer.Option(min=0, help="Lines to pass over at the top.", rich_help_panel=_READING)]
Decimal = Annotated[str | None, typer.Option(help="Decimal mark: . or ,", rich_help_panel=_READING)]
DateFormat = Annotated[
    str | None, typer.Option(help="Format of dates, for example %d/%m/%Y.", rich_help_panel=_READING)
]
Sheet = Annotated[str | None, typer.Option(help="Sheet of a workbook.", rich_help_panel=_READING)]
Table = Annotated[
    int | None, typer.Option(min=1, help="Which table of a file with several, from 1.", rich_help_panel=_READING)
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
