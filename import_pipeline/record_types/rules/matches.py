"""Text matches a regular expression as a whole."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import SpecError
from import_pipeline.record_types.rules._distinct import on_distinct
from import_pipeline.sql import Parameters

if TYPE_CHECKING:
    import pandas
    from pandera.pandas import Check

CHECKS = ("matches",)
CODE = "wrong_format"


def check(pattern: str, *, example: str | None = None) -> "Check":
    """The whole text must match `pattern`; `example` shows people a text that does.

    A pattern that RE2 knows is judged by RE2 (in Arrow as in DuckDB), in time linear to the text. Look-around and
    back-references are Python's: they have no SQL, and all rows are judged.

    Raises:
        SpecError: The pattern is no regular expression.
    """
    from pandera.pandas import Check

    try:
        re.compile(pattern)
    except re.error as error:
        raise SpecError(
            f"The pattern {pattern!r} is no regular expression: {error}. Correct it, or leave the rule out.",
            pattern=pattern,
        ) from error
    judge = _judge_by_re2 if _re2_knows(pattern) else _judge_by_python
    return Check(
        judge,
        name="matches",
        error=f"matches({pattern!r})",
        statistics={"pattern": pattern, "example": example},
        pattern=pattern,
        ignore_na=False,
    )


def suspects(column: str, statistics: Mapping[str, Any], bind: Parameters) -> str | None:
    """The check itself, where RE2 knows the pattern."""
    pattern = statistics["pattern"]
    return f"NOT regexp_full_match({column}, {bind.bind(pattern)})" if _re2_knows(pattern) else None


def message(statistics: Mapping[str, Any]) -> str:
    """Name the pattern, and an example if there is one."""
    example = f", for example {statistics['example']}" if statistics.get("example") else ""
    return f"Not in the form wanted: write text that matches {statistics['pattern']}{example}."


def _judge_by_re2(values: "pandas.Series", pattern: str) -> "pandas.Series":
    import pandas
    import pyarrow
    from pyarrow import compute

    texts = pyarrow.array(values, type=pyarrow.large_string(), from_pandas=True)
    options = compute.MatchSubstringOptions(_whole(pattern))
    verdicts = compute.call_function("match_substring_regex", [texts], options).fill_null(True)
    return pandas.Series(verdicts.to_numpy(zero_copy_only=False), index=values.index, dtype=bool)


def _judge_by_python(values: "pandas.Series", pattern: str) -> "pandas.Series":
    compiled = re.compile(pattern)
    return on_distinct(values, lambda value: compiled.fullmatch(value) is not None)


def _re2_knows(pattern: str) -> bool:
    import pyarrow
    from pyarrow import compute

    try:
        options = compute.MatchSubstringOptions(_whole(pattern))
        compute.call_function("match_substring_regex", [pyarrow.array(["x"])], options)
    except pyarrow.ArrowInvalid:
        return False
    return True


def _whole(pattern: str) -> str:
    return rf"\A(?:{pattern})\z"
