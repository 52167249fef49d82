"""An errors file that comes back mended: the columns that were added to it are ignored, added apostrophes taken back.

A file is known by the three columns together, whoever sends it and whichever import it came from.
"""

from collections.abc import Sequence
from dataclasses import replace

from import_pipeline.intake import Reading
from import_pipeline.phases.result_files import ERROR_COLUMNS, as_it_was, may_be_harmless
from import_pipeline.phases.work import Work
from import_pipeline.sql import quote

NOTE = "The file is an errors file of an earlier import: the columns that were added to it are ignored."


def is_errors_file(columns: Sequence[str]) -> bool:
    """Whether these are the columns of an errors file.

    >>> is_errors_file(["Email", "import_row_number", "import_error_codes", "import_error_messages"])
    True
    """
    return set(ERROR_COLUMNS) <= set(columns)


def take_back(work: Work, reading: Reading) -> Reading:
    """Undo in `source_columns` and `source_text` what was done for people, where the file is an errors file.

    Returns:
        The reading, without the added columns.
    """
    if not is_errors_file(reading.columns):
        return reading
    work.execute("DELETE FROM source_columns WHERE name IN (SELECT unnest($names))", {"names": list(ERROR_COLUMNS)})
    for (name,) in work.execute("SELECT column_name FROM source_columns ORDER BY position").fetchall():
        cell = quote(name)
        work.execute(f"UPDATE source_text SET {cell} = {as_it_was(cell)} WHERE {may_be_harmless(cell)}")
    kept = tuple(column for column in reading.columns if column not in ERROR_COLUMNS)
    return replace(reading, columns=kept, notes=(*reading.notes, NOTE))
