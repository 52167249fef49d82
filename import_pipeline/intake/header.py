"""Where the table begins: lines before the header, the header's rows, or that there is none.

The first rows are judged against the body of the table: a header says in words what its column holds in values.
"""

from collections import Counter
from collections.abc import Sequence

from import_pipeline.intake.dialect.cell_kinds import NUMERIC, TYPED, kind_of

_BODY = 200


def usual_width(rows: Sequence[Sequence[str]]) -> int:
    """How many cells most rows have; of equally many, the most cells."""
    widths = Counter(len(row) for row in rows if row)
    return max(widths, key=lambda width: (widths[width], width)) if widths else 0


def table_start(rows: Sequence[Sequence[str]], width: int) -> int:
    """Index of the first row that belongs to the table: the header, or the first data row."""
    if width <= 1:
        return 0
    filled = [sum(1 for cell in row if cell.strip()) for row in rows]
    body = sorted(filled[i] for i, row in enumerate(rows) if len(row) == width)
    usual = body[len(body) // 2] if body else 0
    for index, row in enumerate(rows[:100]):
        if filled[index] <= 1 and usual > 2:
            continue
        if abs(len(row) - width) <= max(1, width // 5) and filled[index] * 2 >= min(usual, width):
            return index
    return 0


def header_rows(rows: Sequence[Sequence[str]], width: int) -> int:
    """How many of the first rows are header; rows begin where the table begins."""
    if not rows:
        return 0
    if len(rows) == 1:
        return 1
    body = [row for row in rows[1:] if len(row) == width][-_BODY:]
    count = 0
    while count < min(4, len(rows) - 1) and _is_header(rows[count], body, first=count == 0):
        count += 1
    return count


def _is_header(row: Sequence[str], body: Sequence[Sequence[str]], *, first: bool) -> bool:
    typed = agree = against = 0.0
    for position, cell in enumerate(row):
        kind = kind_of(cell)
        column = [other[position] for other in body if position < len(other) and other[position].strip()]
        if kind in ("integer", "number", "date", "datetime", "time", "money", "email", "url"):
            against += 1
        if not column:
            continue
        kinds = Counter(kind_of(value) for value in column)
        usual, times = kinds.most_common(1)[0]
        if usual in TYPED or usual == "code":
            typed += 1
            if kind not in TYPED and kind not in ("empty", usual) and times * 10 >= len(column) * 8:
                agree += 1
        if kind not in ("empty",) and len(column) > 1 and cell in column and kind not in NUMERIC:
            against += 0.5
    if not first:
        return typed > 0 and agree >= max(1.0, typed * 0.75) and against == 0
    if agree > against:
        return True
    return against == 0 and all(kind_of(cell) != "empty" for cell in row[: max(1, len(row) - 1)])


def joined_names(rows: Sequence[Sequence[str]], width: int) -> tuple[str, ...]:
    """The names of a header of one or several rows, cells of one column joined by a space."""
    names = []
    for position in range(max([width, *(len(row) for row in rows)])):
        parts = [row[position].strip() if len(rows) > 1 else row[position] for row in rows if position < len(row)]
        names.append(" ".join(part for part in parts if part) if len(parts) > 1 else "".join(parts))
    return tuple(names)


def unique_names(names: Sequence[str], width: int) -> tuple[str, ...]:
    """The names of the columns: trimmed, `Column 3` for an empty one, `name (2)` for a repeated one."""
    seen: set[str] = set()
    unique = []
    for position in range(width):
        base = (names[position].strip() if position < len(names) else "") or f"Column {position + 1}"
        name, number = base, 1
        while name in seen:
            number += 1
            name = f"{base} ({number})"
        seen.add(name)
        unique.append(name)
    return tuple(unique)
