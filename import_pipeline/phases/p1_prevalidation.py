"""Phase 1, prevalidation: the file becomes `source_rows`, its columns become typed fields, and bad rows become defects.

Makes `source_text` and `source_columns` (through intake), then `rows`: the rows that are right, typed. How bytes are read
is intake's affair, what is right in a cell is the record type's.
"""

from dataclasses import replace
from pathlib import Path

from import_pipeline.intake import Reading, read_payload
from import_pipeline.phases.cell_checks import find_cell_defects
from import_pipeline.phases.cells import Cells
from import_pipeline.phases.work import Work
from import_pipeline.run_config.mapping import resolve
from import_pipeline.sql import Parameters, quote
from import_pipeline.words import InvalidData


def read(work: Work, payload: Path) -> Reading:
    """Read the file into `source_text` and `source_columns`, as text, every row in its place."""
    return read_payload(work.connection, payload, work.spec.reading, work.settings)


def map_columns(work: Work, reading: Reading) -> Work:
    """Decide which column is which field, and note it in `source_columns`.

    Returns:
        The work with the mapping in its spec.

    Raises:
        MappingError: The mapping names what does not exist, or identifies nothing.
        ReviewNeededError: No mapping was given and the headers do not speak for themselves.
    """
    mapping = resolve(work.spec, reading.columns, work.record_type)
    work.execute("ALTER TABLE source_columns ADD COLUMN IF NOT EXISTS field VARCHAR")
    work.execute("UPDATE source_columns SET field = NULL")
    for column, field in mapping.items():
        work.execute("UPDATE source_columns SET field = $field WHERE name = $name", {"field": field, "name": column})
    return replace(work, spec=work.spec.replaced(column_mapping=mapping))


def validate(work: Work) -> None:
    """Find what is wrong in the cells, and make `rows` of the rows that are right."""
    _leave_out_blank_rows(work)
    cells = Cells.of(work)
    find_cell_defects(work, cells)
    _make_rows(work, cells)


def _leave_out_blank_rows(work: Work) -> None:
    """A row with nothing in any cell says nothing: it is skipped, not failed."""
    columns = [name for (name,) in work.execute("SELECT column_name FROM source_columns ORDER BY position").fetchall()]
    first = " AND ".join(f"({quote(name)} IS NULL OR trim({quote(name)}) = '')" for name in columns)
    work.execute(
        f"""
        INSERT INTO left_out
        SELECT rowid + 1, 'prevalidation', 'skipped', 'blank_row' FROM source_text WHERE {first}
        """
    )


def _make_rows(work: Work, cells: Cells) -> None:
    """Make `rows(row_number, <fields>, extra)` of all rows without an error."""
    bind = Parameters()
    typed = cells.typed(bind)
    if work.spec.invalid_data is InvalidData.NULL_CELLS:
        typed = {field: _null_where_bad(field, sql, work, bind) for field, sql in typed.items()}
    values = ", ".join(f"{sql} AS {quote(field)}" for field, sql in typed.items())
    work.create(
        "rows",
        f"""
        SELECT row_number, {values}{_extra(work)}
        FROM ({cells.text(bind)})
        WHERE row_number NOT IN (SELECT row_number FROM defects WHERE level = 'error' AND row_number IS NOT NULL)
            AND row_number NOT IN (SELECT row_number FROM left_out)
        """,
        bind,
    )


def _null_where_bad(field: str, sql: str, work: Work, bind: Parameters) -> str:
    """A bad cell becomes null where the spec says so and the field had any."""
    name = bind.bind(field)
    if not work.number("SELECT count(*) FROM defects WHERE field = $field", Parameters(field=field)):
        return sql
    bad = f"SELECT row_number FROM defects WHERE field = {name} AND row_number IS NOT NULL"
    return f"CASE WHEN row_number IN ({bad}) THEN NULL ELSE {sql} END"


def _extra(work: Work) -> str:
    """The cells of unmapped columns as one JSON object, if they are to be kept."""
    if not work.spec.keep_unmapped:
        return ""
    unmapped = work.execute(
        "SELECT name, column_name FROM source_columns WHERE field IS NULL ORDER BY position"
    ).fetchall()
    if not unmapped:
        return ""
    struct = ", ".join(f"{quote(name)} := nullif({quote(column_name)}, '')" for name, column_name in unmapped)
    return f", json_merge_patch('{{}}', to_json(struct_pack({struct}))) AS extra"
