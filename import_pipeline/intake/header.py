"""Where the table begins and what its header is: lines before it, one or several rows of names, or none.

The first rows are judged against the body: a header says in words what its column holds in values.
"""

import itertools
from collections.abc import Sequence

from import_pipeline.intake.dialect.cell_kinds import TYPED, is_year, kind_of
from import_pipeline.intake.header_words import is_header_word
from import_pipeline.intake.table_body import Body, filled

_BODY = 200
_FIRST = 300
_MOST_HEADER_ROWS = 4


def usual_width(rows: Sequence[Sequence[str]]) -> int:
    """How many cells the rows of the (first) table have: as most rows, unless many others come before all of these."""
    places: dict[int, list[int]] = {}
    for index, row in enumerate(rows):
        if row:
            places.setdefault(len(row), []).append(index)
    if not places:
        return 0
    usual = max(places, key=lambda width: (len(places[width]), width))
    begin = places[usual][len(places[usual]) // 10]
    for width, where in sorted(places.items(), key=lambda item: item[1][0]):
        if width > 1 and len(where) >= max(3, 0.4 * len(places[usual])) and where[len(where) * 9 // 10] < begin:
            return width
    return usual


def locate(rows: Sequence[Sequence[str]], after_blank: Sequence[bool], width: int) -> tuple[int, int]:
    """Find the header.

    Args:
        rows: The first rows of the file, blank lines left out.
        after_blank: For each, whether a blank line stands before it.
        width: How many cells a row of the table has.

    Returns:
        Index of the first row of the table, and how many of its rows are header.
    """
    if not rows:
        return 0, 0
    if len(rows) == 1:
        return 0, 1
    body = Body(rows, width)
    first_full = next((i for i, row in enumerate(rows[:_FIRST]) if body.is_full(row) and _fits_width(row, width)), 0)
    if body.typed:
        data = _first_data_row(rows, body)
        if data is not None:
            return _above(rows, after_blank, body, data, first_full)
    return first_full, _header_of_texts(rows, first_full, body)


def _fits_width(row: Sequence[str], width: int) -> bool:
    if len(row) > width and filled(row) == len(row):
        return True
    return abs(len(row) - width) <= max(1, width // 5) and (width > 2 or len(row) == width)


def _first_data_row(rows: Sequence[Sequence[str]], body: Body) -> int | None:
    for index, row in enumerate(rows[:_FIRST]):
        matching, other = body.fit(row)
        if matching > other and body.is_full(row, 0.3):
            return index
    return None


def _above(
    rows: Sequence[Sequence[str]], after_blank: Sequence[bool], body: Body, data: int, first_full: int
) -> tuple[int, int]:
    """The header above the first row that is surely data."""
    last = _named_row(rows, body, data, first_full)
    if last is None:
        if first_full < data and body.is_full(rows[first_full]) and not sum(body.fit(rows[first_full])):
            return first_full, _header_of_texts(rows, first_full, body)
        return min(first_full, data), 0
    while last > first_full and _is_like_data(rows[last], body) and not body.is_full(rows[last], 0.9):
        last -= 1
    if not body.is_full(rows[last], 0.4):
        return (last, 1) if last == first_full else (data, 0)
    first = last
    while first > 0 and last - first + 1 < _MOST_HEADER_ROWS and not after_blank[first]:
        if not _continues_header(rows[first - 1], rows[last], body):
            break
        first -= 1
    if first < last and _is_like_data(rows[last], body):
        return first, 1
    return first, last - first + 1


def _named_row(rows: Sequence[Sequence[str]], body: Body, data: int, first_full: int) -> int | None:
    """The nearest row above the data that has words, and no values, where the data has values."""
    above = range(data - 1, first_full - 1, -1)
    fits = {index: body.fit(rows[index]) for index in above}
    for index in above:
        matching, other = fits[index]
        if matching:
            continue
        if other == len(body.typed) == 1 and fits[first_full] == (0, 1) and list(rows[index]) != list(rows[first_full]):
            return first_full  # one odd value makes no second header
        if other or (body.is_full(rows[index]) and _is_named(rows[index], body)):
            return index
    return next((index for index in above if fits[index][1] > fits[index][0]), None)


def _is_named(row: Sequence[str], body: Body) -> bool:
    return sum(is_header_word(cell) for cell in row) * 3 >= body.filled


def _is_like_data(row: Sequence[str], body: Body) -> bool:
    """Whether a row's texts come again in their columns."""
    again = sum(
        1
        for place, cell in enumerate(row[: body.width])
        if cell.strip() and not body.columns[place].group and body.columns[place].values[cell.strip()] > 1
    )
    return again > 0


def _continues_header(above: Sequence[str], below: Sequence[str], body: Body) -> bool:
    """Whether a row is a further row of the header whose last row stands below it."""
    if len(above) != len(below):
        return False
    if list(above) == list(below):
        return True
    places = [place for place, cell in enumerate(above) if cell.strip()]
    if not places or body.width < 2:
        return False
    for place in places:
        kind = kind_of(above[place])
        if kind in TYPED and not is_year(above[place]):
            return False
    if len(places) == 1:
        return places[0] > 0 and body.width > 2
    return not (max(places) < len(places) and len(places) * 2 <= filled(below))


def _header_of_texts(rows: Sequence[Sequence[str]], index: int, body: Body) -> int:
    """Whether a row of texts above texts is a header (how many rows of it, 0 for none)."""
    row = rows[index]
    score = 1.0
    for place, cell in enumerate(row[: body.width]):
        text = cell.strip()
        column = body.columns[place]
        total = column.values.total()
        if not text:
            score -= 0.4 if total else 0.0
            continue
        kind = kind_of(text)
        if kind in TYPED and kind != "phone":
            score -= 1.5
        if is_header_word(text):
            score += 1.0
        if len(text) > 80:
            score -= 0.7
        if total > 1 and column.values[text]:
            score -= 2.0 if len(column.values) > 1 or total > 2 else 1.0
        elif total > 3 and len(column.values) <= total * 0.7:
            score += 0.7
        lengths = {len(value) for value in column.values}
        if total > 3 and len(lengths) == 1 and len(text) not in lengths:
            score += 0.7
    names = [cell.strip().lower() for cell in row if cell.strip()]
    score -= 1.0 * (len(names) - len(set(names)))
    if score <= 0:
        return 0
    count = 1
    while index + count < len(rows) - 1 and count < _MOST_HEADER_ROWS and list(rows[index + count]) == list(row):
        count += 1
    return count


def joined_names(rows: Sequence[Sequence[str]], width: int) -> tuple[str, ...]:
    """The names of a header of one or several rows, cells of one column joined by a space.

    A header that is wider than the table only by empty names is brought to the table's width.
    """
    if len(rows) == 1:
        names = list(rows[0])
    else:
        parts = [
            [row[place].strip() if place < len(row) else "" for row in rows] for place in range(max(map(len, rows)))
        ]
        names = [" ".join(part for part in column if part) for column in parts]
    spare = len(names) - width
    empty = [place for place, name in enumerate(names) if not name.strip()]
    if 0 < spare <= len(empty):
        dropped = set(empty[-spare:])
        names = [name for place, name in enumerate(names) if place not in dropped]
    return tuple(names)


def aligned_names(names: tuple[str, ...], body: Sequence[Sequence[str]], width: int) -> tuple[str, ...]:
    """The names brought to the table's columns, where the rows have more cells than there are names.

    A column of row numbers in front has no name (R writes tables so); a last cell that is always empty is only the
    end of the row; any other column gets an empty name.
    """
    if len(names) >= width:
        return names
    rows = [row for row in body[:_BODY] if len(row) == width]
    if len(names) == width - 1 and rows:
        if all(not row[-1].strip() for row in rows):
            return names
        numbers = [row[0].strip() for row in rows]
        if len(rows) > 1 and all(number.isdecimal() for number in numbers):
            ascending = all(int(after) - int(before) == 1 for before, after in itertools.pairwise(numbers))
            if ascending and int(numbers[0]) <= 1:
                return ("", *names)
    return (*names, *[""] * (width - len(names)))


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
