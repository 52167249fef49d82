"""Columns that say the opposite of a field: in 'Unsubscribed', 'Opt out' or 'Do not call' a yes is a no.

Whether a header means a refusal, of what, and how its cells are turned round into a field's constants.
"""

import re
from functools import cache
from typing import Literal

from import_pipeline.record_types.lexicon import plain_header
from import_pipeline.record_types.lexicon.refusals import OF_CALLS, OF_MAIL, REFUSALS, UNDONE
from import_pipeline.record_types.lexicon.yes_no import EMPTY_BOXES, FALSE, MARKS, TRUE
from import_pipeline.sql import Parameters

Subject = Literal["mail", "calls"]


@cache
def refusal_of(header: str) -> Subject | None:
    """What a yes in a column of this name refuses, or None where the header is no refusal.

    A refusal of nothing in particular ('Opt out', 'Do not contact') is one of mail, too.

    >>> [refusal_of(header) for header in ("Unsubscribed", "HasOptedOutOfEmail", "Do Not Call", "Email Opt In")]
    ['mail', 'mail', 'calls', None]
    """
    words = plain_header(header)
    if _undone().search(words) or not _refusals().search(words):
        return None
    return "calls" if re.search(OF_CALLS, words) and not re.search(OF_MAIL, words) else "mail"


def means_opposite(header: str) -> bool:
    """Whether a yes in a column of this name is a no to what a field of consent asks.

    >>> means_opposite("Opt-out"), means_opposite("Newsletter")
    (True, False)
    """
    return refusal_of(header) is not None


def turned_round_sql(text_sql: str, refused: str, bind: Parameters) -> str:
    """SQL of what a refusal's cell says of the field that it is the opposite of.

    Args:
        text_sql: SQL of the trimmed text; NULL where empty.
        refused: The constant of the field for whoever refuses.
        bind: Where the values of the statement go.

    Returns:
        The constant where the cell says yes, or when it was refused (a date); NULL where it says no, for who has not
        left need not have joined; any other text as it stands.
    """
    yes, no = bind.bind([*TRUE, *MARKS]), bind.bind([*FALSE, *EMPTY_BOXES])
    return (
        f"CASE WHEN list_contains({yes}, lower({text_sql})) THEN {bind.bind(refused)}"
        f" WHEN list_contains({no}, lower({text_sql})) THEN NULL"
        f" WHEN regexp_matches({text_sql}, '\\b[12][0-9]{{3}}\\b') THEN {bind.bind(refused)}"
        f" ELSE {text_sql} END"
    )


@cache
def _refusals() -> re.Pattern[str]:
    return re.compile(rf"\b({'|'.join(REFUSALS)})\b")


@cache
def _undone() -> re.Pattern[str]:
    return re.compile(rf"\b({'|'.join(UNDONE)})\b")
