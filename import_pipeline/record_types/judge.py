"""Judging typed rows by the Pandera schema of their record type.

SQL finds the rows that a rule could refuse (`suspect_flags`), Pandera judges these and names every failure (`judge`).
Checks that have no SQL are judged over all rows: `uncompiled` names their fields.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from import_pipeline.record_types import rules
from import_pipeline.record_types.record_type import RecordType
from import_pipeline.sql import Parameters, quote

if TYPE_CHECKING:
    import numpy
    import pandas
    from pandera.errors import SchemaError
    from pandera.pandas import Check

MISSING = "missing_value"
_MISSING_MESSAGE = "No value, and this field needs one: fill the cell, or leave the row out."
_RESULT = ("row_number", "field", "code", "message", "value")


def suspect_flags(record_type: RecordType, fields: Sequence[str], bind: Parameters) -> dict[str, str]:
    """SQL expressions, true for every row in which a field could be refused, never NULL.

    Args:
        record_type: The record type.
        fields: The mapped fields; those without rules and those in `uncompiled` are left out of the answer.
        bind: Where the values of the statement go.

    Returns:
        Field → expression over columns that are named as the fields and hold typed values.
    """
    left_out = set(uncompiled(record_type, fields))
    flags = {}
    for name in _known(record_type, fields):
        column = record_type.schema.columns[name]
        if name in left_out:
            continue
        parts = [] if column.nullable else [f"{quote(name)} IS NULL"]
        parts += [predicate for check in column.checks if (predicate := _predicate(check, quote(name), bind))]
        if parts:
            flags[name] = f"coalesce({' OR '.join(f'({part})' for part in parts)}, false)"
    return flags


def uncompiled(record_type: RecordType, fields: Sequence[str]) -> tuple[str, ...]:
    """The fields with a check that has no SQL: `judge` must see all their rows."""
    known = _known(record_type, fields)
    if record_type.schema.checks:  # rules between fields are of no one field, so none can be left out
        return known
    columns = record_type.schema.columns
    return tuple(
        name
        for name in known
        if any(_predicate(check, quote(name), Parameters()) is None for check in columns[name].checks)
    )


def judge(record_type: RecordType, frame: "pandas.DataFrame") -> "pandas.DataFrame":
    """Let Pandera judge rows and name all their failures.

    Args:
        record_type: The record type.
        frame: A column `row_number` and typed columns named as their fields; other columns are not looked at.

    Returns:
        One line for each failure, in the order of rows and then fields: `row_number` (int64), `field` (None for a rule
        between fields), `code`, `message` (what is wrong and what would be right), `value` (text, or None).

    Raises:
        TypeError: A check itself broke, or a column is not of its field's type.
    """
    import pandas
    from pandera.errors import SchemaErrors

    nothing = pandas.DataFrame(
        {name: pandas.Series(dtype="int64" if name == "row_number" else "str") for name in _RESULT}
    )
    if frame.empty:
        return nothing
    names = _known(record_type, frame.columns)
    typed = frame.loc[:, list(names)].reset_index(drop=True)
    typed = typed.astype({name: record_type.field(name).type.pandas_type for name in names})
    row_numbers = frame["row_number"].to_numpy()
    try:
        record_type.schema.select_columns(list(names)).validate(typed, lazy=True)
    except SchemaErrors as errors:
        failures = pandas.concat([_failures(error, row_numbers, names) for error in errors.schema_errors])
        failures = failures.drop_duplicates(["row_number", "field", "code"])
        failures = failures.sort_values(["row_number", "position"], kind="stable", ignore_index=True)
        return failures.drop(columns="position")
    return nothing


def _known(record_type: RecordType, fields: Iterable[str]) -> tuple[str, ...]:
    """The fields of the record type among these, in the model's order; `id` and the like have no rules."""
    wanted = set(fields)
    return tuple(name for name in record_type.field_names if name in wanted)


def _predicate(check: "Check", column_sql: str, bind: Parameters) -> str | None:
    rule = rules.of(check)
    return None if rule is None else rule.suspects(column_sql, rules.statistics_of(check), bind)


def _failures(error: "SchemaError", row_numbers: "numpy.ndarray", names: tuple[str, ...]) -> "pandas.DataFrame":
    """The failures of one check, as lines of the result with the position of their field."""
    import pandas
    from pandera.errors import SchemaErrorReason

    if error.reason_code is SchemaErrorReason.SERIES_CONTAINS_NULLS:
        code, message = MISSING, _MISSING_MESSAGE
    elif error.reason_code is SchemaErrorReason.DATAFRAME_CHECK and error.check is not None:
        code, message = _words_of(error.check)
    else:
        raise TypeError(f"Pandera could not judge {error.schema.name!r} ({error.reason_code}): {error}")
    cases = pandas.DataFrame(error.failure_cases).drop_duplicates("index")
    is_of_field = error.schema.name in names
    return pandas.DataFrame(
        {
            "row_number": row_numbers[cases["index"].to_numpy(dtype="int64")],
            "field": pandas.Series(error.schema.name if is_of_field else None, cases.index, dtype="str"),
            "code": pandas.Series(code, cases.index, dtype="str"),
            "message": pandas.Series(message, cases.index, dtype="str"),
            "value": cases["failure_case"].map(str, na_action="ignore").astype("str")
            if is_of_field
            else pandas.Series(None, cases.index, dtype="str"),
            "position": names.index(error.schema.name) if is_of_field else len(names),
        }
    )


def _words_of(check: "Check") -> tuple[str, str]:
    """Code and message of a check: its rule's, or what the check says of itself."""
    rule = rules.of(check)
    if rule is None:
        return check.name or "invalid_value", f"Refused by the rule {check.error or check.name}: correct the value."
    return rule.CODE, rule.message(rules.statistics_of(check))
