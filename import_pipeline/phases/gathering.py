"""Phase 1 of a batch of several imports: their files, one after the other, become the rows of one workspace.

What an import of a hundred rows costs is statements, not rows; these cost as much for a hundred imports as for one.
What is stored must be what the imports would have left one after the other: a file that is not of plain rows like the
first one stays out, and so does what comes behind it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from import_pipeline.errors import ImportPipelineError
from import_pipeline.intake import Reading, RowsRead, read_rows, tables
from import_pipeline.intake.column_values import values_of_file
from import_pipeline.intake.reading import StructuralDefect
from import_pipeline.phases import p1_prevalidation as p1
from import_pipeline.phases.batch import MOST_ROWS, Member, Members
from import_pipeline.phases.cells import Cells
from import_pipeline.phases.column_formats import ColumnFormat, find_column_formats_each
from import_pipeline.phases.errors_file import was_made_harmless
from import_pipeline.phases.work import Work
from import_pipeline.record_types.record_type import RecordType
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.words import ID_FIELD, Action, InvalidData, OnPossibleDuplicate

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
    """A file in memory, what was asked of it, and the mapping of its columns."""

    import_id: str
    spec: ImportSpec
    read: RowsRead
    mapping: Mapping[str, str]

    @property
    def shape(self) -> tuple[object, ...]:
        """What files have in common that the same statements can type."""
        return self.read.reading.columns, self.mapping


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
    gathered, files = Gathered(work), list[_File]()
    rows = 0
    for payload in payloads:
        try:
            file = _read(work, payload)
        except (ImportPipelineError, duckdb.Error):
            gathered.unreadable.add(payload.import_id)  # by itself it fails in the same way, and says why
            continue
        if file is None or (files and file.shape != files[0].shape):
            break
        rows += len(file.read.rows)
        if rows > MOST_ROWS:
            break
        files.append(file)
    _write(gathered, files)
    if files:
        _find_formats(gathered, files)
    return gathered


def _read(batch: Work, payload: Payload) -> _File | None:
    """Read one file; None where more is to be said of it than of the others.

    That is what was corrected or has to be taken back, what is said of the whole of it, and rows that may refer to rows
    of another file.
    """
    if payload.corrections is not None:
        return None
    work = replace(batch, members=Members(), import_id=payload.import_id, spec=payload.spec)
    read = read_rows(payload.path, work.spec.reading, work.settings, MOST_ROWS)
    if read is None or was_made_harmless(read.reading.columns) or read.reading.lines_not_rows:
        return None
    if any(defect.row_number is None for defect in read.defects):
        return None
    columns = read.reading.columns
    values = values_of_file(columns, read.rows) if work.spec.column_mapping is None else {}
    mapping = p1.decide_mapping(work, columns, values)
    fields = (field for field in mapping.values() if field != ID_FIELD)
    if any(work.record_type.field(field).reference == work.record_type.name for field in fields):
        return None
    return _File(payload.import_id, payload.spec, read, mapping)


def _write(gathered: Gathered, files: Sequence[_File]) -> None:
    """Make the rows of files those of the workspace, one behind the other."""
    work = gathered.work
    tables.drop_tables(work.connection)
    members: list[Member] = []
    defects: list[StructuralDefect] = []
    rows = 0
    for file in files:
        members.append(Member(file.import_id, rows, len(file.read.rows)))
        defects += [replace(one, row_number=one.row_number + rows) for one in file.read.defects if one.row_number]
        rows += len(file.read.rows)
    work.members.several = tuple(members)
    gathered.readings = {file.import_id: file.read.reading for file in files}
    if not files:
        return
    first = files[0]
    tables.create_from_blocks(work.connection, len(first.read.reading.columns), (file.read.rows for file in files))
    tables.write_columns(work.connection, first.read.reading.columns)
    tables.append_defects(work.connection, defects)
    gathered.work = p1.note_mapping(replace(work, import_id=first.import_id, spec=first.spec), dict(first.mapping))


def _find_formats(gathered: Gathered, files: Sequence[_File]) -> None:
    """Find out how the columns of each file are written; those that are not written like the first one stay out."""
    work = gathered.work
    found = find_column_formats_each(work, Cells.of(work))
    kept: list[_File] = []
    for file in files:
        own = found[file.import_id]
        if any(one.value is None for one in own):
            gathered.unreadable.add(file.import_id)  # a person has to say how it is written
        elif kept and _decided(own) != _decided(gathered.column_formats):
            break
        else:
            gathered.column_formats = gathered.column_formats if kept else own
            kept.append(file)
    if len(kept) < len(files):
        _write(gathered, kept)
    for file in kept:
        formats = tuple(one.as_dict() for one in found[file.import_id])
        gathered.readings[file.import_id] = replace(file.read.reading, column_formats=formats)


def _decided(column_formats: Iterable[ColumnFormat]) -> list[tuple[str, str, str | None]]:
    return [(one.field, one.setting, one.value) for one in column_formats]
