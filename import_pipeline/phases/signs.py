"""Which signs the cells of a file hold anywhere, so that nobody looks cell by cell for those that there are none of.

One pass over whole rows finds them: their cells are put together, which takes a third of looking at each.
"""

from collections.abc import Collection
from dataclasses import dataclass

from import_pipeline.phases.work import Work
from import_pipeline.sql import literal, quote, quoted_list

_CONTROL = r"[\x00-\x1F\x7F]"
_DELETE = "\x7f"


@dataclass(frozen=True)
class Signs:
    """What may be among the cells; what is False is in none of them.

    Attributes:
        beyond_ascii: Any character that is none of ASCII.
        control: A control character of ASCII, tabs and line ends among them.
        bracket: A square bracket that opens.
        of_error: What errors of spreadsheets begin with, in any writing of its signs.
        blank: A row with nothing but spaces in these cells.
    """

    beyond_ascii: bool = True
    control: bool = True
    bracket: bool = True
    of_error: bool = True
    blank: bool = True


ANY_SIGN = Signs()
OF_ERRORS = ("#", "Err:")
ROW_BYTES = 16_384
"""So long the cells of a row are together at most; of one that may be longer, all signs are taken to be there."""


def find_signs(work: Work, columns: Collection[str]) -> Signs:
    """Find the signs of some columns of `source_text`."""
    if not columns:
        return ANY_SIGN
    # What JSON writes as an escape makes the text longer: all control characters but one, quotes and backslashes.
    is_plain = f"strlen(to_json(text)) = strlen(text) + 2 AND NOT contains(text, {literal(_DELETE)})"
    tests = {
        "beyond_ascii": "strlen(text) <> length(text)",
        "control": f"CASE WHEN {is_plain} THEN false ELSE regexp_matches(text, {literal(_CONTROL)}) END",
        "bracket": "contains(text, '[')",
        "of_error": " OR ".join(f"contains(text, {literal(sign)})" for sign in OF_ERRORS),
        "blank": "CASE WHEN text >= '!' THEN false ELSE trim(text) = '' END",
    }
    is_long = " OR ".join(f"strlen({quote(column)}) > {ROW_BYTES // len(columns)}" for column in columns)
    found = work.execute(
        f"""
        SELECT {", ".join(f"coalesce(bool_or(coalesce({test}, true)), false)" for test in tests.values())}
        FROM (SELECT CASE WHEN {is_long} THEN NULL ELSE concat({quoted_list(columns)}) END AS text FROM source_text)
        """
    ).fetchone()
    signs = dict(zip(tests, found or (), strict=True))
    signs["of_error"] |= signs["beyond_ascii"]  # in full width they become those of ASCII
    return Signs(**signs)
