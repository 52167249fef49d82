"""What an import tells besides its counts: where rows, records and columns went otherwise than a person may expect.

A notice has a code, a number and a sentence; `reason` of a completed import says all of them. How rows of a code are
counted is in `defect_catalogue.py`, what is said of cells and columns in `cell_notices.py` and `column_notices.py`.
"""

from collections import defaultdict

from import_pipeline.intake.notes import BLANK
from import_pipeline.intake.structural_defects import NO_ROW_CODES, OF_FILE, TRUNCATED
from import_pipeline.phases.cell_notices import cell_notices
from import_pipeline.phases.column_notices import column_notices
from import_pipeline.phases.defect_catalogue import catalogue
from import_pipeline.phases.referring import REFERENCES_CLEARED, STILL_REFERRED_TO, clears
from import_pipeline.phases.report import Notice
from import_pipeline.phases.work import Work
from import_pipeline.sql import literal, quote
from import_pipeline.stores.workspace import has_table
from import_pipeline.words import Action, Phase

COLUMNS_NOT_IMPORTED = "columns_not_imported"
_NAMED_COLUMNS = 100
_COLUMNS_AT_ONCE = 200
"""For thousands of aggregates in one statement DuckDB takes time with the square of their number."""


def notices_of(work: Work) -> dict[str, list[Notice]]:
    """The notices of each import in the workspace, with phase 5 behind it; imports without any are left out."""
    notices: defaultdict[str, list[Notice]] = defaultdict(list)
    codes = {code for (code,) in work.execute("SELECT DISTINCT code FROM defects").fetchall()}
    if not codes.isdisjoint(OF_FILE):
        for code, message in _of_file(work):
            notices[work.import_id].append({"code": code, "count": 1, "message": message})
    if codes or work.spec.action is Action.OVERWRITE or work.has_lines("left_out"):
        for import_id, code, count in _counted_rows(work):
            notices[import_id].append({"code": code, "count": count, "message": _sentence(work, code, count)})
    for told_of in (cell_notices(work, codes), column_notices(work)):
        for import_id, told in told_of.items():
            notices[import_id].extend(told)
    for import_id, columns in _columns_not_imported(work).items():
        filled = {name: count for name, count in columns.items() if count}
        if filled:  # of columns without a value nothing is lost
            message = _of_columns(filled, len(columns) - len(filled))
            notices[import_id].append(
                {"code": COLUMNS_NOT_IMPORTED, "count": len(filled), "message": message, "columns": columns}
            )
    return dict(notices)


def _of_file(work: Work) -> list[tuple[str, str]]:
    """Code and message of what is told of the file as a whole."""
    codes = ", ".join(map(literal, OF_FILE))
    return work.execute(
        f"SELECT code, message FROM defects WHERE row_number IS NULL AND code IN ({codes}) ORDER BY ALL"
    ).fetchall()


def _counted_rows(work: Work) -> list[tuple[str, str, int]]:
    """Import, code and number of rows, or of records, for each code that is told."""
    codes = ", ".join(map(literal, ["possible_duplicate", "kept_value", "unknown_id"]))
    return work.execute(
        f"""
        WITH given AS (
            SELECT row_number, reason AS code FROM left_out
            WHERE phase = $prevalidation AND reason IN ({", ".join(map(literal, [*NO_ROW_CODES, BLANK]))})
            UNION
            SELECT row_number, code FROM defects
            WHERE row_number IS NOT NULL AND level <> 'error' AND code IN ({codes}, $referred, $cleared)
        )
        SELECT {work.import_of("given.row_number")} AS import_id, code, count(*) FROM given GROUP BY ALL
        UNION ALL
        SELECT $import_id, $truncated, 1 FROM defects WHERE row_number IS NULL AND code = $truncated
        {_of_absent_records(work)}
        ORDER BY ALL
        """,
        {
            "prevalidation": str(Phase.PREVALIDATION),
            "referred": STILL_REFERRED_TO,
            "cleared": REFERENCES_CLEARED,
            "truncated": TRUNCATED,
            "import_id": work.import_id,
        },
    ).fetchall()


def _of_absent_records(work: Work) -> str:
    """The records that an overwrite would delete and that others refer to, to be added to what is counted."""
    if work.spec.action is not Action.OVERWRITE or not has_table(work.connection, STILL_REFERRED_TO):
        return ""
    code = "$cleared" if clears(work) else "$referred"
    return f"UNION ALL SELECT $import_id, {code}, count(*) FROM {STILL_REFERRED_TO} HAVING count(*) > 0"


def _sentence(work: Work, code: str, count: int) -> str:
    counted = catalogue()[code].counted
    assert counted is not None, f"The catalogue does not say how rows of {code!r} are counted."
    named = counted[0 if count == 1 else 1].format(name=work.record_type.name, plural=work.record_type.plural)
    return f"{count:,} {named}."


def _columns_not_imported(work: Work) -> dict[str, dict[str, int]]:
    """Import → column that went to no field and is kept nowhere → how many values it holds."""
    if work.spec.keep_unmapped:
        return {}
    found = work.execute(
        "SELECT name, column_name FROM source_columns WHERE field IS NULL ORDER BY position"
    ).fetchall()
    if not found:
        return {}
    counted: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for begin in range(0, len(found), _COLUMNS_AT_ONCE):
        some = found[begin : begin + _COLUMNS_AT_ONCE]
        counts = ", ".join(f"count(nullif(trim({quote(column_name)}), ''))" for _, column_name in some)
        rows = work.execute(
            f"""
            SELECT {work.import_of("source.row_number")} AS import_id, {counts}
            FROM (SELECT rowid + 1 AS row_number, * FROM source_text) AS source
            WHERE {work.is_in_batch("source.row_number")}
            GROUP BY import_id
            """
        ).fetchall()
        for import_id, *values in rows:
            counted[import_id] |= {name: count for (name, _), count in zip(some, values, strict=True)}
    return dict(counted)


def _of_columns(columns: dict[str, int], empty: int) -> str:
    named = [f"{name!r} ({count:,} {'value' if count == 1 else 'values'})" for name, count in columns.items()]
    more = f" and {len(named) - _NAMED_COLUMNS} more" if len(named) > _NAMED_COLUMNS else ""
    were, them = ("column was", "it") if len(columns) == 1 else ("columns were", "them")
    others = f"; {empty:,} more {'has' if empty == 1 else 'have'} no values" if empty else ""
    return (
        f"{len(columns)} {were} not imported: {', '.join(named[:_NAMED_COLUMNS])}{more}{others}. "
        f"To import {them}, too, map {them} to fields, or keep {them} in `extra` (keep_unmapped, --keep-unmapped)."
    )
