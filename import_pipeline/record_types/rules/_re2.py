"""How a rule judges text by RE2: in Arrow as in DuckDB, in time linear to the text."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas


def are_found(values: "pandas.Series", pattern: str) -> "pandas.Series":
    """Whether the pattern is found somewhere in each value; in nulls it is not."""
    import pandas
    import pyarrow
    from pyarrow import compute

    texts = pyarrow.array(values, type=pyarrow.large_string(), from_pandas=True)
    options = compute.MatchSubstringOptions(pattern)
    verdicts = compute.call_function("match_substring_regex", [texts], options).fill_null(False)
    return pandas.Series(verdicts.to_numpy(zero_copy_only=False), index=values.index, dtype=bool)


def problem_of(pattern: str) -> str | None:
    """Why RE2 does not take a pattern, or None if it does."""
    import pyarrow
    from pyarrow import compute

    try:
        compute.call_function("match_substring_regex", [pyarrow.array(["x"])], compute.MatchSubstringOptions(pattern))
    except pyarrow.ArrowInvalid as error:
        return str(error)
    return None
