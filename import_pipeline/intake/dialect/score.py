"""How well a dialect fits a sample: rows of one width, cells of one kind each, quotes that are used as quotes.

The score is a number from 0 to 1 for each candidate; the best wins, the second is the runner-up.
"""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from import_pipeline.intake.dialect.cell_kinds import TYPED, kind_of
from import_pipeline.intake.dialect.dialect import Cut, Dialect

# What a kind of cell says for the dialect that cut it out.
_WORTH = {"empty": 0.75, "words": 0.9, "code": 0.95, "blank": 0.9, "text": 0.45}
_ONE_COLUMN = 0.2
_BROKEN = 0.95
_HOLDS_DELIMITER = re.compile('[,;|\t"]')
_STEADY = (",", ";", "\t", "|")
_IN_PROSE = (" ", ", ", ":")
_LESS_STEADY = 0.3
_CUT_QUOTES = 0.7
_OPENS = re.compile(r"""(['"])(?!.*\1$).*""", re.DOTALL)
_CLOSES = re.compile(r"""(?!['"]).*['"]""", re.DOTALL)
_ONE_VALUE = {
    " ": re.compile(r"\+?[\d(][\d ()/-]{5,18}\d|\d{1,3}( \d{3})*([.,]\d+)?|[\d/.-]{8,10} \d{1,2}:[\d:]+"),
    ",": re.compile(r"[$€£¥-]{0,2} ?(\d{1,3}(,\d{3})*|\d+)(\.\d+)? ?[%€$£]?"),
}
_RARE_DELIMITERS = {":": 0.3, "::": 0.3, "^": 0.8, "~": 0.8, "\\t": 0.9}
_MOST_CELLS = 6_000


@dataclass(frozen=True)
class Scored:
    """A dialect with its score and the rows it makes of the sample."""

    dialect: Dialect
    score: float
    rows: list[list[str]]


def score_all(lines: Sequence[str], dialects: Sequence[Dialect]) -> list[Scored]:
    """Score candidates over the sample, best first."""
    scored = [score(lines, dialect) for dialect in dialects]
    weighed = [
        replace(one, score=one.score * _LESS_STEADY) if _is_within_quotes(one, scored) else one for one in scored
    ]
    return sorted(weighed, key=lambda one: -one.score)


def score(lines: Sequence[str], dialect: Dialect) -> Scored:
    """Score one dialect."""
    try:
        cut = Cut(lines, dialect)
        rows = [row for row in cut.rows(cut.lines, strict=False) if any(cell.strip() for cell in row)]
    except csv.Error:
        return Scored(dialect, 0.0, [])
    if not rows:
        return Scored(dialect, 0.0, [])
    if len(rows) > 1 and "\n" in rows[-1][-1] and dialect.quote and not lines[-1].rstrip().endswith(dialect.quote):
        rows.pop()  # cut off within a quoted cell: it says nothing about the dialect
    widths = Counter(len(row) for row in rows)
    # few patterns, often repeated, with more than one cell: the more rows agree, the better
    agreement = sum(count * count * _worth_of_width(width) for width, count in widths.items()) / len(rows) ** 2
    worth, typed, holding = _look_at_cells(rows, dialect)
    value = agreement * worth * _RARE_DELIMITERS.get(dialect.delimiter, 1.0)
    if dialect.delimiter == " ":
        # words have spaces too: only figures, or quoted cells with spaces, speak for it
        value *= 0.1 + 0.6 * typed + (0.3 if holding else 0.0)
    if dialect.delimiter in _IN_PROSE and _has_steadier(lines, dialect.delimiter):
        value *= _LESS_STEADY
    if not dialect.quote:
        value *= 1.0 - _CUT_QUOTES * _share_of_cut_quotes(rows)
    return Scored(dialect, value * (1.0 if _is_kept(cut) else _BROKEN), rows)


def _is_within_quotes(one: Scored, scored: Sequence[Scored]) -> bool:
    """Whether a mark with a space, as in `1,"Ada, Jr"`, mostly stands within cells that the mark alone leaves whole."""
    delimiter, quote = one.dialect.delimiter, one.dialect.quote
    mark = delimiter.rstrip(" ")
    if not quote or mark in ("", delimiter):
        return False
    alone = next((other for other in scored if other.dialect == replace(one.dialect, delimiter=mark)), None)
    cells = [cell for row in alone.rows for cell in row[1:]] if alone else []
    return sum(delimiter in cell for cell in cells) > sum(cell.startswith(" ") for cell in cells)


def cuts_values(rows: Sequence[Sequence[str]], delimiter: str) -> bool:
    """Whether, below a name of another width, the rest are telephone numbers, thousands or sentences, cut in pieces."""
    if delimiter == ", " and len(rows) > 1 and len(rows[0]) == 1:
        return all(len(row) == 2 for row in rows[1:])
    if delimiter not in _ONE_VALUE or len(rows) < 2:
        return False
    values = [delimiter.join(row).strip() for row in rows[1:]]
    if len(rows[0]) > 1 and len(rows[0]) == max(map(len, rows[1:])):
        return False
    return sum(_ONE_VALUE[delimiter].fullmatch(value) is not None for value in values) * 10 >= 9 * len(values)


def _share_of_cut_quotes(rows: Sequence[Sequence[str]]) -> float:
    """The share of rows in which a cell begins with a quote and a later one ends with it."""
    cut = 0
    for row in rows:
        opening = next((place for place, cell in enumerate(row) if _OPENS.fullmatch(cell)), len(row))
        cut += any(_CLOSES.fullmatch(cell) for cell in row[opening + 1 :])
    return cut / len(rows)


def _has_steadier(lines: Sequence[str], delimiter: str) -> bool:
    """Whether a delimiter that sentences don't hold stands as often in all lines, the first one too."""
    texts = [line for line in lines if line.strip()]
    if len(texts) < 2:
        return False
    for mark in _STEADY:
        if mark in delimiter:
            continue
        counts = Counter(line.count(mark) for line in texts)
        usual, times = counts.most_common(1)[0]
        if usual and times * 20 >= 19 * len(texts) and texts[0].count(mark) == usual:
            return True
    return False


def _is_kept(cut: Cut) -> bool:
    """Whether no line breaks the dialect, the last one apart: a sample may end in it."""
    try:
        for _ in cut.rows(cut.lines, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end" in str(error)
    return True


def _worth_of_width(width: int) -> float:
    return _ONE_COLUMN if width == 1 else (width - 1) / width


def _look_at_cells(rows: list[list[str]], dialect: Dialect) -> tuple[float, float, bool]:
    """The mean worth of cells, the share of typed ones, and whether a cell holds the delimiter."""
    total = count = typed = 0.0
    holding = False
    for row in rows:
        for cell in row:
            kind = kind_of(cell)
            worth = _WORTH.get(kind, 1.0)
            if kind == "text" and not _HOLDS_DELIMITER.search(cell):
                worth = 0.8
            if dialect.quote and cell != "" and (cell[0] == dialect.quote or cell[-1] == dialect.quote):
                worth *= 0.5
            elif cell[:1] in ('"', "'") and cell[:1] == cell[-1:] and len(cell) > 1:
                worth *= 0.4
            elif cell[:1] == " ":
                worth *= 0.8
            total += worth
            typed += kind in TYPED or kind == "code"
            holding = holding or dialect.delimiter in cell
            count += 1
        if count > _MOST_CELLS:
            break
    return (total / count, typed / count, holding) if count else (0.0, 0.0, False)
