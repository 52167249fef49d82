"""How whole columns are written: the guess for a preview, and day-first or month-first, decimal comma or point.

A column is decided by all of its cells, in SQL. Where two readings fit every cell and differ, nothing is decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from import_pipeline.intake.dialect.cell_kinds import TYPED, kind_of
from import_pipeline.sql import quote

_NUMERIC_DATE = r"(\d{1,2})([/.-])(\d{1,2})([/.-])(\d{4})"
_TIME = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp][Mm])?)?"
_NAMED = (
    (r"\d{1,2} [A-Za-z]{3} \d{4}", "%d %b %Y"),
    (r"\d{1,2}-[A-Za-z]{3}-\d{4}", "%d-%b-%Y"),
    (r"\d{1,2} [A-Za-z]{4,9} \d{4}", "%d %B %Y"),
    (r"[A-Za-z]{3} \d{1,2}, \d{4}", "%b %d, %Y"),
    (r"[A-Za-z]{4,9} \d{1,2}, \d{4}", "%B %d, %Y"),
    (r"\d{4}/\d{1,2}/\d{1,2}", "%Y/%m/%d"),
    (r"\d{4}\.\d{1,2}\.\d{1,2}", "%Y.%m.%d"),
)


@dataclass(frozen=True)
class DateWriting:
    """How the dates of a column are written.

    Attributes:
        date_format: Their format in strptime's words; None if they are ISO dates, or if it is not decided.
        alternatives: The formats that fit equally well where that matters: a person has to choose.
        dates: How many cells are dates of this writing.
        others: How many further cells with text there are that are no ISO dates either.
    """

    date_format: str | None
    alternatives: tuple[str, ...] = ()
    dates: int = 0
    others: int = 0

    @property
    def is_ambiguous(self) -> bool:
        """Whether somebody has to say which it is."""
        return bool(self.alternatives)


@dataclass(frozen=True)
class NumberWriting:
    """How the numbers of a column are written.

    Attributes:
        decimal: The decimal mark; None if no number has one, or if it is not decided.
        is_ambiguous: Whether 1,234 (or 1.234) may be a thousand or a fraction, and nothing else in the column tells.
        is_mixed: Whether both marks occur as decimal marks.
    """

    decimal: str | None
    is_ambiguous: bool = False
    is_mixed: bool = False


def type_of(values: Sequence[str]) -> str:
    """A name for what a column's cells look like: one of the typed kinds, `text`, or `empty`."""
    kinds = {kind_of(value) for value in values if value.strip()}
    if not kinds:
        return "empty"
    if len(kinds) == 1 and kinds <= TYPED:
        return kinds.pop()
    return "number" if kinds <= {"integer", "number"} else "text"


def dates_of(connection: duckdb.DuckDBPyConnection, column: str, table: str = "source_text") -> DateWriting:
    """Decide how the dates of a text column are written.

    Two-digit years, ISO weeks and dates without a year are no dates here: they are never guessed.
    """
    found = connection.execute(
        f"""
        WITH texts AS (
            SELECT trim({quote(column)}) AS text
            FROM {quote(table)}
            WHERE trim({quote(column)}) <> ''
        ),
        parts AS (
            SELECT text, regexp_extract(text, $numeric, ['first', 'mark', 'second', 'again', 'year']) AS part
            FROM texts
        )
        SELECT
            count(*) FILTER (part.mark <> '' AND part.mark = part.again) AS numeric_dates,
            max(try_cast(part.first AS INTEGER)) FILTER (part.mark <> '' AND part.mark = part.again) AS first,
            max(try_cast(part.second AS INTEGER)) FILTER (part.mark <> '' AND part.mark = part.again) AS second,
            count(*) FILTER (part.mark <> '' AND part.mark = part.again AND part.first <> part.second) AS differing,
            list_sort(list(DISTINCT part.mark) FILTER (part.mark <> '')) AS marks,
            count(*) FILTER (regexp_full_match(text, $iso)) AS iso,
            count(*) AS cells,
            mode(text) FILTER (part.mark <> '') AS usual,
            {", ".join(f"count(*) FILTER (regexp_full_match(text, $named{i}))" for i in range(len(_NAMED)))}
        FROM parts
        """,
        {
            "numeric": f"^{_NUMERIC_DATE}{_TIME}$",
            "iso": rf"\d{{4}}-\d{{2}}-\d{{2}}{_TIME}.*|\d{{8}}",
            **{f"named{i}": pattern + _TIME for i, (pattern, _) in enumerate(_NAMED)},
        },
    ).fetchone()
    assert found is not None
    numeric, first, second, differing, marks, iso, cells, usual, *named = found
    best = max(range(len(named)), key=lambda i: named[i])
    if named[best] > (numeric or 0):
        others = cells - named[best] - iso
        return DateWriting(_NAMED[best][1], (), named[best], others)
    if not numeric:
        return DateWriting(None, (), iso, cells - iso)
    others = cells - numeric - iso
    mark = marks[0]
    time = _time_format(usual)
    day_first, month_first = f"%d{mark}%m{mark}%Y{time}", f"%m{mark}%d{mark}%Y{time}"
    if len(marks) > 1:
        return DateWriting(None, (), 0, cells - iso)
    if mark == "." or (first > 12 and second <= 12):
        return DateWriting(day_first, (), numeric, others)
    if second > 12 and first <= 12:
        return DateWriting(month_first, (), numeric, others)
    if first > 12:
        # days stand in both places: the column contradicts itself, whatever is chosen
        return DateWriting(None, (day_first, month_first), numeric, others)
    if not differing:
        return DateWriting(day_first, (), numeric, others)
    return DateWriting(None, (day_first, month_first), numeric, others)


def _time_format(text: str) -> str:
    """The format of the time behind a date, by its usual shape."""
    time = text[10:].strip() if len(text) > 10 else ""
    if not time:
        return ""
    between = "T" if "T" in text[:11] else " "
    seconds = ":%S" if time.count(":") == 2 else ""
    if time[-1] in "mM":
        return f"{between}%I:%M{seconds}{' ' if ' ' in time else ''}%p"
    return f"{between}%H:%M{seconds}"


def numbers_of(connection: duckdb.DuckDBPyConnection, column: str, table: str = "source_text") -> NumberWriting:
    """Decide which decimal mark the numbers of a text column have."""
    found = connection.execute(
        f"""
        WITH texts AS (
            SELECT trim({quote(column)}) AS text
            FROM {quote(table)}
            WHERE regexp_full_match(trim({quote(column)}), $number)
        )
        SELECT
            count(*) FILTER (regexp_matches(text, $comma)) AS comma,
            count(*) FILTER (regexp_matches(text, $point)) AS point,
            count(*) FILTER (regexp_full_match(text, $either)) AS either
        FROM texts
        """,
        {
            "number": r"[+-]?[$€£]?\s?\d[\d.,' \x{00A0}]*\s?[%€$£]?",
            # a mark that is followed by anything but three digits, or comes last of the two, is the decimal mark
            "comma": r"^[^.,]*,(\d{1,2}|\d{4,})?\D*$|\..*,\d*\D*$|\d{4,},\d+\D*$|^\D*0,\d+\D*$",
            "point": r"^[^.,]*\.(\d{1,2}|\d{4,})?\D*$|,.*\.\d*\D*$|\d{4,}\.\d+\D*$|^\D*0\.\d+\D*$",
            "either": r"[+-]?[$€£]?\s?\d{1,3}[.,]\d{3}\s?[%€$£]?",
        },
    ).fetchone()
    assert found is not None
    comma, point, either = found
    if comma and point:
        return NumberWriting(None, is_mixed=True)
    if comma or point:
        return NumberWriting("," if comma else ".")
    return NumberWriting(None, is_ambiguous=either > 0)
