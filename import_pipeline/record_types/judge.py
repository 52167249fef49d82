"""Judging typed rows by the Pandera schema of their record type.

SQL finds the rows that a rule could refuse (`suspect_flags`), Pandera judges these and names every failure (`judge`).
Checks that have no SQL are judged over all rows: `uncompiled` names their fields.
"""

import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from import_pipeline.record_types import rules
from import_pipeline.record_types.record_type import RecordType
from import_pipeline.sql import Parameters, quote
from import_pipeline.words import DefectLevel

if TYPE_CHECKING:
    import numpy
    import pandas
    from pandera.errors import SchemaError
    from pandera.pandas import Check

MISSING = "missing_value"
_MISSING_MESSAGE = "No value, and this field needs one: fill the cell, or leave the row out."
_RESULT = ("row_number", "field", "code", "message", "value", "level")


def suspect_flags(
    record_type: RecordType, fields: Sequence[str], bind: Parameters, kept: Collection[str] = ()
) -> dict[str, str]:
    """SQL expressions, true for every row in which a field could be refused; NULL is as good as false.

    Args:
        record_type: The record type.
        fields: The mapped fields; those without rules and those in `uncompiled` are left out of the answer.
        bind: Where the values of the statement go.
        kept: Names of checks that all values are known to keep.

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
        open_checks = [check for check in column.checks if check.name not in kept]
        parts += [predicate for check in open_checks if (predicate := _predicate(check, quote(name), bind))]
        parts += [_between_predicate(check, bind) for check in _between(record_type, name)]
        if parts:
            flags[name] = f"({' OR '.join(f'({part})' for part in parts)})"
    return flags


def suspects(record_type: RecordType, fields: Sequence[str], flags: Mapping[str, str]) -> str:
    """SELECT of the rows of `typed_rows` that could be refused, with what `judge` needs of them.

    A value that no rule could refuse is left empty, so that it is not judged, unless a rule refuses what is empty or
    looks at several fields.

    Args:
        record_type: The record type.
        fields: The mapped fields.
        flags: What `suspect_flags` says of them; at least one.
    """
    columns, whole = ["row_number"], record_type.schema.checks or ()
    for name in _known(record_type, fields if whole else flags):
        column = record_type.schema.columns[name]
        may_be_empty = not whole and column.nullable and all(check.ignore_na for check in column.checks)
        shown = f"CASE WHEN {flags[name]} THEN {quote(name)} END AS {quote(name)}" if may_be_empty else quote(name)
        columns.append(shown)
    return f"SELECT {', '.join(columns)} FROM typed_rows WHERE {' OR '.join(flags.values())}"


def uncompiled(record_type: RecordType, fields: Sequence[str]) -> tuple[str, ...]:
    """The fields with a check that has no SQL: `judge` must see all their rows."""
    known = _known(record_type, fields)
    if not _between_compiles(record_type):  # such rules are of no one field, so none can be left out
        return known
    columns = record_type.schema.columns
    return tuple(
        name
        for name in known
        if any(_predicate(check, quote(name), Parameters()) is None for check in columns[name].checks)
    )


def judge(record_type: RecordType, frame: "pandas.DataFrame", *, between: bool = True) -> "pandas.DataFrame":
    """Let Pandera judge rows and name all their failures.

    Args:
        record_type: The record type.
        frame: A column `row_number` and typed columns named as their fields; other columns are not looked at.
        between: Whether the rules between fields are judged too; the frame then holds all their fields.

    Returns:
        One line for each failure, in the order of rows and then fields: `row_number` (int64), `field` (None for a rule
        between fields), `code`, `message` (what is wrong and what would be right), `value` (text, or None), `level`.

    Raises:
        TypeError: A check itself broke, or a column is not of its field's type.
    """
    import pandas
    from pandera.errors import SchemaErrors
    from pandera.pandas import DataFrameSchema

    nothing = pandas.DataFrame(
        {name: pandas.Series(dtype="int64" if name == "row_number" else "str") for name in _RESULT}
    )
    if frame.empty:
        return nothing
    _load_checks()
    names = _known(record_type, frame.columns)
    typed = frame.loc[:, list(names)].reset_index(drop=True)
    typed = typed.astype({name: record_type.field(name).type.pandas_type for name in names})
    row_numbers = frame["row_number"].to_numpy()
    whole = record_type.schema
    schema = DataFrameSchema({name: whole.columns[name] for name in names}, checks=whole.checks if between else None)
    try:
        schema.validate(typed, lazy=True)
    except SchemaErrors as errors:
        failures = pandas.concat([_failures(error, row_numbers, names) for error in errors.schema_errors])
        failures = failures.drop_duplicates(["row_number", "field", "code", "level"])
        failures = failures.sort_values(["row_number", "position"], kind="stable", ignore_index=True)
        return failures.drop(columns="position")
    return nothing


@cache
def _load_checks() -> None:
    """Load Pandera's checks without Hypothesis: where that is installed, they would load it to make up test data."""
    if "hypothesis" in sys.modules:
        return
    sys.modules["hypothesis"] = None  # pyright: ignore[reportArgumentType] - whose import fails, as if it were not there
    try:
        import_module("pandera.backends.pandas.builtin_checks")
    finally:
        del sys.modules["hypothesis"]


def _known(record_type: RecordType, fields: Iterable[str]) -> tuple[str, ...]:
    """The fields of the record type among these, in the model's order; `id` and the like have no rules."""
    wanted = set(fields)
    return tuple(name for name in record_type.field_names if name in wanted)


def _predicate(check: "Check", column_sql: str, bind: Parameters) -> str | None:
    rule = rules.of(check)
    return None if rule is None else rule.suspects(column_sql, rules.statistics_of(check), bind)


def _between(record_type: RecordType, name: str) -> "list[Check]":
    """The rules between fields that are about this field."""
    return [check for check in record_type.schema.checks or () if (check.statistics or {}).get("field") == name]


def _between_predicate(check: "Check", bind: Parameters) -> str | None:
    field = (check.statistics or {}).get("field")
    return _predicate(check, quote(field), bind) if field else None


def _between_compiles(record_type: RecordType) -> bool:
    return all(_between_predicate(check, Parameters()) is not None for check in record_type.schema.checks or ())


def _failures(error: "SchemaError", row_numbers: "numpy.ndarray", names: tuple[str, ...]) -> "pandas.DataFrame":
    """The failures of one check, as lines of the result with the position of their field."""
    import pandas
    from pandera.errors import SchemaErrorReason

    field, level = error.schema.name, str(DefectLevel.ERROR)
    if error.reason_code is SchemaErrorReason.SERIES_CONTAINS_NULLS:
        code, message = MISSING, _MISSING_MESSAGE
    elif error.reason_code is SchemaErrorReason.DATAFRAME_CHECK and error.check is not None:
        code, message = _words_of(error.check)
        level = rules.level_of(error.check)
    else:
        raise TypeError(f"Pandera could not judge {error.schema.name!r} ({error.reason_code}): {error}")
    cases = pandas.DataFrame(error.failure_cases).drop_duplicates("index")
    has_value = field in names
    if not has_value and error.check is not None:
        field = (error.check.statistics or {}).get("field")  # the field that a rule between fields is about
    is_of_field = field in names
    return pandas.DataFrame(
        {
            "row_number": row_numbers[cases["index"].to_numpy(dtype="int64")],
            "field": pandas.Series(field if is_of_field else None, cases.index, dtype="str"),
            "code": pandas.Series(code, cases.index, dtype="str"),
            "message": pandas.Series(message, cases.index, dtype="str"),
            "value": cases["failure_case"].map(str, na_action="ignore").astype("str")
            if has_value
            else pandas.Series(None, cases.index, dtype="str"),
            "level": pandas.Series(level, cases.index, dtype="str"),
            "position": names.index(field) if is_of_field else len(names),
        }
    )


def _words_of(check: "Check") -> tuple[str, str]:
    """Code and message of a check: its rule's, or what the check says of itself."""
    rule = rules.of(check)
    if rule is None:
        return check.name or "invalid_value", f"Refused by the rule {check.error or check.name}: correct the value."
    statistics = rules.statistics_of(check)
    return rule.CODE, statistics.get("message") or rule.message(statistics)
