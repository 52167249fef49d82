# ruff: noqa: RUF001 (words and digits of many scripts are what this is about)
"""How dates are written other than by ISO 8601: day or month first, year first, with a month's name.

Two-digit years, ISO weeks and dates without a year are no dates here: they are never guessed.
"""

import re

from import_pipeline.record_types.field_types._field_type import Convention
from import_pipeline.record_types.lexicon.months import ARTICLES, BETWEEN, MONTHS, WEEKDAYS
from import_pipeline.sql import literal

DAY_FIRST = Convention("date_order", "day_first")
MONTH_FIRST = Convention("date_order", "month_first")

_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp][Mm])?(?: ?(?:Z|UTC|[+-]\d{2}(?::?\d{2})?))?"
_BEHIND = rf"(?:(?:T|,? ){_CLOCK})?"
_YEAR = r"[1-9]\d{3}"
_MARKS = ("/", r"\. ?", "-")
_YEAR_LAST = "(?:" + "|".join(rf"\d{{1,2}}{mark}\d{{1,2}}{mark}{_YEAR}" for mark in _MARKS) + ")"
_YEAR_FIRST = "(?:" + "|".join(rf"{_YEAR}{mark}\d{{1,2}}{mark}\d{{1,2}}" for mark in _MARKS) + ")"
_MONTH_NUMBERS = {word: number for number, words in MONTHS.items() for word in words}
_MONTH = "(" + "|".join(sorted(_MONTH_NUMBERS, key=lambda word: -len(word))) + r")\.?"
_BEFORE = rf"(?:(?:{'|'.join(WEEKDAYS)})\.?,? +)?(?:(?:{'|'.join(ARTICLES)})\.? +)?"
_GAP = rf"(?:[-/.]| +|,? +(?:{'|'.join(BETWEEN)}) +|, ?)"
_DAY = r"(\d{1,2})(?:st|nd|rd|th|er|re|:?[ae]|[.]| ?[\x{BA}\x{AA}\x{B0}])?"
_WORD_OF_YEAR = r"(?: ?(?:г\.|г|года|р\.|року))?"
# A date with the name of its month, in the three orders; the groups of each are its parts in this order.
_NAMED = (
    (rf"{_BEFORE}{_DAY}{_GAP}{_MONTH}{_GAP}({_YEAR}){_WORD_OF_YEAR}", "['day', 'month', 'year']"),
    (rf"{_BEFORE}{_MONTH}{_GAP}{_DAY}(?:,? +|[-/.]|, ?)({_YEAR})", "['month', 'day', 'year']"),
    (rf"({_YEAR})\.?{_GAP}{_MONTH}{_GAP}{_DAY}", "['year', 'month', 'day']"),
)
_EASTERN = rf"({_YEAR}) ?[年년] ?(\d{{1,2}}) ?[月월] ?(\d{{1,2}}) ?[日일]"
_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
"""The eras by which Japan counts its years, each with the year before its first."""
_OF_ERA = rf"({'|'.join(_ERAS)}) ?([0-9]{{1,2}}|元) ?年 ?([0-9]{{1,2}}) ?月 ?([0-9]{{1,2}}) ?日"

_ORDERS = {DAY_FIRST.value: r"\3-\2-\1", MONTH_FIRST.value: r"\3-\1-\2"}
_HEAD = re.compile(r"\d{1,2}([/.-]) ?\d{1,2}[/.-] ?\d{4}")


def day(text_sql: str, date_order: str) -> str:
    """SQL of the day that a text names in another way than ISO 8601's, or NULL.

    Args:
        text_sql: SQL of a trimmed text.
        date_order: `day_first` or `month_first`.
    """
    swapped = f"regexp_replace({text_sql}, '^(\\d{{1,2}}). ?(\\d{{1,2}}). ?(\\d{{4}}).*$', '{_ORDERS[date_order]}')"
    in_order = f"regexp_replace({text_sql}, '^(\\d{{4}}).(\\d{{1,2}}).(\\d{{1,2}}).*$', '\\1-\\2-\\3')"
    return (
        f"CASE WHEN regexp_full_match({text_sql}, '{_YEAR_LAST}{_BEHIND}') THEN TRY_CAST({swapped} AS DATE)"
        f" WHEN regexp_full_match({text_sql}, '{_YEAR_FIRST}{_BEHIND}') THEN TRY_CAST({in_order} AS DATE)"
        f" WHEN regexp_matches({text_sql}, '[0-9]{{4}}') AND regexp_matches({text_sql}, '\\p{{L}}')"
        f" THEN {_named_day(text_sql)}"
        f" WHEN regexp_full_match({text_sql}, '{_OF_ERA}') THEN {_day_of_era(text_sql)} END"
    )


def _day_of_era(text_sql: str) -> str:
    """SQL of the day that a text names by the year of an era, the first of which may be called 元."""
    found = f"regexp_extract({text_sql}, '{_OF_ERA}', ['era', 'year', 'month', 'day'])"
    before = f"MAP([{', '.join(map(literal, _ERAS))}], [{', '.join(map(str, _ERAS.values()))}])[{found}['era']]"
    year = f"{before} + CAST(replace({found}['year'], '元', '1') AS INTEGER)"
    return f"TRY_CAST(concat_ws('-', {year}, {found}['month'], {found}['day']) AS DATE)"


def _named_day(text_sql: str) -> str:
    """SQL of the day that a text names by the name of its month, in any of the languages; NULL where it is none."""
    plain = f"strip_accents(lower({text_sql}))"
    numbers = ", ".join(str(number) for number in _MONTH_NUMBERS.values())
    months = f"MAP([{', '.join(map(literal, _MONTH_NUMBERS))}], [{numbers}])"
    branches = []
    for pattern, parts in _NAMED:
        found = f"regexp_extract({plain}, '^{pattern}', {parts})"
        day = f"concat_ws('-', {found}['year'], {months}[{found}['month']], {found}['day'])"
        branches.append(f"WHEN regexp_full_match({plain}, '(?i:{pattern}{_BEHIND})') THEN TRY_CAST({day} AS DATE)")
    eastern = f"regexp_replace({text_sql}, '^{_EASTERN}.*$', '\\1-\\2-\\3')"
    branches.append(f"WHEN regexp_full_match({text_sql}, '{_EASTERN}{_BEHIND}') THEN TRY_CAST({eastern} AS DATE)")
    return f"CASE {' '.join(branches)} END"


def clock(text_sql: str) -> str:
    """SQL of the time of day behind such a date, without its zone; empty where there is none."""
    zone = "(?: ?(?:Z|UTC|[+-]\\d{2}(?::?\\d{2})?))?$"
    return f"regexp_replace(regexp_extract({text_sql}, '(?:T| )({_CLOCK})$', 1), '{zone}', '')"


def has_year_last(text_sql: str) -> str:
    """SQL, cheap, of whether a text can be a date whose day and month may be mistaken for each other."""
    return f"regexp_matches({text_sql}[2:3], '[/.-]')"


def has_dots(text_sql: str) -> str:
    """SQL of whether a date is written with dots: who writes them so writes the day first."""
    return f"contains({text_sql}[:3], '.')"


def format_of(convention: Convention, text: str) -> str:
    """The format, in strptime's words, of dates that are written like this one; a time behind it is left out.

    >>> format_of(DAY_FIRST, "31.1.2020"), format_of(MONTH_FIRST, "01/31/2020 10:30 PM")
    ('%d.%m.%Y', '%m/%d/%Y')
    """
    head = _HEAD.match(text)
    if head is None:
        return convention.value
    mark = head[1]
    first, second = ("%d", "%m") if convention == DAY_FIRST else ("%m", "%d")
    return f"{first}{mark}{second}{mark}%Y"
