"""The one place that turns names and values into SQL text: identifiers are quoted here, values are bound here.

Every statement of the project takes its table and column names through `quote` and its values
through `Parameters.bind`.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

WHITE_SPACE = " \t\r\n\v\f\u00a0\ufeff"
"""What is dropped around the text of a cell, and around the entries of a list."""


_PATTERN = re.compile(r"[*?[]")


def quote(identifier: str) -> str:
    """Quote a table or column name for DuckDB.

    Raises:
        ValueError: The name is empty or holds a NUL character.

    >>> quote('full name')
    '"full name"'
    """
    if not identifier or "\x00" in identifier:
        raise ValueError(f"{identifier!r} cannot name a table or column: a name has at least one character and no NUL.")
    return '"' + identifier.replace('"', '""') + '"'


def quoted_list(identifiers: Iterable[str]) -> str:
    """Quote names and join them with commas.

    >>> quoted_list(["id", "email"])
    '"id", "email"'
    """
    return ", ".join(quote(identifier) for identifier in identifiers)


def literal(text: str) -> str:
    """Write a text as a SQL literal, for the few places that take no parameters (ATTACH, SET, views).

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def exact_path(path: Path | str) -> str:
    """A path as DuckDB's functions that read files take it: what would be a pattern in it stands for itself.

    ATTACH, COPY TO and SET take paths as they are.

    >>> exact_path("/homes/h[1]/a*b.csv")
    '/homes/h[[]1]/a[*]b.csv'
    """
    return _PATTERN.sub(r"[\g<0>]", str(path))


def parquet(*paths: Path | str) -> str:
    """SQL of the rows of Parquet files, whatever stands in their paths: no pattern, and no column like year=2024."""
    names = ", ".join(literal(exact_path(path)) for path in paths)
    return f"read_parquet([{names}], hive_partitioning = false)"


def trimmed(text_sql: str) -> str:
    """SQL of a text without white space around it."""
    return f"trim({text_sql}, {literal(WHITE_SPACE)})"


class Parameters(dict[str, Any]):
    """Values of one statement by parameter name; `bind` gives the text that stands for the value.

    >>> parameters = Parameters()
    >>> f"email = {parameters.bind('a@example.com')}", parameters
    ('email = $p1', {'p1': 'a@example.com'})
    """

    def bind(self, value: Any) -> str:
        """Keep a value and return its place in the statement."""
        name = f"p{len(self) + 1}"
        self[name] = value
        return f"${name}"
