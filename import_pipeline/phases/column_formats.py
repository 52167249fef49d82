"""How whole columns are written: day or month first, decimal point or comma, marks for yes beside empty cells.

A column is decided by all of its cells, read in both ways of its field's type. Where nothing in them says which is
meant, and it matters, a person is asked; a single cell never decides for itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from import_pipeline.errors import MappingError, ReviewNeededError
from import_pipeline.nearest import did_you_mean, listed
from import_pipeline.phases.cells import Cells
from import_pipeline.phases.column_evidence import Evidence, are_read, evidence_of_each, only_marks
from import_pipeline.phases.work import Work
from import_pipeline.record_types.field_types import Convention, FieldType
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.words import ID_FIELD

EMPTY_IS_NO = "empty_is_no"
_OPTIONS = {"date_order": ("date_format", "date_orders"), "decimal": ("decimal", "decimals")}
_WAYS = {"date_order": ("the day first", "the month first"), "decimal": ("a decimal point", "a decimal comma")}
_SHOWN_VALUE = 40


@dataclass(frozen=True)
class ColumnFormat:
    """How the cells of one column are written.

    Attributes:
        column: The column; the field where only a hook filled it.
        field: Its field.
        setting: What was decided: `date_order`, `decimal` or `empty_is_no`.
        value: What it is; None if a person has to say it.
        format: The same as a person would say it, such as a format of dates.
        by: Who says so: `spec` or `column`.
        readings: What a person can choose from, in the words of the spec, where `value` is None.
        example: A cell that can be read in both ways, or one that only the chosen way reads.
        proofs: Where `value` is None, a cell that only the first way reads, and one that only the second does.
    """

    column: str
    field: str
    setting: str
    value: str | None
    format: str
    by: str
    readings: tuple[str, ...] = ()
    example: str | None = None
    proofs: tuple[str | None, str | None] = (None, None)

    def as_dict(self) -> dict[str, Any]:
        """The format as JSON-able values."""
        told = {
            "column": self.column,
            "field": self.field,
            "setting": self.setting,
            "value": self.value,
            "format": self.format,
            "by": self.by,
        }
        return told if self.value is not None else told | {"readings": list(self.readings), "example": self.example}


def find_column_formats(work: Work, cells: Cells) -> tuple[ColumnFormat, ...]:
    """Look through the columns whose type can be written in two ways.

    Returns:
        A format for each column that has cells for which it matters; `value` is None where a person has to say it.
    """
    return find_column_formats_each(work, cells)[work.import_id]


def find_column_formats_each(work: Work, cells: Cells) -> dict[str, tuple[ColumnFormat, ...]]:
    """The same of each import of a batch, each by the cells of its own file."""
    fields = [field for field in cells.columns if field != ID_FIELD]
    found = [column_formats for field in fields if (column_formats := _column_format(work, cells, field))]
    return {one: tuple(formats[one] for formats in found if one in formats) for one in work.import_ids()}


def ask(column_formats: Sequence[ColumnFormat]) -> None:
    """Ask a person how the columns are written that say nothing about it themselves.

    Raises:
        ReviewNeededError: There are such columns; its `column_formats` name them with their readings.
    """
    open_ones = [column_format for column_format in column_formats if column_format.value is None]
    if open_ones:
        raise ReviewNeededError(
            " ".join(_question(column_format) for column_format in open_ones),
            column_formats=[one.as_dict() for one in open_ones],
        )


def written(cells: Cells, column_formats: Sequence[ColumnFormat]) -> Cells:
    """The cells, to be read in the ways that were found; those not decided in no way at all."""
    options = cells.options
    by_field = dict.fromkeys(cells.columns, options)
    for name in cells.columns:
        conventions = () if name == ID_FIELD else cells.work.record_type.field(name).type.conventions()
        if conventions and conventions[0].setting == "date_order" and not options.date_format:
            by_field[name] = options.written(conventions[0])
    for column_format in column_formats:
        if column_format.setting == EMPTY_IS_NO:
            by_field[column_format.field] = replace(options, empty_is_no=True)
        elif column_format.value is None:
            by_field[column_format.field] = options
        else:
            of_file = replace(options, date_format=None) if column_format.setting == "date_order" else options
            by_field[column_format.field] = replace(of_file, **{column_format.setting: column_format.value})
    return replace(cells, options_by_field=by_field)


def check_columns(reading: ReadOptions, columns: Sequence[str]) -> None:
    """Refuse what is said about columns that the file does not have.

    Raises:
        MappingError: There is no such column.
    """
    for said in (reading.date_orders, reading.decimals):
        unknown = [column for column in said if column not in columns]
        if unknown:
            raise MappingError(
                f"The file has no column {listed(unknown)}, of which the spec says how it is written. "
                f"{did_you_mean(unknown[0], columns)}",
                columns=list(columns),
            )


def in_one_line(column_formats: Sequence[Mapping[str, Any]]) -> str:
    """All formats for people: `Born: %d/%m/%Y; Paid: ,`."""
    return "; ".join(f"{one['column']}: {one['format'] or 'undecided'}" for one in column_formats)


def _column_format(work: Work, cells: Cells, field: str) -> dict[str, ColumnFormat]:
    """Import → how a column of its file is written, where that matters."""
    kind = work.record_type.field(field).type
    if kind.marks():
        return _of_marks(work, cells, field, kind)
    conventions = kind.conventions()
    if not conventions:
        return {}
    column = cells.columns[field].column or field
    setting = conventions[0].setting
    reading = work.spec.reading
    own = getattr(reading, _OPTIONS[setting][1]).get(column)
    if own is not None:
        chosen = next(convention for convention in conventions if convention.value == own)
        said_so = ColumnFormat(column, field, setting, chosen.value, str(chosen.value), "spec")
        return dict.fromkeys(work.import_ids(), said_so)
    said = getattr(reading, _OPTIONS[setting][0])
    read = are_read(work, cells, field, kind) if said is not None else set[str]()
    if read == set(work.import_ids()):
        return {}
    found: dict[str, ColumnFormat] = {}
    for import_id, evidence in evidence_of_each(work, cells, field, kind, conventions).items():
        decided = _decided(evidence, column, field, kind, conventions)
        if said is not None and decided is None:
            told = "ISO 8601" if setting == "date_order" else conventions[0].value
            decided = ColumnFormat(column, field, setting, conventions[0].value, told, "column")
        if decided is not None and import_id not in read:
            found[import_id] = decided
    return found


def _decided(
    evidence: Evidence, column: str, field: str, kind: FieldType, conventions: tuple[Convention, ...]
) -> ColumnFormat | None:
    convention = _convention(evidence, conventions)
    of_first, of_second, of_both = evidence.examples
    setting = conventions[0].setting
    if convention is not None:
        example = (of_first if convention is conventions[0] else of_second) or of_both or ""
        return ColumnFormat(
            column, field, setting, convention.value, kind.format_of(convention, example), "column", (), example
        )
    if not (evidence.only_first or evidence.only_second or evidence.open):
        return None
    # A way that some cells prove is said as these are written.
    written = (of_first or of_both or "", of_second or of_both or "")
    readings = tuple(kind.format_of(convention, text) for convention, text in zip(conventions, written, strict=True))
    example = f"{of_first}, {of_second}" if of_first and of_second else of_both
    return ColumnFormat(column, field, setting, None, "", "column", readings, example, (of_first, of_second))


def _convention(evidence: Evidence, conventions: tuple[Convention, ...]) -> Convention | None:
    """The one way in which all cells can be meant; None if there are two, or if it does not matter."""
    by_convention = evidence.conventional and not evidence.second_by_convention
    if evidence.only_second:
        return None if evidence.only_first or by_convention else conventions[1]
    if evidence.only_first or (by_convention and not evidence.open):
        return conventions[0]
    return None


def _of_marks(work: Work, cells: Cells, field: str, kind: FieldType) -> dict[str, ColumnFormat]:
    """Import → marks for yes, if the column holds nothing else."""
    column = cells.columns[field].column or field
    return {
        import_id: ColumnFormat(column, field, EMPTY_IS_NO, "true", f"{mark} is yes, empty is no", "column", (), mark)
        for import_id, mark in only_marks(work, cells, field, kind).items()
    }


def _question(column_format: ColumnFormat) -> str:
    option, by_column = _OPTIONS[column_format.setting]
    terminal = f"--{option.replace('_', '-')}"
    first, second = column_format.readings
    return (
        f"Column {column_format.column!r} ({column_format.field}) {_doubt(column_format)} Say it: "
        f"import-pipeline confirm ID {terminal} '{first}', or '{second}'. "
        f"In a spec it is reading.{option}, or reading.{by_column} for one column of several."
    )


def _doubt(column_format: ColumnFormat) -> str:
    """Why a person is asked: the cells contradict one another, or none of them says which way is meant."""
    first, second = _WAYS[column_format.setting]
    of_first, of_second = map(_shown, column_format.proofs)
    if of_first and of_second:
        return (
            f"is written in two ways: {of_first} has {first}, and {of_second} has {second}. Only one of them counts, "
            "and what it does not read is no value: correct the file where all cells are to be read."
        )
    example = _shown(column_format.example)
    if of_second:  # and what can be read in both ways is of a form that is usual for the first
        return f"has {second} in {of_second}, while dates such as {example} usually have {first}."
    return f"can be read in two ways, {first} or {second} ({example}), and its other cells don't say which is meant."


def _shown(text: str | None) -> str:
    text = text or ""
    return text if len(text) <= _SHOWN_VALUE else text[: _SHOWN_VALUE - 1] + "…"
