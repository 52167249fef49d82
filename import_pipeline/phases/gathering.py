"""Phase 1 of a batch of several imports: their files, one after the other, become the rows of one workspace.

What an import of a hundred rows costs is statements, not rows; these cost as much for a hundred imports as for one.
What is stored must be what the imports would have left one after the other: a file that is not of plain rows like the
first one stays out, and so does what comes behind it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from import_pipeline.errors import ImportPipelineError
from import_pipeline.intake import Reading, read_payload, tables
from import_pipeline.phases import p1_prevalidation as p1
from import_pipeline.phases.batch import MOST_ROWS, Member, Members
from import_pipeline.phases.cells import Cells
from import_pipeline.phases.column_formats import ColumnFormat, ask, find_column_formats
from import_pipeline.phases.errors_file import was_made_harmless
from import_pipeline.phases.work import Work
from import_pipeline.record_types.record_type import RecordType
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.words import Action, InvalidData, OnPossibleDuplicate

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True)
class Payload:
    """The pinned copy of an import's file, what was asked of it, and what a person corrected (`corrections.py`)."""

    import_id: str
    spec: ImportSpec
    path: Path
    corrections: "pyarrow.Table | None" = None


@dataclass
class Gathered:
    """The files of a batch as they were read.

    Attributes:
        work: The batch, with the mapping that its files share.
        readings: Import id → what was found about its file.
        column_formats: How the columns of all of them are written.
        unreadable: Imports that did not come in, whose reason is told when they go by themselves.
    """

    work: Work
    readings: dict[str, Reading] = field(default_factory=dict)
    column_formats: tuple[ColumnFormat, ...] = ()
    unreadable: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _File:
    reading: Reading
    spec: ImportSpec
    column_formats: tuple[ColumnFormat, ...]
    rows: int

    @property
    def shape(self) -> tuple[object, ...]:
        """What files have in common that the same statements can type."""
        decided = [(one.field, one.setting, one.value) for one in self.column_formats]
        return self.reading.columns, self.spec.column_mapping, decided


def may_be_several(spec: ImportSpec, record_type: RecordType) -> bool:
    """Whether imports of this spec may be in one batch: each row stands for itself, and nobody is asked."""
    return (
        spec.action is Action.MERGE
        and spec.invalid_data is not InvalidData.BLOCK
        and spec.on_possible_duplicate is not OnPossibleDuplicate.ASK
        and spec.max_failed_rows is None
        and spec.max_failed_fraction is None
        and not spec.dry_run
        and not spec.preview
        and not spec.keep_ids
        and not spec.row_hooks
        and not spec.python_hooks
        and not record_type.is_inline
        and not record_type.unique
    )


def gather(work: Work, payloads: Iterable[Payload]) -> Gathered:
    """Read files into `source_text`, up to the first that does not go with the others.

    Args:
        work: The batch, of which only those remain whose files came in.
        payloads: The files, in the order of their imports.
    """
    for table in ("gathered_text", "gathered_defects"):
        work.execute(f"DROP TABLE IF EXISTS {table}")
    gathered, first = Gathered(work), None
    members: list[Member] = []
    rows = 0
    for payload in payloads:
        try:
            file = _read(work, payload)
        except (ImportPipelineError, duckdb.Error):
            gathered.unreadable.add(payload.import_id)  # by itself it fails in the same way, and says why
            continue
        if file is None or not _is_plain(work, file):
            break
        first = first or file
        if file.shape != first.shape or rows + file.rows > MOST_ROWS:
            break
        _append(work, rows)
        members.append(Member(payload.import_id, rows, file.rows))
        gathered.readings[payload.import_id] = file.reading
        rows += file.rows
    tables.drop_tables(work.connection)  # of the last file that was read, which may not be one of these
    work.members.several = tuple(members)
    if members and first is not None:
        work.execute("ALTER TABLE gathered_text RENAME TO source_text")
        tables.write_columns(work.connection, first.reading.columns)
        work.execute("INSERT INTO defects SELECT * FROM gathered_defects")
        named = replace(work, import_id=members[0].import_id, spec=first.spec)
        gathered.work = p1.map_columns(named, first.reading)
        gathered.column_formats = first.column_formats
    return gathered


def _read(batch: Work, payload: Payload) -> _File | None:
    """Read one file; None where more has to be taken back, corrected or told of it than of the others."""
    if payload.corrections is not None:
        return None
    work = replace(batch, members=Members(), import_id=payload.import_id, spec=payload.spec)
    reading = read_payload(work.connection, payload.path, work.spec.reading, work.settings)
    if was_made_harmless(reading.columns):
        return None
    mapped = p1.map_columns(work, reading)
    column_formats = find_column_formats(mapped, Cells.of(mapped))
    ask(column_formats)
    reading = replace(reading, column_formats=tuple(one.as_dict() for one in column_formats))
    return _File(reading, mapped.spec, column_formats, work.total_rows())


def _is_plain(work: Work, file: _File) -> bool:
    """Whether a file has nothing that is said of the whole of it, and no row that may refer to one of another file."""
    if file.reading.lines_not_rows or work.number("SELECT count(*) FROM defects WHERE row_number IS NULL"):
        return False
    fields = (field for field in (file.spec.column_mapping or {}).values() if field != "id")
    return all(work.record_type.field(field).reference != work.record_type.name for field in fields)


def _append(work: Work, before: int) -> None:
    """Put the rows of the file that was just read behind those that are there."""
    defects = f"SELECT * REPLACE (row_number + {before} AS row_number) FROM defects"
    for table, select in (("gathered_text", "SELECT * FROM source_text"), ("gathered_defects", defects)):
        work.execute(f"INSERT INTO {table} {select}" if before else f"CREATE TABLE {table} AS {select}")
