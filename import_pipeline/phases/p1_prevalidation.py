"""Phase 1, prevalidation: the file becomes `source_rows`, its columns become typed fields, and bad rows become defects.

Makes `source_text` and `source_columns` (through intake), then `typed_rows` and over it the view `rows`: the rows that
are still in, in this phase and all later ones. How bytes are read is intake's affair, what is right in a cell is the
record type's.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from import_pipeline.errors import PayloadError
from import_pipeline.intake import Reading, read_payload
from import_pipeline.phases.cell_checks import find_cell_defects
from import_pipeline.phases.cells import Cells
from import_pipeline.phases.corrections import apply_corrections
from import_pipeline.phases.hooks import has_hooks, hooked_cells
from import_pipeline.phases.mended import take_back
from import_pipeline.phases.passed_over import forget_passed_over
from import_pipeline.phases.records_file import (
    EXTRA,
    columns_set_aside,
    extra_of_file,
    find_invalid_extra,
    own_mapping,
)
from import_pipeline.phases.work import ALIVE, ID_FIELD, Work
from import_pipeline.phases.writings import Writing, ask, check_columns, find_writings, written
from import_pipeline.run_config.mapping import resolve
from import_pipeline.run_config.value_mapping import check_value_mappings
from import_pipeline.sql import Parameters, literal, quote
from import_pipeline.words import DefectLevel, InvalidData, Phase


def read(work: Work, payload: Path) -> Reading:
    """Read the file into `source_text` and `source_columns`, as text, every row in its place.

    Raises:
        PayloadError: It cannot be read, or passes a limit; the defect of the whole file says the same.
    """
    try:
        return take_back(work, read_payload(work.connection, payload, work.spec.reading, work.settings))
    except PayloadError as error:
        work.execute(
            """
            INSERT INTO defects BY NAME
            SELECT $phase AS phase, $code AS code, $message AS message, $level AS level
            """,
            {
                "phase": str(Phase.PREVALIDATION),
                "code": error.code,
                "message": error.message,
                "level": str(DefectLevel.ERROR),
            },
        )
        raise


def map_columns(work: Work, reading: Reading) -> Work:
    """Decide which column is which field, and note it in `source_columns`.

    Returns:
        The work with the mapping in its spec.

    Raises:
        MappingError: The mapping, or what else is said of columns, names what does not exist, or identifies nothing.
        ReviewNeededError: No mapping was given and the headers do not speak for themselves.
    """
    aside = columns_set_aside(work)
    mapping = own_mapping(reading.columns, work.record_type) if aside is not None and _is_open(work) else None
    mapping = mapping or resolve(work.spec, reading.columns, work.record_type)
    check_value_mappings(work.spec.value_mappings, mapping, work.record_type)
    check_columns(work.spec.reading, reading.columns)
    work.execute(
        "UPDATE source_columns SET field = MAP($columns::VARCHAR[], $fields::VARCHAR[])[name]",
        {"columns": list(mapping), "fields": list(mapping.values())},
    )
    return replace(work, spec=work.spec.replaced(column_mapping=mapping), set_aside=aside)


def _is_open(work: Work) -> bool:
    """Whether nobody said which column is which field."""
    return work.spec.column_mapping is None


def validate(work: Work, known: Sequence[Writing] | None = None) -> tuple[Writing, ...]:
    """Type all rows, find what is wrong in their cells, and leave the bad ones out of `rows`.

    Args:
        work: The import at work.
        known: How columns are written, where that was found out over more rows than these; else it is found out here.

    Returns:
        How the columns are written that can be written in two ways.

    Raises:
        ReviewNeededError: A column can be read in two ways, and nothing says which is meant.
    """
    forget_passed_over(work)
    apply_corrections(work.connection)
    _leave_out_blank_rows(work)
    cells = Cells.of(work)
    bind = Parameters()
    extra = _extra(work, bind)
    if has_hooks(work):
        cells = hooked_cells(work, cells, extra, bind)
        bind, extra = Parameters(), ", extra" if extra else ""
    writings = find_writings(work, cells) if known is None else tuple(known)
    ask(writings)
    cells = written(cells, writings)
    expressions = cells.typed(bind) | cells.facts(bind)
    values = ", ".join(f"{sql} AS {quote(field)}" for field, sql in expressions.items())
    work.create("typed_rows", f"SELECT {cells.row_number} AS row_number, {values}{extra} FROM {cells.table}", bind)
    show_rows(work)
    work.progress.part(0.6, 1.0)
    find_cell_defects(work, cells)
    extra_column = (work.set_aside or {}).get(EXTRA)
    if extra_column is not None:
        find_invalid_extra(work, extra_column)
    if work.spec.invalid_data is InvalidData.NULL_CELLS:
        _empty_bad_cells(work)
    work.execute(
        """
        INSERT INTO left_out
        SELECT row_number, 'prevalidation', 'failed', min(code)
        FROM defects WHERE level = 'error' AND row_number IS NOT NULL GROUP BY row_number
        """
    )
    return writings


def show_rows(work: Work) -> None:
    """Make the view `rows`: the typed rows that are still in."""
    work.execute(f"CREATE OR REPLACE VIEW rows AS SELECT * FROM typed_rows WHERE {ALIVE}")


def _leave_out_blank_rows(work: Work) -> None:
    """A row with nothing in any cell says nothing: it is skipped, not failed."""
    columns = [name for (name,) in work.execute("SELECT column_name FROM source_columns ORDER BY position").fetchall()]
    blank = " AND ".join(f"coalesce(trim({quote(name)}), '') = ''" for name in columns)
    work.execute(
        f"INSERT INTO left_out SELECT rowid + 1, 'prevalidation', 'skipped', 'blank_row' FROM source_text WHERE {blank}"
    )


def _empty_bad_cells(work: Work) -> None:
    """A bad cell becomes null, so that its row can go on; the defect stays as a warning.

    A bad identifier is emptied only if the row has a strong one that is good: it must not become another record's row.
    """
    of_cells = f"field IS NOT NULL AND row_number IS NOT NULL AND level = 'error'{_but_only_identifiers(work)}"
    fields = work.execute(f"SELECT DISTINCT field FROM defects WHERE {of_cells}").fetchall()
    for (field,) in fields:
        bad = f"SELECT row_number FROM defects WHERE field = $field AND {of_cells}"
        work.execute(f"UPDATE typed_rows SET {quote(field)} = NULL WHERE row_number IN ({bad})", {"field": field})
    work.execute(f"UPDATE defects SET level = 'warning' WHERE {of_cells}")


def _but_only_identifiers(work: Work) -> str:
    """SQL, added to a condition on defects, that leaves out the bad identifiers of rows without a good strong one."""
    present = set(work.columns_of("typed_rows"))
    identifiers = [name for name in work.record_type.identifiers if name in present]
    if not identifiers:
        return ""
    bad = "SELECT row_number FROM defects WHERE level = 'error' AND field"
    good = " OR ".join(
        f"({quote(name)} IS NOT NULL AND row_number NOT IN ({bad} = {literal(name)}))"
        for name in (ID_FIELD, *work.record_type.strong)
        if name in present
    )
    of_rows = f"SELECT row_number FROM typed_rows WHERE {good or 'false'}"
    return f" AND (field NOT IN ({', '.join(map(literal, identifiers))}) OR row_number IN ({of_rows}))"


def _extra(work: Work, bind: Parameters) -> str:
    """The cells of unmapped columns as one JSON object, if they are to be kept, with the extra of an exported file."""
    extra_column = (work.set_aside or {}).get(EXTRA)
    brought = extra_of_file(extra_column) if extra_column is not None else None
    kept = _unmapped_cells(work, bind)
    if brought and kept:
        return f", json_merge_patch(coalesce({brought}, '{{}}'), {kept}) AS extra"
    return f", {brought or kept} AS extra" if brought or kept else ""


def _unmapped_cells(work: Work, bind: Parameters) -> str:
    if not work.spec.keep_unmapped:
        return ""
    unmapped = work.execute(
        "SELECT name, column_name FROM source_columns WHERE field IS NULL ORDER BY position"
    ).fetchall()
    if not unmapped:
        return ""
    pairs = ", ".join(f"{bind.bind(name)}, nullif({quote(column_name)}, '')" for name, column_name in unmapped)
    return f"json_merge_patch('{{}}', json_object({pairs}))"  # the patch leaves empty cells out
