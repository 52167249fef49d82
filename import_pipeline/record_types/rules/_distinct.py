"""How a rule that needs Python judges a column: each distinct value once."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas


def on_distinct(values: "pandas.Series", is_valid: Callable[[str], bool]) -> "pandas.Series":
    """Whether each value is valid; nulls are.

    Args:
        values: A column of text.
        is_valid: Judges one value.
    """
    verdicts = {value: is_valid(value) for value in values.dropna().unique().tolist()}
    return values.map(verdicts).fillna(True).astype(bool)
