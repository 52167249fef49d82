"""Cells in which a spreadsheet shows an error, or a formula whose result its file does not hold: they have no value.

One cheap pass finds the columns that may have such cells; only these are searched.
"""

from import_pipeline.phases.cells import Cells
from import_pipeline.phases.signs import OF_ERRORS
from import_pipeline.phases.work import Work
from import_pipeline.sql import Parameters, literal, quote, quoted_list
from import_pipeline.words import DefectLevel, Phase

ERROR_VALUE = "error_value"
FORMULA_WITHOUT_RESULT = "formula_without_result"
_FORMULA = "#FORMULA!"
_ERRORS = tuple(
    """
    #NULL! #DIV/0! #VALUE! #REF! #NAME? #NUM! #N/A #GETTING_DATA #SPILL! #CALC! #FIELD! #BLOCKED! #CONNECT!
    #UNKNOWN! #BUSY! #ERROR! #NV #BEZUG! #WERT! #ZAHL! #VALEUR! #NOMBRE! #NOM? #NUL! #¡NULO! #¡DIV/0! #¡VALOR!
    #¡REF! #¿NOMBRE? #¡NUM! #N/D #NULLO! #VALORE! #RIF! #NOME? #NULO! #VALOR! #NÚM! #LEEG! #DEEL/0! #WAARDE! #VERW!
    #NAAM? #GETAL! #N/B #ZERO! #DZIEL/0! #ARG! #ADR! #NAZWA? #LICZBA! #N/D! #SKÄRNING! #DIVISION/0! #VÄRDEFEL!
    #REFERENS! #NAMN? #OGILTIGT! #SAKNAS!
    """.split()  # noqa: SIM905 (words are read more easily than a list of strings)
)
"""The errors of spreadsheets in English, and where they are others in German, French, Spanish, Italian, Portuguese,
Dutch, Polish and Swedish."""
_MESSAGES = {
    ERROR_VALUE: "The cell shows an error of a spreadsheet and holds no value. Correct it there, or empty it.",
    FORMULA_WITHOUT_RESULT: "The cell holds a formula, but the file does not hold its result. Open the workbook in a "
    "spreadsheet program, save it there, and import it again.",
}


def report_error_cells(work: Work, cells: Cells) -> frozenset[str]:
    """Write a defect for every mapped cell that shows an error instead of a value.

    Returns:
        The fields in which there are any.
    """
    found = []
    for field in _suspects(work, cells):
        bind = Parameters()
        text = cells.text(field, bind)
        formula = f"prefix({text}, {literal(_FORMULA)})"
        values = {
            "column": bind.bind(cells.columns[field].column),
            "field": bind.bind(field),
            "phase": bind.bind(str(Phase.PREVALIDATION)),
            "code": f"CASE WHEN {formula} THEN {literal(FORMULA_WITHOUT_RESULT)} ELSE {literal(ERROR_VALUE)} END",
            "message": f"CASE WHEN {formula} THEN {bind.bind(_MESSAGES[FORMULA_WITHOUT_RESULT])} "
            f"ELSE {bind.bind(_MESSAGES[ERROR_VALUE])} END",
            "level": bind.bind(str(DefectLevel.ERROR)),
            "value": text,
        }
        told = ", ".join(f"{sql} AS {quoted_list([name])}" for name, sql in values.items())
        inserted = work.execute(
            f"""
            INSERT INTO defects BY NAME
            SELECT {cells.row_number} AS row_number, {told} FROM {cells.table} WHERE {is_error(text)}
            """,
            bind,
        ).fetchone()
        if inserted and inserted[0]:
            found.append(field)
    return frozenset(found)


def is_error(text_sql: str) -> str:
    """SQL of whether a text is an error of a spreadsheet, or stands for a formula without result."""
    errors = ", ".join(map(literal, _ERRORS))
    patterns = f"prefix({text_sql}, {literal(_FORMULA)}) OR regexp_full_match({text_sql}, 'Err:\\d{{3}}')"
    return f"coalesce({text_sql} IN ({errors}) OR {patterns}, false)"


def _suspects(work: Work, cells: Cells) -> list[str]:
    """The fields whose column has a cell that begins as errors do."""
    if not cells.columns or not cells.signs.of_error:
        return []
    tests = []
    for column in cells.columns.values():
        text = quote(column.column_name)
        tests.append(f"bool_or({' OR '.join(f'prefix({text}, {literal(sign)})' for sign in OF_ERRORS)})")
    found = work.execute(f"SELECT {', '.join(tests)} FROM {cells.table}").fetchone() or ()
    return [field for field, suspect in zip(cells.columns, found, strict=True) if suspect]
