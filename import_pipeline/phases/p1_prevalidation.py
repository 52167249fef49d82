"""Phase 1, prevalidation: the file becomes `source_rows`, its columns become typed fields, and bad rows become defects.

Makes `source_text` and `source_columns` (through intake), then `typed_rows` and over it the view `rows`: the rows that
are still in, in this phase and all later ones. How bytes are read is intake's affair, what is right in a cell is the
record type's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from import_pipeline.errors import PayloadError, ReviewNeededError
from import_pipeline.intake import Reading, read_payload
from import_pipeline.intake.column_values import column_values
from import_pipeline.intake.notes import BLANK
from import_pipeline.intake.structural_defects import FEWER_NAMES
from import_pipeline.intake.tables import LINES_NOT_ROWS
from import_pipeline.phases.bad_cells import leave_bad_cells_empty
from import_pipeline.phases.cell_checks import find_cell_defects
from import_pipeline.phases.cells import Cells
from import_pipeline.phases.column_formats import ColumnFormat, ask, check_columns, find_column_formats, written
from import_pipeline.phases.corrections import apply_corrections
from import_pipeline.phases.errors_file import take_back
from import_pipeline.phases.explicit import CLEARED, CLEARED_EXTRA, clears
from import_pipeline.phases.hooks import has_hooks, hooked_cells
from import_pipeline.phases.list_cells import join_lists
from import_pipeline.phases.passed_over import forget_passed_over
from import_pipeline.phases.records_file import (
    EXTRA,
    columns_set_aside,
    extra_of_file,
    find_invalid_extra,
    own_mapping,
)
from import_pipeline.phases.several_values import spread_values
from import_pipeline.phases.signs import Signs, find_signs
from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.run_config.mapping import resolve
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.run_config.suggestions import ColumnValues
from import_pipeline.run_config.value_mapping import check_value_mappings
from import_pipeline.sql import Parameters, quote, trimmed
from import_pipeline.words import DefectLevel, Phase


def read(work: Work, payload: Path) -> Reading:
    """Read the file into `source_text` and `source_columns`, as text, every row in its place.

    Raises:
        PayloadError: It cannot be read, or passes a limit; the defect of the whole file says the same.
        ReviewNeededError: It holds several tables or sheets, and nothing says which one is meant.
    """
    try:
        reading = take_back(work, read_payload(work.connection, payload, work.spec.reading, work.settings))
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
    ask_for_table(work.spec, reading)
    lost = apply_corrections(work)
    if lost:
        told = f"{lost} corrected cells are not in the file as it is read now: their corrections were left out."
        reading = replace(reading, notes=(*reading.notes, told))
    return reading


def ask_for_table(spec: ImportSpec, reading: Reading) -> None:
    """Ask which sheet is meant where several of a workbook hold a table, and which table where a file holds several.

    Raises:
        ReviewNeededError: Nothing says it; the sheets or tables are its culprits.
    """
    possible = [sheet for sheet in reading.sheets if sheet["may_be_meant"]]
    if len(possible) > 1 and spec.reading.sheet is None:
        named = "; ".join(f"{one['name']!r} ({one['rows']:,} rows, {one['columns']:,} columns)" for one in possible)
        raise ReviewNeededError(
            f"The workbook has {len(possible)} sheets that hold a table: {named}. Say which one is meant: "
            "import-pipeline confirm ID --sheet NAME. In a spec it is reading.sheet. To import several, start an "
            "import for each.",
            sheets=[dict(sheet) for sheet in reading.sheets],
        )
    if len(reading.tables) < 2 or spec.reading.table is not None:
        return
    tables = "; ".join(table.in_words() for table in reading.tables)
    raise ReviewNeededError(
        f"The file holds {len(reading.tables)} different tables: {tables}. Say which one is meant: import-pipeline "
        "confirm ID --table N. In a spec it is reading.table. To import them all, put each into a file of its own.",
        tables=[table.as_dict() for table in reading.tables],
    )


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
    if mapping is None:
        mapping = decide_mapping(work, reading.columns, _values(work), _doubts_of_header(work))
    else:
        _check_mapping(work, reading.columns, mapping)
    return note_mapping(work, mapping, aside)


def decide_mapping(
    work: Work, columns: Sequence[str], values: Mapping[str, ColumnValues], doubts: Sequence[str] = ()
) -> dict[str, str]:
    """Decide which column is which field; the errors are those of `map_columns`.

    Args:
        work: The import at work.
        columns: The columns of its file.
        values: What they hold.
        doubts: Why the names of the header may not be theirs.
    """
    mapping = resolve(work.spec, columns, work.record_type, values, doubts)
    _check_mapping(work, columns, mapping)
    return mapping


def _check_mapping(work: Work, columns: Sequence[str], mapping: Mapping[str, str]) -> None:
    check_value_mappings(work.spec.value_mappings, mapping, work.record_type)
    check_columns(work.spec.reading, columns)


def note_mapping(work: Work, mapping: dict[str, str], aside: Mapping[str, str] | None = None) -> Work:
    """Note in `source_columns` which column is which field; gives the work with the mapping in its spec."""
    work.execute(
        "UPDATE source_columns SET field = MAP($columns::VARCHAR[], $fields::VARCHAR[])[name]",
        {"columns": list(mapping), "fields": list(mapping.values())},
    )
    return replace(work, spec=work.spec.replaced(column_mapping=mapping), set_aside=aside)


def _is_open(work: Work) -> bool:
    """Whether nobody said which column is which field."""
    return work.spec.column_mapping is None


def _doubts_of_header(work: Work) -> list[str]:
    """Why the names of the header may not be those of the columns they stand above."""
    found = work.execute("SELECT DISTINCT message FROM defects WHERE code = $code", {"code": FEWER_NAMES})
    return [message for (message,) in found.fetchall()]


def _values(work: Work) -> dict[str, ColumnValues]:
    """What the columns hold, where that is evidence for what they are: where nobody said it."""
    return column_values(work.connection) if _is_open(work) else {}


def validate(work: Work, known: Sequence[ColumnFormat] | None = None) -> tuple[ColumnFormat, ...]:
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
    signs = _signs(work)
    if work.set_aside is None and signs.bracket and join_lists(work):  # what we wrote ourselves stands as it is
        signs = _signs(work)
    _leave_out_lines(work, signs)
    cells = Cells.of(work, signs)
    cells.note_turned_round()
    cells = spread_values(work, cells)
    bind = Parameters()
    beside = _beside_fields(work, bind)
    if has_hooks(work):
        cleared = {CLEARED: cells.cleared(bind)} if clears(work) else {}
        cells = hooked_cells(work, cells, _columns(beside | cleared), bind)
        bind, beside = Parameters(), {name: quote(name) for name in beside}
    column_formats = find_column_formats(work, cells) if known is None else tuple(known)
    ask(column_formats)
    cells = written(cells, column_formats)
    values = _columns(cells.typed(bind) | cells.facts(bind) | beside)
    work.create("typed_rows", f"SELECT {cells.row_number} AS row_number{values} FROM {cells.table}", bind)
    show_rows(work)
    work.progress.part(0.6, 1.0)
    find_cell_defects(work, cells)
    extra_column = (work.set_aside or {}).get(EXTRA)
    if extra_column is not None:
        find_invalid_extra(work, extra_column)
    leave_bad_cells_empty(work)
    show_rows(work)
    work.execute(
        """
        INSERT INTO left_out
        SELECT row_number, 'prevalidation', 'failed', min(code)
        FROM defects WHERE level = 'error' AND row_number IS NOT NULL GROUP BY row_number
        """
    )
    return column_formats


def _signs(work: Work) -> Signs:
    """What may be among the cells of the mapped columns."""
    return find_signs(work, [column.column_name for column in work.mapped().values()])


def show_rows(work: Work) -> None:
    """Make the view `rows`: the typed rows that are still in."""
    work.execute(f"CREATE OR REPLACE VIEW rows AS SELECT * FROM typed_rows WHERE {ALIVE}")


def _leave_out_lines(work: Work, signs: Signs) -> None:
    """Skip the lines that are no rows, each for its reason, and rows with nothing in any cell, which say nothing.

    A line that could not be read has nothing in its cells, too, but said something: it fails.
    """
    work.execute(f"INSERT INTO left_out SELECT row_number, 'prevalidation', 'skipped', reason FROM ({LINES_NOT_ROWS})")
    if not signs.blank:
        return
    columns = [name for (name,) in work.execute("SELECT column_name FROM source_columns ORDER BY position").fetchall()]
    blank = " AND ".join(f"coalesce(trim({quote(name)}), '') = ''" for name in columns)
    work.execute(
        f"""
        INSERT INTO left_out
        SELECT number, 'prevalidation', 'skipped', '{BLANK}'
        FROM (SELECT rowid + 1 AS number, * FROM source_text)
        WHERE {blank}
            AND number NOT IN (SELECT row_number FROM left_out)
            AND number NOT IN (SELECT row_number FROM defects WHERE level = 'error' AND row_number IS NOT NULL)
        """
    )


def _columns(expressions: Mapping[str, str]) -> str:
    """The columns of a SELECT, each behind a comma."""
    return "".join(f", {sql} AS {quote(name)}" for name, sql in expressions.items())


def _beside_fields(work: Work, bind: Parameters) -> dict[str, str]:
    """Column → SQL of what stands beside the fields: extra, and what the row removes from it.

    It is made of the cells of unmapped columns, if they are to be kept, and of the extra of an exported file.
    """
    extra_column = (work.set_aside or {}).get(EXTRA)
    brought = extra_of_file(extra_column) if extra_column is not None else None
    unmapped = _unmapped(work)
    if not unmapped:
        return {EXTRA: brought} if brought else {}
    token = work.spec.clear_token
    cells = {name: f"nullif({quote(column)}, '')" for name, column in unmapped.items()}
    says_token: dict[str, str] = {}
    if token is not None:
        says_token = {name: f"{trimmed(quote(column))} = {bind.bind(token)}" for name, column in unmapped.items()}
        cells = {name: f"CASE WHEN {says_token[name]} THEN NULL ELSE {cell} END" for name, cell in cells.items()}
    pairs = ", ".join(f"{bind.bind(name)}, {cell}" for name, cell in cells.items())
    below = f"coalesce({brought}, '{{}}')" if brought else "'{}'"
    beside = {EXTRA: f"json_merge_patch({below}, json_object({pairs}))"}  # the patch leaves empty cells out
    if clears(work):
        found = ", ".join(f"CASE WHEN {said} THEN to_json({bind.bind(name)}) END" for name, said in says_token.items())
        names = f"list_transform(list_filter([{found}], lambda key: key IS NOT NULL), lambda key: key || ':null')"
        beside[CLEARED_EXTRA] = f"('{{' || array_to_string({names}, ',') || '}}')::JSON"
    return beside


def _unmapped(work: Work) -> dict[str, str]:
    """Name → column of `source_text` of the unmapped columns that are to be kept."""
    if not work.spec.keep_unmapped:
        return {}
    found = work.execute("SELECT name, column_name FROM source_columns WHERE field IS NULL ORDER BY position")
    return dict(found.fetchall())
