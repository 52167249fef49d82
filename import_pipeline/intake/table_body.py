"""The body of a table seen by column: what kind of values each holds, and how well a further row fits that.

Headers and preambles are told from data by this; where they begin and end is decided in `header`.
"""

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from import_pipeline.intake.dialect.cell_kinds import EMPTY, group_of, is_year, kind_of

_BODY = 200
_MOST_SHAPES = 8
_RUNS = ((re.compile(r"[^\W\d_]+"), "A"), (re.compile(r"\d+"), "9"))


@dataclass(frozen=True)
class Column:
    """What the body of one column holds: its usual group of kinds (None if it is text) and its values."""

    group: str | None
    values: Counter[str]
    shapes: frozenset[str]
    """How its codes are made of letters and digits; other columns have none."""

    def fits(self, cell: str, kind: str) -> bool:
        """Whether a cell is of the column's kind; a code has to be made like most others there."""
        if group_of(kind) != self.group:
            return False
        return self.group != "code" or len(self.shapes) > _MOST_SHAPES or _shape(cell) in self.shapes


class Body:
    """The rows that are surely data, seen by column.

    Args:
        rows: The rows from the first on, preambles and headers included.
        width: How many cells a row of the table has.
    """

    def __init__(self, rows: Sequence[Sequence[str]], width: int) -> None:
        whole = [row for row in rows if len(row) == width]
        sound = whole[min(10, max(1, len(whole) // 3)) :][:_BODY] or whole
        self.width = width
        self.rows = sound
        self.columns = [_column([row[place] for row in sound]) for place in range(width)]
        self.typed = [place for place, column in enumerate(self.columns) if column.group]
        self.filled = median(filled(row) for row in sound) if sound else width

    def is_full(self, row: Sequence[str], share: float = 0.5) -> bool:
        """Whether a row has enough cells with text to be a row of the table."""
        return filled(row) >= max(1.0, self.filled * share) and len(row) * 2 > self.width

    def fit(self, row: Sequence[str]) -> tuple[int, int]:
        """How many of a row's cells in typed columns are of the column's kind, and how many are not."""
        matching = other = 0
        for place in self.typed:
            kind = kind_of(row[place]) if place < len(row) else EMPTY
            if kind in (EMPTY, "blank"):
                continue
            if self.columns[place].fits(row[place], kind):
                matching += 1
            else:
                other += 1
        if matching and self._counts_up(row):
            return 0, matching + other
        return matching, other

    def _counts_up(self, row: Sequence[str]) -> bool:
        """Whether the numbers in a row number its columns (years, wavelengths): in equal steps, unlike those below."""
        if self._steps(row) is None:
            return False
        places = [place for place in self.typed if place < len(row) and row[place].strip()]
        if all(is_year(row[place]) for place in places):
            below = [value for place in self.typed for value in self.columns[place].values]
            return sum(map(is_year, below)) * 2 < len(below)
        return len(places) > 2 and all(self._steps(below) is None for below in self.rows[:9] if below != row)

    def _steps(self, row: Sequence[str]) -> float | None:
        """By how much the numbers in the typed columns grow from one to the next; None if not always by as much."""
        cells = [row[place].strip() for place in self.typed if place < len(row) and row[place].strip()]
        if len(cells) < 2 or not all(cell.replace(".", "", 1).isdecimal() for cell in cells):
            return None
        steps = [float(after) - float(before) for before, after in itertools.pairwise(cells)]
        return steps[0] if steps[0] and max(steps) - min(steps) < abs(steps[0]) / 100 else None


def filled(row: Sequence[str]) -> int:
    """How many cells of a row hold text."""
    return sum(map(bool, map(str.strip, row)))


def _column(values: Sequence[str]) -> Column:
    texts = [text for value in values if (text := value.strip())]
    groups = Counter(group_of(kind_of(text)) for text in texts)
    groups.pop("blank", None)
    total = groups.total()
    usual, times = groups.most_common(1)[0] if groups else (None, 0)
    need = total * (0.9 if usual == "code" else 0.7)
    if 3 <= total < 8 and usual != "code":
        need = total - 1  # in a small table the header may still be among the rows
    group = usual if usual not in (None, "text") and times >= need else None
    return Column(group, Counter(texts), _usual_shapes(texts) if group == "code" else frozenset())


def _usual_shapes(codes: Sequence[str]) -> frozenset[str]:
    """The shapes of codes; where they have few, without those that only a name among them has."""
    shapes = Counter(map(_shape, codes))
    few = len(shapes) <= _MOST_SHAPES
    return frozenset(shape for shape, times in shapes.items() if not few or times * 20 >= len(codes))


def _shape(text: str) -> str:
    """A code with each run of letters as A and each number as 9.

    >>> _shape("E92000001"), _shape("LSOA11CD")
    ('A9', 'A9A')
    """
    text = text.strip()
    for pattern, sign in _RUNS:
        text = pattern.sub(sign, text)
    return text
