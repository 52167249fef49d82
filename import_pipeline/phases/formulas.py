"""Cells that a spreadsheet would take for formulas: made harmless in every file that is given out, and taken back.

Such a cell gets a leading apostrophe. A cell that already begins with apostrophes before such a character gets one
more, so that taking one away gives the cell as it was. On the way in nothing is changed, for phones begin with +; only
in a file that was given out, which is known by its columns, the apostrophes are taken back.
"""

import re
from collections.abc import Sequence

from import_pipeline.sql import literal

ERROR_COLUMNS = ("import_row_number", "import_error_codes", "import_error_messages")
"""What an errors file has on top of the columns of its import."""
GUARDED_COLUMN = "import_apostrophes"
"""What a payload that is given out as CSV has on top, if a cell of it was made harmless: how many of its row were."""

_BEGINS_FORMULA = "[=+\\-@\\t\\r\\n\uff1d\uff0b\uff0d\uff20]"  # last: their full-width forms
_FORMULA = f"^'*{_BEGINS_FORMULA}"
_MADE_HARMLESS = f"^'('*{_BEGINS_FORMULA})"


def harmless(cell_sql: str) -> str:
    """SQL of a text cell in a form that no spreadsheet runs as a formula."""
    return f"CASE WHEN {is_formula(cell_sql)} THEN '''' || {cell_sql} ELSE {cell_sql} END"


def is_formula(cell_sql: str) -> str:
    """SQL of whether a cell is one that `harmless` changes."""
    return f"regexp_matches({cell_sql}, {literal(_FORMULA)})"


def as_it_was(cell_sql: str) -> str:
    """SQL of a cell that `harmless` gave, as it was before."""
    return f"regexp_replace({cell_sql}, {literal(_MADE_HARMLESS)}, '\\1')"


def may_be_harmless(cell_sql: str) -> str:
    """SQL of whether a cell is one that `harmless` changed."""
    return f"regexp_matches({cell_sql}, {literal(_MADE_HARMLESS)})"


def harmless_text(text: str) -> str:
    """The name of a column in the form that `harmless` gives to cells.

    >>> harmless_text("=1+1"), harmless_text("Name")
    ("'=1+1", 'Name')
    """
    return f"'{text}" if re.match(_FORMULA, text) else text


def text_as_it_was(text: str) -> str:
    """The name of a column that `harmless_text` gave, as it was before.

    >>> text_as_it_was("'=1+1"), text_as_it_was("'tis")
    ('=1+1', "'tis")
    """
    return text[1:] if re.match(_MADE_HARMLESS, text) else text


def is_errors_file(columns: Sequence[str]) -> bool:
    """Whether these are the columns of an errors file.

    >>> is_errors_file(["Email", "import_row_number", "import_error_codes", "import_error_messages"])
    True
    """
    return set(ERROR_COLUMNS) <= set(columns)
