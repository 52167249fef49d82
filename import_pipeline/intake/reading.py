"""What reading a payload found: `Reading` and `Preview`, and the structural defects on the way to their table.

Only values belong here; how they are found stands in the modules beside this one.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from import_pipeline.errors import PayloadError
from import_pipeline.intake.several_tables import FoundTable
from import_pipeline.intake.structural_defects import KINDS, NO_ROW_CODES
from import_pipeline.run_config.suggestions import ColumnValues
from import_pipeline.words import DefectLevel

MOST_DEFECTS = 1_000_000
_SHOWN_TEXT = 1000


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
        lines_not_rows: How many of these rows are lines that are no rows of the table, by reason.
        tables: The tables of the file, if it has several different ones.
        table: Which of them was read.
        sheets: The sheets of a workbook in their order: name, rows, columns, hidden, chosen (whether it was read) and
            may_be_meant (whether it holds a table as well as others do).
        member: Which file of a zip archive was read; empty if the file is none.
        members: The files of the archive, as far as they are told.
        column_formats: How the columns of dates and numbers are written, as their fields' types have it decided.
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
    lines_not_rows: dict[str, int] = field(default_factory=dict)
    tables: tuple[FoundTable, ...] = ()
    table: int = 1
    sheets: tuple[dict[str, Any], ...] = ()
    member: str = ""
    members: tuple[str, ...] = ()
    column_formats: tuple[dict[str, Any], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The reading as JSON-able values."""
        lists: dict[str, Any] = {"columns": list(self.columns), "members": list(self.members)}
        lists |= {"notes": list(self.notes), "column_formats": list(self.column_formats)}
        lists["sheets"] = [dict(sheet) for sheet in self.sheets]
        return asdict(self) | lists | {"tables": [table.as_dict() for table in self.tables]}


@dataclass(frozen=True)
class Preview:
    """The first rows of a payload, with how it is read and what its columns seem to hold.

    Attributes:
        values: Column → what it holds, in more of the first rows than are shown.
    """

    reading: Reading
    sample_rows: list[list[str | None]]
    column_types: list[str]
    values: dict[str, ColumnValues]


@dataclass(frozen=True)
class StructuralDefect:
    """A defect of the file's structure, of a kind in `structural_defects`; `row_number` None means the whole file."""

    row_number: int | None
    code: str
    message: str
    value: str | None = None
    level: DefectLevel = DefectLevel.ERROR
    column: str | None = None

    def __post_init__(self) -> None:
        """Refuse a code that nobody could look up."""
        if self.code not in KINDS:
            raise ValueError(f"No kind of structural defect is called {self.code!r}. Add it to structural_defects.py.")


@dataclass(frozen=True)
class RowsRead:
    """A small payload that was read into memory.

    Attributes:
        reading: How it was read.
        rows: The cells of each row, as many as there are columns; an empty text where a cell is empty.
        defects: What is wrong with rows, or with the file as a whole.
    """

    reading: Reading
    rows: list[list[str]]
    defects: tuple[StructuralDefect, ...] = ()


@dataclass
class Findings:
    """Defects and notes gathered while a payload is read, and the tables met on the way.

    Attributes:
        no_rows: Row number → why that line is no row.
    """

    defects: list[StructuralDefect] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    no_rows: dict[int, str] = field(default_factory=dict)
    tables: list[FoundTable] = field(default_factory=list)

    def add(self, defect: StructuralDefect) -> None:
        """Keep a defect.

        Raises:
            PayloadError: There are so many that the file is surely read in the wrong way.
        """
        self._add_at(len(self.defects), defect)

    def _add_at(self, place: int, defect: StructuralDefect) -> None:
        if len(self.defects) >= MOST_DEFECTS:
            raise PayloadError(
                f"More than {MOST_DEFECTS} rows of the file don't fit its table. "
                "Say by hand how it is written: delimiter, quote, header_row."
            )
        self.defects.insert(place, defect)

    def add_no_row(self, row_number: int, reason: str, text: str) -> None:
        """Say that a line is no row of the table; what was found wrong with it as a row is forgotten."""
        self.no_rows[row_number] = reason
        if reason not in NO_ROW_CODES:
            return  # a line without text says for itself that it is none
        place = len(self.defects)
        while place and (self.defects[place - 1].row_number or row_number) >= row_number:
            place -= 1
            if self.defects[place].row_number == row_number:
                del self.defects[place]
        level = DefectLevel.WARNING if reason == "further_table" else DefectLevel.INFO
        self._add_at(place, StructuralDefect(row_number, reason, KINDS[reason].text, text[:_SHOWN_TEXT], level))

    def take(self, other: "Findings") -> None:
        """Keep what was found elsewhere, behind what was found here."""
        self.defects += other.defects
        self.no_rows |= other.no_rows
        for text in other.notes:
            self.note(text)

    def count_no_rows(self) -> dict[str, int]:
        """How many lines are no rows, by reason."""
        return {reason: count for reason in NO_ROW_CODES if (count := list(self.no_rows.values()).count(reason))}

    def tell(self, code: str, message: str, value: str | None = None) -> None:
        """Tell of the file as a whole, as a note and as a defect."""
        self.note(message)
        self.add(StructuralDefect(None, code, message, value, DefectLevel.WARNING))

    def note(self, text: str) -> None:
        """Keep a note, once."""
        if text not in self.notes:
            self.notes.append(text)
