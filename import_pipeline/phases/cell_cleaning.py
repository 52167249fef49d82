"""Cleaning the mapped columns: one cheap pass finds those that need it, the others are left as they are.

Makes `clean_cells`, the rows with their cleaned texts under the same column names, and `cell_changes(row_number, field,
code, value)`: the cells that said in words that they are empty, or the opposite of their field. Neither is there where
no cell needs it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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


def clean(work: Work, columns: Mapping[str, MappedColumn], table: str, row_number: str) -> CleanedTable:
    """Clean the cells of the mapped columns.

    Args:
        work: The import at work.
        columns: The mapped columns by field.
        table: Where their cells are.
        row_number: SQL of the number of a row of that table.
    """
    work.execute(f"DROP TABLE IF EXISTS {CLEAN_CELLS}")
    work.execute(f"DROP TABLE IF EXISTS {CELL_CHANGES}")
    is_own = work.set_aside is not None  # stored records that were given out come back as they are
    cleanings = {} if is_own else {name: _cleaning(work, name) for name in columns if name != ID_FIELD}
    untidy, unclean = _found(work, columns, cleanings, table)
    if not unclean:
        return CleanedTable(table, row_number, untidy)
    texts = {name: f"nullif({trimmed(quote(columns[name].column_name))}, '')" for name in columns}
    names_of_people = [name for name, cleaning in cleanings.items() if cleaning.is_name]
    cleaned = {}
    for name in unclean:
        beside = [texts[other] for other in names_of_people if other != name]
        text = texts[name]
        cleaned[name] = (
            f"CASE WHEN {cleanings[name].is_unclean(text)} THEN {cleanings[name].cleaned(text, beside)} ELSE {text} END"
        )
        _note_empty(work, name, table, row_number, text, cleanings[name], beside)
    replaced = ", ".join(f"{sql} AS {quote(columns[name].column_name)}" for name, sql in cleaned.items())
    number = "" if row_number == "row_number" else f"{row_number} AS row_number, "
    work.create(CLEAN_CELLS, f"SELECT {number}* REPLACE ({replaced}) FROM {table}")
    return CleanedTable(CLEAN_CELLS, "row_number", untidy - unclean)


def untidy_fields(work: Work, columns: Mapping[str, MappedColumn], table: str) -> frozenset[str]:
    """The fields whose column has a cell that is empty or has white space around it."""
    return _found(work, columns, {}, table)[0]


def _cleaning(work: Work, field: str) -> Cleaning:
    said = [value for value, _ in constant_pairs(work.spec.value_mappings, field)]
    if work.spec.clear_token is not None:
        said.append(work.spec.clear_token)
    return Cleaning.of(work.record_type, field, work.spec.empty_words, [text for text in said if text])


def _found(
    work: Work, columns: Mapping[str, MappedColumn], cleanings: Mapping[str, Cleaning], table: str
) -> tuple[frozenset[str], frozenset[str]]:
    """The fields whose column has cells to be trimmed, and those whose column has cells to be cleaned."""
    cells = {name: quote(column.column_name) for name, column in columns.items()}
    tests = {("untidy", name): _is_untidy(cell, ascii_only=name in cleanings) for name, cell in cells.items()}
    tests |= {("unclean", name): cleaning.is_unclean(cells[name]) for name, cleaning in cleanings.items()}
    true = _true_anywhere(work, tests, table)
    untidy = frozenset(name for what, name in true if what == "untidy")
    unclean = frozenset(name for what, name in true if what == "unclean")
    hidden = [name for name in untidy - unclean if name in cleanings]  # behind the space something else may stand
    found = _true_anywhere(
        work, {("unclean", name): cleanings[name].is_unclean(trimmed(cells[name])) for name in hidden}, table
    )
    return untidy, unclean | {name for _, name in found}


def _true_anywhere(work: Work, tests: Mapping[tuple[str, str], str], table: str) -> list[tuple[str, str]]:
    if not tests:
        return []
    found = work.execute(f"SELECT {', '.join(f'bool_or({test})' for test in tests.values())} FROM {table}").fetchone()
    return [key for key, is_true in zip(tests, found or (), strict=True) if is_true]


def _is_untidy(column: str, *, ascii_only: bool) -> str:
    """SQL, cheap and never too narrow, of whether trimming would change a cell or find it empty."""
    signs = _ASCII_SPACE if ascii_only else WHITE_SPACE  # other spaces are found by what cleans the cells
    ends = " OR ".join(f"suffix({column}, {literal(sign)})" for sign in signs)
    wide = "".join(f" OR prefix({column}, {literal(sign)})" for sign in signs if sign > " ")
    return f"{column} < '!' OR {ends}{wide}"


def _note_empty(
    work: Work, field: str, table: str, row_number: str, text: str, cleaning: Cleaning, beside: Sequence[str]
) -> None:
    bind = Parameters()
    _make_changes(work)
    work.execute(
        f"""
        INSERT INTO {CELL_CHANGES}
        SELECT {row_number}, {bind.bind(field)}, {bind.bind(NO_VALUE)}, {text} FROM {table}
        WHERE CASE WHEN {cleaning.is_unclean(text)} THEN {cleaning.says_nothing(text, beside)} ELSE false END
        """,
        bind,
    )


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
