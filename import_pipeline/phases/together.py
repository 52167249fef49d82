"""Several small imports in one workspace: their rows one after the other, the phases once over all of them.

What an import of a hundred rows costs is statements, not rows; these cost as much for a hundred imports as for one.
What is stored must be what the imports would have left one after the other, so an import that could meet an earlier
one of them (`batch_conflicts.py`) is left alone, and goes through the phases by itself afterwards.

Makes `numbering(row_number, import_id, place, row_in_file, record_prefix)`: whose each row of the workspace is; the
lines of an import that is left alone are in `left_alone` instead.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from import_pipeline.errors import PayloadError
from import_pipeline.intake import Reading, read_payload, tables
from import_pipeline.phases import p1_prevalidation as p1
from import_pipeline.phases import p3_transforming, p4_parsing, p5_validation, p6_processing
from import_pipeline.phases.batch_conflicts import meeting_in_references, meeting_in_rows
from import_pipeline.phases.cells import Cells
from import_pipeline.phases.column_formats import Writing, ask, find_column_formats
from import_pipeline.phases.corrections import apply_corrections
from import_pipeline.phases.defects import find_defects
from import_pipeline.phases.errors_file import was_made_harmless
from import_pipeline.phases.hooks import has_hooks
from import_pipeline.phases.identities import make_identities
from import_pipeline.phases.passed_over import failed_rows
from import_pipeline.phases.repeats import find_repeats
from import_pipeline.phases.work import Work, record_prefix
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.sql import literal
from import_pipeline.stores.records import store_table
from import_pipeline.stores.workspace import reset_from
from import_pipeline.words import Action, InvalidData, OnPossibleDuplicate, Phase

_NUMBERING = "row_number BIGINT, import_id VARCHAR, place INTEGER, row_in_file BIGINT, record_prefix VARCHAR"
_LEFT_ALONE = "row_number IN (SELECT row_number FROM left_alone)"
_NOT_IN = "row_number NOT IN (SELECT row_number FROM numbering)"


@dataclass(frozen=True)
class File:
    """The file of one import, as it was read.

    Attributes:
        import_id: The import.
        reading: What was found about the file.
        spec: What was asked, with the mapping that was decided.
        writings: How its columns are written.
        first_row: The number of its first row in the workspace.
        rows: How many rows it has.
    """

    import_id: str
    reading: Reading
    spec: ImportSpec
    writings: tuple[Writing, ...]
    first_row: int
    rows: int

    def goes_with(self, other: "File") -> bool:
        """Whether both files can be typed by the same statements."""
        return self._shape == other._shape

    @property
    def _shape(self) -> tuple[object, ...]:
        decided = [(writing.field, writing.setting, writing.value) for writing in self.writings]
        return self.reading.columns, self.spec.column_mapping, decided


def may_share(work: Work) -> bool:
    """Whether imports of this spec may share a workspace: each row stands for itself, and nobody is asked."""
    spec = work.spec
    return (
        spec.action is Action.MERGE
        and spec.invalid_data is not InvalidData.BLOCK
        and spec.on_possible_duplicate is not OnPossibleDuplicate.ASK
        and spec.max_failed_rows is None
        and spec.max_failed_fraction is None
        and not spec.dry_run
        and not has_hooks(work)
        and not work.record_type.is_inline
        and not work.record_type.unique
    )


def begin(work: Work) -> None:
    """Make the workspace ready to take in files."""
    for table in ("gathered_text", "gathered_defects"):
        work.execute(f"DROP TABLE IF EXISTS {table}")
    for table in ("numbering", "left_alone"):
        work.execute(f"CREATE OR REPLACE TABLE {table} ({_NUMBERING})")
    reset_from(work.connection, Phase.PREVALIDATION)


def take_in(work: Work, file: File, place: int) -> None:
    """Put the rows of the file that was just read behind those that are there.

    Args:
        work: The shared work.
        file: What was read into `source_text`.
        place: The place of its import among the others.
    """
    before = file.first_row - 1
    if before:
        work.execute("INSERT INTO gathered_text SELECT * FROM source_text")
        work.execute(f"INSERT INTO gathered_defects {_defects(before)}")
    else:
        work.execute("CREATE TABLE gathered_text AS SELECT * FROM source_text")
        work.execute(f"CREATE TABLE gathered_defects AS {_defects(before)}")
    work.execute(
        """
        INSERT INTO numbering
        SELECT $before + number, $import_id, $place, number, $prefix
        FROM range(1, $rows + 1) AS numbers (number)
        """,
        {
            "before": before,
            "import_id": file.import_id,
            "place": place,
            "rows": file.rows,
            "prefix": record_prefix(work.spec.organization, work.record_type.name, file.import_id),
        },
    )


def _defects(before: int) -> str:
    return f"SELECT * REPLACE (row_number + {before} AS row_number) FROM defects"


def read(work: Work, import_id: str, payload: Path, first_row: int) -> File:
    """Read a file into the workspace, and find out what has to be known to take it in.

    Args:
        work: The shared work.
        import_id: The import.
        payload: The pinned copy of its file.
        first_row: The number that its first row is to have.

    Raises:
        PayloadError: It cannot be read, or needs a phase 1 of its own.
        LimitExceededError: A limit was passed.
        MappingError: Its columns cannot be mapped.
        ReviewNeededError: A person has to say something about it.
    """
    reading = read_payload(work.connection, payload, work.spec.reading, work.settings)
    lost = apply_corrections(work)
    of_file = work.number("SELECT count(*) FROM defects WHERE row_number IS NULL")
    if was_made_harmless(reading.columns) or of_file or reading.lines_not_rows or lost:
        raise PayloadError("The file is not one of plain rows.")
    mapped = p1.map_columns(work, reading)
    if any(work.record_type.field(field).reference == work.record_type.name for field in _fields(mapped.spec)):
        raise PayloadError("Rows of the file may refer to records of other files.")
    writings = find_column_formats(mapped, Cells.of(mapped))
    ask(writings)
    reading = replace(reading, writings=tuple(writing.as_dict() for writing in writings))
    return File(import_id, reading, mapped.spec, writings, first_row, work.total_rows())


def _fields(spec: ImportSpec) -> Iterable[str]:
    return (field for field in (spec.column_mapping or {}).values() if field != "id")


def prevalidate(work: Work, files: list[File]) -> Work:
    """Phase 1 over the rows of all files that were taken in.

    Returns:
        The work, with the mapping that they share.
    """
    tables.drop_tables(work.connection)  # of the last file that was read, which may not be one of these
    work.execute("ALTER TABLE gathered_text RENAME TO source_text")
    tables.write_columns(work.connection, files[0].reading.columns)
    work.execute("INSERT INTO defects SELECT * FROM gathered_defects")
    mapped = p1.map_columns(replace(work, spec=files[0].spec), files[0].reading)
    p1.validate(mapped, files[0].writings)
    return mapped


def plan(work: Work, unwanted: Sequence[str]) -> None:
    """Phases 2 to 5. Imports that could meet an earlier one, or that the store has already, are left alone.

    Args:
        work: The shared work; the store is attached.
        unwanted: Further imports that are to be left alone.
    """
    make_identities(work)
    p3_transforming.match(work)
    applied = f"SELECT import_id FROM {store_table('applied_imports')}"
    named = f"SELECT unnest([{', '.join(map(literal, unwanted))}]::VARCHAR[])"
    leave_alone(work, f"{meeting_in_rows(work)} UNION ALL {applied} UNION ALL {named}")
    work.execute(f"DELETE FROM identities WHERE {_NOT_IN}")
    find_repeats(work)
    find_defects(work, Phase.PREPARSING)
    find_defects(work, Phase.TRANSFORMING)
    p4_parsing.run(work)
    p5_validation.run(work)
    leave_alone(
        work, f"SELECT import_id FROM numbering WHERE row_number IN (SELECT row_number FROM ({failed_rows(work)}))"
    )
    leave_alone(work, meeting_in_references(work))
    work.execute(f"DELETE FROM plan WHERE {_NOT_IN}")


def write(work: Work) -> None:
    """Phase 6: what is planned for the imports that were not left alone, in one transaction."""
    p6_processing.write(work)


def leave_alone(work: Work, imports: str) -> None:
    """Take imports out of the numbering, and their rows out of `rows`.

    Args:
        work: The shared work.
        imports: SELECT of their ids.
    """
    if work.number(f"INSERT INTO left_alone SELECT * FROM numbering WHERE import_id IN ({imports})"):
        work.execute(f"DELETE FROM numbering WHERE {_LEFT_ALONE}")
        work.execute(
            """
            INSERT INTO left_out
            SELECT row_number, 'prevalidation', 'skipped', 'left_alone' FROM left_alone
            WHERE row_number NOT IN (SELECT row_number FROM left_out WHERE reason = 'left_alone')
            """
        )


def imports_in(work: Work) -> list[str]:
    """The imports that are in the workspace, in their order."""
    found = work.execute("SELECT import_id FROM numbering GROUP BY import_id ORDER BY min(place)").fetchall()
    return [import_id for (import_id,) in found]
