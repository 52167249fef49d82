"""Cleaning the mapped columns: one cheap pass finds those that need it, the others are left as they are.

Makes `clean_cells`, the cleaned texts, under the same column names, of the rows in which a cell needs it; and
`cell_changes(row_number, field, code, value)`: the cells that said in words that they are empty, or the opposite of
their field. Neither is there where no cell needs it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from import_pipeline.phases.signs import ANY_SIGN, Signs
from import_pipeline.phases.work import MappedColumn, Work
from import_pipeline.record_types.cleaning import Cleaning
from import_pipeline.run_config.value_mapping import constant_pairs
from import_pipeline.sql import WHITE_SPACE, Parameters, literal, quote, trimmed
from import_pipeline.words import ID_FIELD

CLEAN_CELLS = "clean_cells"
CELL_CHANGES = "cell_changes"
NO_VALUE = "no_value"
TURNED_ROUND = "turned_round"
_ASCII_SPACE = " \t\r\n\v\f"


@dataclass(frozen=True)
class CleanedTable:
    """Where the cells are once they are cleaned.

    Attributes:
        table: The table or subquery.
        row_number: SQL of the number of a row of it.
        untidy: The fields whose texts have yet to be trimmed.
    """

    table: str
    row_number: str
    untidy: frozenset[str]


def clean(work: Work, columns: Mapping[str, MappedColumn], table: str, row_number: str, signs: Signs) -> CleanedTable:
    """Clean the cells of the mapped columns.

    Args:
        work: The import at work.
        columns: The mapped columns by field.
        table: Where their cells are.
        row_number: SQL of the number of a row of that table.
        signs: What may be among them.
    """
    work.execute(f"DROP TABLE IF EXISTS {CLEAN_CELLS}")
    work.execute(f"DROP TABLE IF EXISTS {CELL_CHANGES}")
    is_own = work.set_aside is not None  # stored records that were given out come back as they are
    cleanings = {} if is_own else {name: _cleaning(work, name) for name in columns if name != ID_FIELD}
    untidy, unclean = _found(work, columns, cleanings, table, signs)
    if not unclean:
        return CleanedTable(table, row_number, untidy)
    dirty = {name: cleanings[name] for name in sorted(unclean)}
    _make_clean_cells(work, columns, dirty, cleanings, table, row_number, signs)
    cells = [quote(columns[name].column_name) for name in sorted(unclean)]
    cleaned = ", ".join(
        f"CASE WHEN clean.row_number IS NULL THEN rows.{cell} ELSE clean.{cell} END AS {cell}" for cell in cells
    )
    rows = f"(SELECT {_numbered(row_number)} FROM {table})"
    joined = f"{rows} AS rows LEFT JOIN {CLEAN_CELLS} AS clean ON clean.row_number = rows.row_number"
    return CleanedTable(f"(SELECT rows.* REPLACE ({cleaned}) FROM {joined})", "row_number", untidy - unclean)


def untidy_fields(work: Work, columns: Mapping[str, MappedColumn], table: str) -> frozenset[str]:
    """The fields whose column has a cell that is empty or has white space around it."""
    return _found(work, columns, {}, table, ANY_SIGN)[0]


def _cleaning(work: Work, field: str) -> Cleaning:
    said = [value for value, _ in constant_pairs(work.spec.value_mappings, field)]
    if work.spec.clear_token is not None:
        said.append(work.spec.clear_token)
    return Cleaning.of(work.record_type, field, work.spec.empty_words, [text for text in said if text])


def _found(
    work: Work, columns: Mapping[str, MappedColumn], cleanings: Mapping[str, Cleaning], table: str, signs: Signs
) -> tuple[frozenset[str], frozenset[str]]:
    """The fields whose column has cells to be trimmed, and those whose column has cells to be cleaned."""
    cells = {name: quote(column.column_name) for name, column in columns.items()}
    beyond = signs.beyond_ascii
    tests = {("untidy", name): _is_untidy(cell, signs, ascii_only=name in cleanings) for name, cell in cells.items()}
    tests |= {
        ("unclean", name): cleaning.is_unclean(cells[name], beyond_ascii=beyond) for name, cleaning in cleanings.items()
    }
    true = _true_anywhere(work, tests, table)
    untidy = frozenset(name for what, name in true if what == "untidy")
    unclean = frozenset(name for what, name in true if what == "unclean")
    hidden = [name for name in untidy - unclean if name in cleanings]  # behind the space something else may stand
    behind = {
        ("unclean", name): cleanings[name].is_unclean(trimmed(cells[name]), beyond_ascii=beyond) for name in hidden
    }
    found = _true_anywhere(work, behind, table)
    return untidy, unclean | {name for _, name in found}


def _true_anywhere(work: Work, tests: Mapping[tuple[str, str], str], table: str) -> list[tuple[str, str]]:
    if not tests:
        return []
    found = work.execute(f"SELECT {', '.join(f'bool_or({test})' for test in tests.values())} FROM {table}").fetchone()
    return [key for key, is_true in zip(tests, found or (), strict=True) if is_true]


def _is_untidy(column: str, signs: Signs, *, ascii_only: bool) -> str:
    """SQL, cheap and never too narrow, of whether trimming would change a cell or find it empty."""
    spaces = _ASCII_SPACE if ascii_only else WHITE_SPACE  # other spaces are found by what cleans the cells
    spaces = [one for one in spaces if one == " " or (signs.control if one in _ASCII_SPACE else signs.beyond_ascii)]
    ends = " OR ".join(f"suffix({column}, {literal(space)})" for space in spaces)
    wide = "".join(f" OR prefix({column}, {literal(space)})" for space in spaces if space > " ")
    return f"{column} < '!' OR {ends}{wide}"


def _make_clean_cells(
    work: Work,
    columns: Mapping[str, MappedColumn],
    unclean: Mapping[str, Cleaning],
    all_cleanings: Mapping[str, Cleaning],
    table: str,
    row_number: str,
    signs: Signs,
) -> None:
    """Make `clean_cells` of the rows with such a cell, and note the cells that say that they are empty.

    In steps, each a subquery, so that no text is cleaned twice: what is unclean, trimmed, without what cannot be seen,
    without what is around it.
    """
    cell = {name: quote(columns[name].column_name) for name in columns}
    flag, plain, bare, empty = (
        {name: quote(f"{columns[name].column_name} {what}") for name in unclean}
        for what in ("is unclean", "plain", "bare", "empty")
    )
    flags = ", ".join(
        f"{one.is_unclean(cell[name], beyond_ascii=signs.beyond_ascii)} "
        f"OR {_is_untidy(cell[name], signs, ascii_only=True)} AS {flag[name]}"
        for name, one in unclean.items()
    )
    trims = ", ".join(
        f"CASE WHEN {flag[name]} THEN nullif({trimmed(cell[name])}, '') ELSE {cell[name]} END AS {cell[name]}"
        for name in unclean
    )
    plains = ", ".join(
        f"CASE WHEN {flag[name]} THEN {one.plain(cell[name])} ELSE {cell[name]} END AS {plain[name]}"
        for name, one in unclean.items()
    )
    bares = ", ".join(
        f"CASE WHEN {flag[name]} THEN {one.bare(plain[name])} ELSE {cell[name]} END AS {bare[name]}"
        for name, one in unclean.items()
    )
    texts = {name: cell[name] if name in unclean else f"nullif({trimmed(cell[name])}, '')" for name in columns}
    empties = ", ".join(
        f"{flag[name]} AND {one.is_empty(cell[name], bare[name], _beside(name, all_cleanings, texts))} AS {empty[name]}"
        for name, one in unclean.items()
    )
    values = ", ".join(
        f"CASE WHEN {empty[name]} THEN NULL WHEN {flag[name]} THEN {one.value(cell[name], bare[name])} "
        f"ELSE {cell[name]} END AS {cell[name]}"
        for name, one in unclean.items()
    )
    before = {name: quote(f"{columns[name].column_name} before") for name in unclean}
    kept = ", ".join(f"CASE WHEN {empty[name]} THEN {cell[name]} END AS {before[name]}" for name in unclean)
    work.create(
        CLEAN_CELLS,
        f"""
        SELECT row_number, {values}, {kept}
        FROM (
            SELECT *, {empties}
            FROM (
                SELECT *, {bares}
                FROM (
                    SELECT *, {plains}
                    FROM (
                        SELECT * REPLACE ({trims})
                        FROM (SELECT {_numbered(row_number)}, {flags} FROM {table})
                        WHERE {" OR ".join(flag.values())}
                    )
                )
            )
        )
        """,
    )
    _make_changes(work)
    for name in unclean:
        bind = Parameters()
        work.execute(
            f"""
            INSERT INTO {CELL_CHANGES}
            SELECT row_number, {bind.bind(name)}, {bind.bind(NO_VALUE)}, {before[name]}
            FROM {CLEAN_CELLS} WHERE {before[name]} IS NOT NULL
            """,
            bind,
        )


def _numbered(row_number: str) -> str:
    """SQL of all columns of a table, with the number of the row among them."""
    return "*" if row_number == "row_number" else f"{row_number} AS row_number, *"


def _beside(name: str, cleanings: Mapping[str, Cleaning], texts: Mapping[str, str]) -> list[str]:
    """SQL of the names of people that a row gives in other fields."""
    return [texts[other] for other, cleaning in cleanings.items() if cleaning.is_name and other != name]


def note_turned_round(work: Work, field: str, table: str, row_number: str, text: str) -> None:
    """Note the cells of a column that says the opposite of its field.

    Args:
        work: The import at work.
        field: The field.
        table: Where the cells are.
        row_number: SQL of the number of a row of that table.
        text: SQL of their text.
    """
    _make_changes(work)
    work.execute(
        f"""
        INSERT INTO {CELL_CHANGES}
        SELECT {row_number}, {literal(field)}, {literal(TURNED_ROUND)}, {text} FROM {table} WHERE {text} IS NOT NULL
        """
    )


def _make_changes(work: Work) -> None:
    columns = "row_number BIGINT, field VARCHAR, code VARCHAR, value VARCHAR"
    work.execute(f"CREATE TABLE IF NOT EXISTS {CELL_CHANGES} ({columns})")
