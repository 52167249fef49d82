"""What reading a payload found: `Reading` and `Preview`, and the structural defects on the way to their table.

Only values belong here; how they are found stands in the modules beside this one.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from import_pipeline.errors import PayloadError
from import_pipeline.words import DefectLevel

MOST_DEFECTS = 1_000_000


@dataclass(frozen=True)
class Reading:
    """How a payload was read, and how much of it.

    Attributes:
        format: Name of the format, for example `csv`.
        encoding: Name of the encoding of the text; empty where the format is not text.
        delimiter: What stands between two cells.
        quote: What cells are quoted with; empty if nothing is.
        escape: What stands before a quote inside a quoted cell; the quote itself where quotes are doubled.
        header_row: Line of the header among the lines kept, from 1; 0 if the file has none.
        skipped_lines: Lines passed over at the top.
        confidence: How sure the detection is, 0 to 1.
        runner_up: The next best way to read the file, in words; None if nothing else comes into question.
        columns: The names of the columns, made unique.
        total_rows: Data rows read, bad ones included.
        notes: What a person should know about the file.
        writings: How the columns of dates and numbers are written, as their fields' types have it decided.
    """

    format: str
    encoding: str = ""
    delimiter: str = ""
    quote: str = ""
    escape: str = ""
    header_row: int = 1
    skipped_lines: int = 0
    confidence: float = 1.0
    runner_up: str | None = None
    columns: tuple[str, ...] = ()
    total_rows: int = 0
    notes: tuple[str, ...] = ()
    writings: tuple[dict[str, Any], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The reading as JSON-able values."""
        lists = {"columns": list(self.columns), "notes": list(self.notes), "writings": list(self.writings)}
        return asdict(self) | lists


@dataclass(frozen=True)
class Preview:
    """The first rows of a payload, with how it is read and what its columns seem to hold."""

    reading: Reading
    sample_rows: list[list[str | None]]
    column_types: list[str]


@dataclass(frozen=True)
class StructuralDefect:
    """A defect of the file's structure; `row_number` None means the whole file."""

    row_number: int | None
    code: str
    message: str
    value: str | None = None
    level: DefectLevel = DefectLevel.ERROR
    column: str | None = None


@dataclass
class Findings:
    """Defects and notes gathered while a payload is read."""

    defects: list[StructuralDefect] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, defect: StructuralDefect) -> None:
        """Keep a defect.

        Raises:
            PayloadError: There are so many that the file is surely read in the wrong way.
        """
        if len(self.defects) >= MOST_DEFECTS:
            raise PayloadError(
                f"More than {MOST_DEFECTS} rows of the file don't fit its table. "
                "Say by hand how it is written: delimiter, quote, header_row."
            )
        self.defects.append(defect)

    def note(self, text: str) -> None:
        """Keep a note, once."""
        if text not in self.notes:
            self.notes.append(text)
