"""Several values in one cell: the first is its field's, the next fill the further fields, and the rest is told.

A cheap pass finds the texts that may be taken apart; each of them is looked at once, whatever the number of its rows.
Makes `spread_cells`, the rows with the values in their fields, where there are such texts.
"""

from dataclasses import replace

from import_pipeline.phases.cells import Cells
from import_pipeline.phases.work import MappedColumn, Work
from import_pipeline.sql import Parameters, literal, quote
from import_pipeline.words import ID_FIELD, DefectLevel, Phase

SEVERAL_VALUES = "several_values"
TEXT_LEFT_OUT = "text_left_out"
SPREAD_CELLS = "spread_cells"
_FOUND = "found_values"
_SPREAD = "spread_values"
_AT_ONCE = 50_000


def spread_values(work: Work, cells: Cells) -> Cells:
    """Put the values of cells that hold several into the fields that take them, and warn of it.

    A declared type says itself what a cell is to hold, and stored records that come back are as they are: their cells
    are left alone.

    Args:
        work: The import at work.
        cells: The cells as the file has them, cleaned.

    Returns:
        The cells, with a column for each field that has one now.
    """
    work.execute(f"DROP TABLE IF EXISTS {SPREAD_CELLS}")
    if work.record_type.is_inline or work.set_aside is not None:
        return cells
    fields = [field for field in cells.columns if field != ID_FIELD and _find_values(work, cells, field)]
    chains = [chain for chain in _chains(work) if set(chain) & set(fields)]
    if not chains:
        return cells
    taken: dict[str, tuple[str, str]] = {}
    for place, chain in enumerate(chains):
        table = f"{_SPREAD}_{place}"
        work.create(table, _spread(cells, chain))
        taken |= {field: (table, f"value_{at}") for at, field in enumerate(chain)}
        _warn(work, cells, chain, table)
    replaced = [
        f"CASE WHEN {table}.row_number IS NULL THEN given.{quote(cells.columns[field].column_name)}"
        f" ELSE {table}.{value} END AS {quote(cells.columns[field].column_name)}"
        for field, (table, value) in taken.items()
        if field in cells.columns
    ]
    new = {
        field: (f"spread {field}", f"{table}.{value}")
        for field, (table, value) in taken.items()
        if field not in cells.columns and work.number(f"SELECT count({value}) FROM {table}")
    }
    added = "".join(f", {sql} AS {quote(name)}" for name, sql in new.values())
    joins = " ".join(f"LEFT JOIN {_SPREAD}_{place} USING (row_number)" for place in range(len(chains)))
    numbered = "*" if cells.row_number == "row_number" else f"{cells.row_number} AS row_number, *"
    work.create(
        SPREAD_CELLS,
        f"""
        SELECT given.* REPLACE ({", ".join(replaced)}){added}
        FROM (SELECT {numbered} FROM {cells.table}) AS given {joins}
        ORDER BY given.row_number
        """,
    )
    for place in range(len(chains)):
        work.execute(f"DROP TABLE {_SPREAD}_{place}")
    work.execute(f"DROP TABLE {_FOUND}")
    columns = cells.columns | {field: MappedColumn(field, None, name) for field, (name, _) in new.items()}
    return replace(cells, columns=columns, table=SPREAD_CELLS, row_number="row_number")


def _find_values(work: Work, cells: Cells, field: str) -> bool:
    """Take the texts of a column apart that hold several values or more than a value; whether there are any."""
    kind = work.record_type.field(field).type
    text = cells.trimmed(field)
    may_be = kind.may_hold_several(text)
    if may_be is None:
        return False
    texts = work.second_connection()
    texts.execute(f"SELECT DISTINCT {text} FROM {cells.table} WHERE {may_be}")
    is_found = False
    while some := texts.fetchmany(_AT_ONCE):
        found = [(one, values) for (one,) in some if one is not None and (values := kind.values_in(one)) is not None]
        if found:
            is_found = True
            work.execute(
                f'CREATE TABLE IF NOT EXISTS {_FOUND} (field VARCHAR, text VARCHAR, "values" VARCHAR[], rest VARCHAR)'
            )
            work.execute(
                f"""
                INSERT INTO {_FOUND}
                SELECT $field, unnest($texts::VARCHAR[]), unnest($values::VARCHAR[][]), unnest($rests::VARCHAR[])
                """,
                {
                    "field": field,
                    "texts": [one for one, _ in found],
                    "values": [list(values.values) for _, values in found],
                    "rests": [values.left_out for _, values in found],
                },
            )
    texts.close()
    return is_found


def _chains(work: Work) -> list[list[str]]:
    """The fields that take each other's further values, in their order; a field that no other helps is alone."""
    further = work.record_type.further
    helped = {field for fields in further.values() for field in fields}
    return [[field.name, *further.get(field.name, ())] for field in work.record_type.fields if field.name not in helped]


def _spread(cells: Cells, chain: list[str]) -> str:
    """SELECT of the rows in which a cell of these fields was taken apart: `value_N` of each field, and what is `over`.

    Each field has the first value of its own cell; one whose cell is empty takes the next of those before it.
    """
    mapped = [field for field in chain if field in cells.columns]
    own, joins = [], []
    for at, field in enumerate(chain):
        if field not in mapped:
            own.append(f"[]::VARCHAR[] AS own_{at}, NULL::VARCHAR AS text_{at}, NULL::VARCHAR AS rest_{at}")
            continue
        text = f"given.{quote(field)}"
        values = f'coalesce(found_{at}."values", CASE WHEN {text} IS NULL THEN [] ELSE [{text}] END)'
        own.append(
            f"{values} AS own_{at}, CASE WHEN found_{at}.text IS NOT NULL THEN {text} END AS text_{at},"
            f" found_{at}.rest AS rest_{at}"
        )
        joins.append(
            f"LEFT JOIN {_FOUND} AS found_{at} ON found_{at}.field = {literal(field)} AND found_{at}.text = {text}"
        )
    texts = "".join(f", {cells.trimmed(field)} AS {quote(field)}" for field in mapped)
    is_apart = " OR ".join(f"found_{at}.text IS NOT NULL" for at, field in enumerate(chain) if field in mapped)
    firsts = ", ".join(f"own_{at}[1]" for at in range(len(chain)))
    steps = ["own_0[1] AS value_0", "list_filter(own_0[2:], lambda one: NOT list_contains(firsts, one)) AS over_0"]
    for at in range(1, len(chain)):
        further = f"list_filter(own_{at}[2:], lambda one: NOT list_contains(firsts, one))"
        steps.append(f"coalesce(own_{at}[1], over_{at - 1}[1]) AS value_{at}")
        before = f"CASE WHEN len(own_{at}) = 0 THEN over_{at - 1}[2:] ELSE over_{at - 1} END"
        steps.append(f"list_concat({before}, {further}) AS over_{at}")
    return f"""
        SELECT *, {", ".join(steps)}, over_{len(chain) - 1} AS over
        FROM (
            SELECT given.row_number, {", ".join(own)}
            FROM (SELECT {cells.row_number} AS row_number{texts} FROM {cells.table}) AS given
            {" ".join(joins)}
            WHERE {is_apart}
        ) CROSS JOIN LATERAL (SELECT [{firsts}] AS firsts)
    """


def _warn(work: Work, cells: Cells, chain: list[str], table: str) -> None:
    """Warn of each cell that was taken apart: of its further values, and of what was left out of it."""
    for at, field in enumerate(chain):
        if field not in cells.columns:
            continue
        places = [
            f"CASE WHEN len(own_{other}) = 0 AND list_contains(own_{at}[2:], value_{other})"
            f" THEN value_{other} || ' is {work.record_type.field(chain[other]).name}' END"
            for other in range(at + 1, len(chain))
        ]
        went = f"list_filter([{', '.join(places)}]::VARCHAR[], lambda one: one IS NOT NULL)"
        over = f"list_filter(own_{at}, lambda one: list_contains(over, one))"
        message = (
            f"concat('Holds several values: ', own_{at}[1], ' is {field}',"
            f" CASE WHEN len({went}) > 0 THEN ', ' || array_to_string({went}, ', ') END,"
            f" CASE WHEN len({over}) > 0 THEN '; no field is left for ' || array_to_string({over}, ', ') END, '.')"
        )
        rest = f"'Holds more than ' || array_to_string(own_{at}, ', ') || ': ' || rest_{at} || ' was left out.'"
        for code, text, condition in (
            (SEVERAL_VALUES, message, f"len(own_{at}) > 1"),
            (TEXT_LEFT_OUT, rest, f"rest_{at} <> ''"),
        ):
            bind = Parameters()
            work.execute(
                f"""
                INSERT INTO defects BY NAME
                SELECT row_number, {bind.bind(cells.columns[field].column)} AS "column", {bind.bind(field)} AS field,
                    {bind.bind(str(Phase.PREVALIDATION))} AS phase, {bind.bind(code)} AS code, {text} AS message,
                    text_{at} AS value, {bind.bind(str(DefectLevel.WARNING))} AS level
                FROM {table} WHERE text_{at} IS NOT NULL AND {condition}
                """,
                bind,
            )
