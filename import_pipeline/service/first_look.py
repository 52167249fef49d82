"""What a file holds before its import starts: keys of its headers, constants of its columns, sample records, coverage.

The file is read whole into a workspace that is thrown away, and its first rows are built as the real import builds
them; nothing is stored. Which answer shows it is the interface's affair (page 003).
"""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import MappingError, ReviewNeededError, UploadMissingError
from import_pipeline.intake.bucket import StoredObject
from import_pipeline.intake.tables import DATA_ROWS
from import_pipeline.nearest import listed
from import_pipeline.run_config.declared import record_type_of
from import_pipeline.run_config.mapping import resolve
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.run_config.value_mapping import check_value_mappings, constant_pairs
from import_pipeline.service.incoming import incoming_path, remove_incoming
from import_pipeline.service.previewing import scratch_reading
from import_pipeline.sql import quote
from import_pipeline.stores import imports
from import_pipeline.words import ID_FIELD

if TYPE_CHECKING:
    import duckdb

    from import_pipeline.home import Home
    from import_pipeline.intake import Reading
    from import_pipeline.record_types.record_type import RecordType

MOST_CONSTANTS = 100
SAMPLE_ROWS = 4
_SHOWN_VALUES = 10
_NEVER_CONSTANTS = re.compile(
    "address|birth|church|city|comment|country|date|domain|email|external|first|id$|last|mail|metro|mobile|name|note|"
    "phone|postal|province|referred|region|state|street|tags|url|website|zip"
)
"""Columns of such keys hold something else in each row, or nothing that could be mapped to a constant."""


def look_at(home: "Home", import_id: str, spec: ImportSpec, *, strict: bool) -> dict[str, Any]:
    """Look at the uploaded file of an import.

    Args:
        home: The home.
        import_id: The import.
        spec: What is asked, whether or not the import has it yet.
        strict: Whether the mappings must be complete: the import is about to start.

    Returns:
        file_headers (key → header), file_constants (key → its distinct values), sample (built records with what is
        wrong with them), problem (why there is no sample), total_rows.

    Raises:
        MappingError: The import is about to start, and a mapping names what is not there or leaves a value out.
        PayloadError: The file cannot be read.
    """
    record = imports.get(home.registry, import_id)
    if record.object_key is None or record.object_version is None:
        raise UploadMissingError(import_id)
    path = incoming_path(home)
    try:
        obj = StoredObject(record.object_key, record.size_bytes or 0, 0.0, record.object_version)
        home.bucket.download(obj, path, home.settings.max_file_bytes)
        with scratch_reading(home, path, spec.reading) as (connection, reading):
            places = dict(
                connection.execute("SELECT name, column_name FROM source_columns ORDER BY position").fetchall()
            )
            keys = header_keys(places)
            record_type = record_type_of(spec)
            if strict:
                _refuse_gaps(connection, spec, reading, record_type, places)
            found = {
                "file_headers": keys,
                "file_constants": _constants(connection, keys, places),
                "total_rows": reading.total_rows,
            }
            return found | _sample(home, connection, spec, reading, record_type)
    finally:
        remove_incoming(path)


def header_keys(headers: Iterable[str]) -> dict[str, str]:
    """Key → header: small letters and digits with underscores, as clients of page 003 expect them; each key once.

    >>> header_keys(["Spouse-fname", "E-Mail", "e mail", "??"])
    {'spouse_fname': 'Spouse-fname', 'e_mail': 'E-Mail', 'e_mail_2': 'e mail', 'column': '??'}
    """
    keys: dict[str, str] = {}
    for header in headers:
        plain = re.sub(r"[\W_]+", "_", header.lower()).strip("_") or "column"
        key, number = plain, 1
        while key in keys:
            number += 1
            key = f"{plain}_{number}"
        keys[key] = header
    return keys


def _constants(
    connection: "duckdb.DuckDBPyConnection", keys: Mapping[str, str], places: Mapping[str, str]
) -> dict[str, list[str]]:
    """The distinct values, over the whole file, of columns that have few and may be constants; '' is the empty cell."""
    constants = {}
    for key, header in keys.items():
        if _NEVER_CONSTANTS.search(key):
            continue
        values = connection.execute(
            f"""
            SELECT DISTINCT coalesce(trim({quote(places[header])}), '') AS value FROM {DATA_ROWS}
            LIMIT {MOST_CONSTANTS + 1}
            """
        ).fetchall()
        if len(values) <= MOST_CONSTANTS:
            constants[key] = sorted(value for (value,) in values)
    return constants


def _refuse_gaps(
    connection: "duckdb.DuckDBPyConnection",
    spec: ImportSpec,
    reading: "Reading",
    record_type: "RecordType",
    places: Mapping[str, str],
) -> None:
    """Refuse mappings of constants that leave a value of the file out, or name one that it does not have."""
    try:
        mapping = resolve(spec, reading.columns, record_type)
    except ReviewNeededError:
        return  # a person is asked for the mapping first
    check_value_mappings(spec.value_mappings, mapping, record_type)
    problems: list[str] = []
    for column, name in mapping.items():
        field = next((one for one in record_type.fields if one.name == name), None)
        if field is None or not field.choices:
            continue
        given = [value for value, _ in constant_pairs(spec.value_mappings, name)]
        cells = f"SELECT DISTINCT trim({quote(places[column])}) AS value FROM {DATA_ROWS}"
        known = {"given": given, "choices": list(field.type.known_words())}
        left_out = connection.execute(
            f"""
            SELECT value FROM ({cells})
            WHERE value <> '' AND NOT list_contains($given::VARCHAR[], value)
                AND NOT list_contains($choices::VARCHAR[], lower(value))
            ORDER BY value LIMIT {_SHOWN_VALUES}
            """,
            known,
        ).fetchall()
        if left_out:
            problems.append(
                f"Column {column!r} has the values {listed(value for (value,) in left_out)}, which are no constant of "
                f"{name!r} and are not mapped to one. Map each of them; an empty id leaves the field empty."
            )
        absent = connection.execute(
            f"""
            SELECT given FROM (SELECT unnest($given::VARCHAR[]) AS given)
            WHERE given <> '' AND given NOT IN (SELECT value FROM ({cells}) WHERE value IS NOT NULL)
            LIMIT {_SHOWN_VALUES}
            """,
            {"given": given},
        ).fetchall()
        if absent:
            values = listed(value for (value,) in absent)
            problems.append(f"Column {column!r} has no value {values}, which file_constants_mappings maps. Drop it.")
    if problems:
        raise MappingError(f"The constants cannot be mapped. {' '.join(problems)}", mapping=mapping)


def _sample(
    home: "Home",
    connection: "duckdb.DuckDBPyConnection",
    spec: ImportSpec,
    reading: "Reading",
    record_type: "RecordType",
) -> dict[str, Any]:
    """The first rows that are not blank, through phase 1 and the tags of phase 3, read as the whole columns say."""
    from import_pipeline.phases import p1_prevalidation as p1
    from import_pipeline.phases.cells import Cells
    from import_pipeline.phases.column_formats import ask, find_column_formats
    from import_pipeline.phases.p3_transforming import add_tags_and_groups
    from import_pipeline.phases.work import Work

    work = Work(connection, "sample", spec.replaced(auto_map=True), record_type, home.settings)
    try:
        p1.ask_for_table(spec, reading)
        work = p1.map_columns(work, reading)
        column_formats = find_column_formats(work, Cells.of(work))
        ask(column_formats)
    except (MappingError, ReviewNeededError) as error:
        return {"sample": [], "problem": error.message}
    columns = [name for (name,) in connection.execute("SELECT column_name FROM source_columns").fetchall()]
    some = " OR ".join(f"coalesce(trim({quote(name)}), '') <> ''" for name in columns)
    connection.execute(
        f"CREATE TABLE first_rows AS SELECT * EXCLUDE (row_number) FROM {DATA_ROWS} WHERE {some} LIMIT {SAMPLE_ROWS}"
    )
    connection.execute("DROP TABLE source_text")
    connection.execute("ALTER TABLE first_rows RENAME TO source_text")
    connection.execute("DELETE FROM defects")
    p1.validate(work, column_formats)
    connection.execute("DELETE FROM left_out")  # a bad cell is shown as empty, with what is wrong with it
    add_tags_and_groups(work)
    defects = work.dictionaries("SELECT row_number, field, code, message, value FROM defects ORDER BY ALL")
    rows = work.dictionaries("SELECT * FROM transformed ORDER BY row_number")
    shown = {*record_type.field_names, ID_FIELD, "extra"}
    sample = [
        {
            "row_number": row["row_number"],
            "attributes": {name: _plain(value) for name, value in row.items() if name in shown},
            "errors": [one for one in defects if one["row_number"] == row["row_number"]],
        }
        for row in rows
    ]
    return {"sample": sample, "problem": None}


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    return value if value is None or isinstance(value, bool | int | float | str | list) else str(value)
