"""A file that was given out and comes back: the columns that were added are ignored, added apostrophes taken back.

A file is known by its columns, whoever sends it and whichever import it came from.
"""

from collections.abc import Sequence
from dataclasses import replace

from import_pipeline.intake import Reading
from import_pipeline.phases.formulas import (
    ERROR_COLUMNS,
    GUARDED_COLUMN,
    as_it_was,
    is_errors_file,
    may_be_harmless,
    text_as_it_was,
)
from import_pipeline.phases.records_file import NOTE as EXPORT_NOTE
from import_pipeline.phases.records_file import is_records_file, set_aside_columns
from import_pipeline.phases.work import Work
from import_pipeline.sql import quote

NOTE = "The file is an errors file of an earlier import: the columns that were added to it are ignored."
_TAKEN_BACK = "The file was given out by this program: apostrophes that made its cells harmless are taken back."


def take_back(work: Work, reading: Reading) -> Reading:
    """Undo in `source_columns` and `source_text` what was done for people, where the file was given out.

    Returns:
        The reading, without the added columns.
    """
    aside = set_aside_columns(work, reading.columns)
    if not was_made_harmless(reading.columns):
        return reading
    added = [*(ERROR_COLUMNS if is_errors_file(reading.columns) else ()), GUARDED_COLUMN]
    work.execute("DELETE FROM source_columns WHERE name IN (SELECT unnest($names))", {"names": added})
    for name, column_name in work.execute("SELECT name, column_name FROM source_columns ORDER BY position").fetchall():
        cell = quote(column_name)
        work.execute(f"UPDATE source_text SET {cell} = {as_it_was(cell)} WHERE {may_be_harmless(cell)}")
        if text_as_it_was(name) != name:
            values = {"name": text_as_it_was(name), "column_name": column_name}
            work.execute("UPDATE source_columns SET name = $name WHERE column_name = $column_name", values)
    kept = tuple(text_as_it_was(column) for column in reading.columns if column not in {*added, *aside})
    notes = [NOTE] if is_errors_file(reading.columns) else []
    notes += [EXPORT_NOTE] if is_records_file(reading.columns) else []
    return replace(reading, columns=kept, notes=(*reading.notes, *(notes or [_TAKEN_BACK])))


def was_made_harmless(columns: Sequence[str]) -> bool:
    """Whether a file of these columns is one in which cells were made harmless: errors, stored records, a payload."""
    return is_errors_file(columns) or GUARDED_COLUMN in columns or is_records_file(columns)
