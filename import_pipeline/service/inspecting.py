"""Inspecting the file of an import: how it is read, its first lines, its columns with what each may be, what to ask.

The whole file is read into a workspace that is thrown away; nothing is stored, and the import stays as it is. What is
asked about it is `file_questions.py`'s affair, which values its columns hold `choice_values.py`'s.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from import_pipeline import record_types
from import_pipeline.errors import PayloadError, UploadMissingError
from import_pipeline.intake.bucket import StoredObject
from import_pipeline.run_config.declared import record_type_of
from import_pipeline.run_config.directions import known_fields
from import_pipeline.run_config.spec import ImportSpec, ReadOptions
from import_pipeline.run_config.suggestions import ColumnValues, Suggestion, suggest
from import_pipeline.run_config.suggestions.alternatives import alternatives
from import_pipeline.service import file_questions
from import_pipeline.service.column_formats import writings_of
from import_pipeline.service.incoming import incoming_path, remove_incoming
from import_pipeline.service.previewing import scratch_workspace
from import_pipeline.stores import imports, mappings
from import_pipeline.words import Action

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.intake.reading import Reading
    from import_pipeline.intake.table import Table
    from import_pipeline.phases.work import Work
    from import_pipeline.record_types.record_type import RecordType
    from import_pipeline.stores.import_record import ImportRecord

_MOST_LINES = 30
_MOST_CELLS = 20_000
"""In all the lines that are shown: a wide table shows fewer of them."""


@dataclass(frozen=True)
class ReadFile:
    """The file of an import, read into a workspace that is thrown away.

    Attributes:
        work: At work on it: its tables, and what is asked of it.
        reading: How it was read.
        table: How it was opened.
    """

    work: "Work"
    reading: "Reading"
    table: "Table"


@contextmanager
def read_file(home: "Home", record: "ImportRecord", spec: ImportSpec) -> Iterator[ReadFile]:
    """Read the file of an import as phase 1 does, as far as its tables go.

    Args:
        home: The home.
        record: The import.
        spec: What is asked of it; `reading` is how the file is read.

    Raises:
        UploadMissingError: It has none yet.
        PayloadError: It cannot be read in that way.
    """
    from import_pipeline.intake.payload import open_table, payload_at, read_table
    from import_pipeline.phases.errors_file import take_back
    from import_pipeline.phases.work import Work

    if record.object_key is None or record.object_version is None:
        raise UploadMissingError(record.id)
    path = incoming_path(home)
    try:
        obj = StoredObject(record.object_key, record.size_bytes or 0, 0.0, record.object_version)
        home.bucket.download(obj, path, home.settings.max_file_bytes)
        with scratch_workspace(home, path) as connection:
            table = open_table(payload_at(path), spec.reading, home.settings)
            reading = read_table(connection, table, spec.reading, home.settings)
            work = Work(connection, "inspection", spec, record_type_of(spec), home.settings)
            yield ReadFile(work, take_back(work, reading), table)
    finally:
        remove_incoming(path)


def inspect(
    home: "Home", import_id: str, options: ReadOptions | None = None, record_type: str | None = None
) -> dict[str, Any]:
    """Look at the file of an import.

    Args:
        home: The home.
        import_id: The import.
        options: How the file is read, in place of what the import says.
        record_type: What its rows are, in place of what the import says.

    Returns:
        What `api/inspection_models.Inspection` describes.

    Raises:
        UploadMissingError: It has no file yet.
        PayloadError: The file cannot be read in that way.
        UnknownRecordTypeError: There is no such record type.
    """
    record = imports.get(home.registry, import_id)
    spec = asked(record, options, record_type)
    about = {"file_name": record.file_name, "size_bytes": record.size_bytes}
    try:
        with read_file(home, record, spec) as file:
            return about | _found(home, file)
    except PayloadError as error:
        if "members" not in error.culprits:
            raise
        return about | _NOTHING | file_questions.of_members(error.culprits["members"])


def asked(record: "ImportRecord", options: ReadOptions | None, record_type: str | None) -> ImportSpec:
    """What is asked of an import, with another reading or record type in place of its own.

    Raises:
        UnknownRecordTypeError: There is no such record type.
    """
    spec = ImportSpec.model_validate(record.spec)
    if options is not None:
        spec = spec.replaced(reading=options.model_dump())
    if record_type is not None and record_type != spec.record_type:
        record_types.get(record_type)
        spec = ImportSpec(record_type=record_type, organization=spec.organization, reading=spec.reading)
    return spec


_NOTHING: dict[str, Any] = {
    "format": "zip",
    "reading": {},
    "total_rows": 0,
    "sheets": [],
    "lines": [],
    "skipped_lines": [],
    "columns": [],
    "remembered_mapping": None,
    "defects": [],
    "record_type_guess": [],
}
"""What is known of an archive while nobody says which of its files is meant."""


def _found(home: "Home", file: ReadFile) -> dict[str, Any]:
    from import_pipeline.intake.column_values import column_values
    from import_pipeline.service.first_rows import columns_shown, lines_shown, skipped_lines

    work, reading, record_type = file.work, file.reading, file.work.record_type
    spec, values = work.spec, column_values(work.connection)
    deleting = spec.action is Action.DELETE
    suggestions = suggest(reading.columns, record_type, values, deleting=deleting, translated=spec.value_mappings)
    suggested = {one.column: one.field for one in suggestions if one.field is not None}
    others = alternatives(reading.columns, record_type, values, suggested)
    own = {column: field for column, field in (spec.column_mapping or {}).items() if column in reading.columns}
    column_formats = writings_of(work, own or suggested)
    columns = [
        shown | _suggestion(one) | {"alternatives": [_scored(*other) for other in others.get(one.column, ())]}
        for shown, one in zip(columns_shown(work.connection), suggestions, strict=True)
    ]
    most = max(3, min(_MOST_LINES, _MOST_CELLS // max(1, len(reading.columns))))
    return {
        "format": reading.format,
        "reading": _as_used(reading, spec.reading),
        "total_rows": reading.total_rows,
        "sheets": [_sheet(one) for one in reading.sheets],
        "members": list(reading.members),
        "lines": lines_shown(work.connection, file.table, reading, most),
        "skipped_lines": skipped_lines(work.connection),
        "columns": columns,
        "remembered_mapping": _remembered(home, spec, reading, record_type),
        "questions": file_questions.of_reading(reading, spec.reading, column_formats, record_type),
        "defects": work.dictionaries(
            """
            SELECT row_number, "column", field, phase, code, level, message, value
            FROM defects WHERE row_number IS NULL ORDER BY ALL
            """
        ),
        "record_type_guess": _guesses(reading, values),
    }


def _as_used(reading: "Reading", said: ReadOptions) -> dict[str, Any]:
    """How the file was read, in the words by which it is said; with how sure that is."""
    has_header = bool(reading.header_row)
    return said.model_dump(mode="json") | {
        "encoding": reading.encoding or None,
        "delimiter": reading.delimiter or None,
        "quote": reading.quote if reading.delimiter else None,
        "escape": reading.escape or None,
        "header_row": reading.skipped_lines + 1 if has_header else 0,
        "skip_rows": 0 if has_header else reading.skipped_lines,
        "sheet": next((sheet["name"] for sheet in reading.sheets if sheet["chosen"]), None),
        "member": reading.member or None,
        "table": reading.table,
        "confidence": reading.confidence,
        "runner_up": reading.runner_up,
        "notes": list(reading.notes),
    }


def _sheet(sheet: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: sheet[name] for name in ("name", "rows", "columns", "may_be_meant")}
    return kept | {"is_used": sheet["chosen"], "is_hidden": sheet["hidden"]}


def _suggestion(one: Suggestion) -> dict[str, Any]:
    is_sure = one.how in ("exact", "synonym")
    return {"suggestion": {"field": one.field, "score": one.score / 100, "is_sure": is_sure, "why": one.why or None}}


def _scored(field: str, score: float) -> dict[str, Any]:
    return {"field": field, "score": score}


def _remembered(home: "Home", spec: ImportSpec, reading: "Reading", record_type: "RecordType") -> dict[str, str] | None:
    """Field → column as a person confirmed it for the same header row, if its fields still exist."""
    found = mappings.find(home.registry, spec.organization, spec.record_type, reading.columns)
    if found is None or not set(found.column_mapping.values()) <= set(known_fields(record_type)):
        return None
    return {field: column for column, field in found.column_mapping.items()}


def _guesses(reading: "Reading", values: Mapping[str, ColumnValues]) -> list[dict[str, Any]]:
    """What the rows may be, by how well the columns go with the fields of each record type; the likeliest first."""
    scores: dict[str, float] = {}
    for name in record_types.names():
        record_type = record_types.get(name)
        found = suggest(reading.columns, record_type, values)
        known = sum(one.score for one in found if one.field is not None)
        scores[name] = known / (100 * max(1, len(reading.columns)))
    ranked = sorted(scores.items(), key=lambda one: -one[1])
    return [{"resource": name, "score": round(score, 2)} for name, score in ranked]
