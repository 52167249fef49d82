"""A regular expression is found in the text, or is not: with the options that JavaScript calls i, s and m.

Only what RE2 knows is taken: the patterns come from people we do not know, and RE2 needs no more than linear time.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import SpecError
from import_pipeline.record_types.rules._re2 import are_found, problem_of
from import_pipeline.sql import Parameters

if TYPE_CHECKING:
    import pandas
    from pandera.pandas import Check

CHECKS = ("finds", "finds_not")
CODE = "wrong_format"

FLAGS = {"ignoreCase": "i", "dotAll": "s", "multiline": "m"}
MAX_PATTERN = 1_000


def check(regex: str, *, wanted: bool = True, options: Iterable[str] = ()) -> "Check":
    """The pattern is found somewhere in the text (`wanted`), or nowhere.

    Args:
        regex: The pattern; anchor it with ^ and $ to match the whole text.
        wanted: Whether it has to be found.
        options: Of FLAGS those that are set.

    Raises:
        SpecError: The pattern is too long, or RE2 does not take it.
    """
    from pandera.pandas import Check

    if len(regex) > MAX_PATTERN:
        raise SpecError(
            f"A pattern of {len(regex)} characters is too long: write at most {MAX_PATTERN}.", pattern=regex[:80]
        )
    pattern = _with_flags(regex, options)
    problem = problem_of(pattern)
    if problem is not None:
        raise SpecError(
            f"The pattern {regex!r} cannot be used: {problem}. Write it in RE2 syntax, "
            "which has no look-around and no back-references.",
            pattern=regex,
        )
    name = "finds" if wanted else "finds_not"
    return Check(
        _are_found if wanted else _are_not_found,
        name=name,
        error=f"{name}({regex!r})",
        statistics={"pattern": pattern, "regex": regex},
        pattern=pattern,
        ignore_na=True,
    )


def suspects(column: str, statistics: Mapping[str, Any], bind: Parameters) -> str | None:
    """The check itself."""
    found = f"regexp_matches({column}, {bind.bind(statistics['pattern'])})"
    return f"NOT {found}" if statistics["check"] == "finds" else found


def message(statistics: Mapping[str, Any]) -> str:
    """Name the pattern."""
    if statistics["check"] == "finds":
        return f"Not in the form wanted: write text in which {statistics['regex']} is found."
    return f"In a form that is not allowed: write text in which {statistics['regex']} is not found."


def _with_flags(regex: str, options: Iterable[str]) -> str:
    flags = "".join(sorted(FLAGS[option] for option in set(options)))
    return f"(?{flags}){regex}" if flags else regex


def _are_found(values: "pandas.Series", pattern: str) -> "pandas.Series":
    return are_found(values, pattern)


def _are_not_found(values: "pandas.Series", pattern: str) -> "pandas.Series":
    return ~are_found(values, pattern)
