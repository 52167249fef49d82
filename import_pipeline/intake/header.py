"""Where the table begins and what its header is: lines before it, one or several rows of names, or none.

The first rows are judged against the body: a header says in words what its column holds in values.
"""

from collections.abc import Sequence

from import_pipeline.intake.dialect.cell_kinds import TYPED, is_year, kind_of
from import_pipeline.intake.header_words import is_header_word
from import_pipeline.intake.several_tables import may_be_header, may_be_name, plain
from import_pipeline.intake.table_body import Body, filled

_FIRST = 300
_FIRST_LINES = 40
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
        is_large = (
            len(where) >= max(3, 0.4 * len(places[usual])) and len(where) * width >= 0.4 * len(places[usual]) * usual
        )
        if width > 1 and is_large and where[len(where) * 9 // 10] < begin:
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
    body = Body(_without_headers_below(rows), width)
    above = _preamble(rows, body)
    first, count = _locate_below(rows[above:], after_blank[above:], body)
    return above + first, count


def _without_headers_below(rows: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """The rows without those that repeat the names of an earlier one, as in exports put one below the other."""
    kept: list[Sequence[str]] = []
    headers: set[tuple[str, ...]] = set()
    for row in rows:
        # What most rows are is told by their first cell: it is no name.
        first = plain(row[0]) if row else ""
        cells = tuple(map(plain, row)) if may_be_name(first) else None
        if cells in headers:
            continue
        kept.append(row)
        if cells is not None and may_be_header(cells) and sum(map(is_header_word, cells)) * 2 >= len(cells):
            headers.add(cells)
    return kept


def _preamble(rows: Sequence[Sequence[str]], body: Body) -> int:
    """How many rows stand above a row of empty cells, and it, where all of them have less text than the one below."""
    end = 0
    most = 0
    for index, row in enumerate(rows[:_FIRST_LINES]):
        below = filled(rows[index + 1]) if index + 1 < len(rows) else 0
        if not filled(row) and len(row) == body.width and below > most and below * 5 >= body.width * 4:
            end = index + 1
        most = max(most, filled(row))
        if most >= body.width:
            break
    return end


def _locate_below(rows: Sequence[Sequence[str]], after_blank: Sequence[bool], body: Body) -> tuple[int, int]:
    width = body.width
    first_full = next((i for i, row in enumerate(rows[:_FIRST]) if body.is_full(row) and _fits_width(row, width)), 0)
    if body.typed:
        data = _first_data_row(rows, body)
        if data is not None:
            return _above(rows, after_blank, body, data, first_full)
    return _of_texts(rows, first_full, body)


def _fits_width(row: Sequence[str], width: int) -> bool:
    if len(row) > width and filled(row) == len(row):
        return True
    return abs(len(row) - width) <= max(1, width // 5) and (width > 2 or len(row) == width)


def _first_data_row(rows: Sequence[Sequence[str]], body: Body) -> int | None:
    for index, row in enumerate(rows[:_FIRST]):
        matching, other = body.fit(row)
        if matching > other and body.is_full(row, 0.3) and not _stands_above_names(rows, index, body):
            return index
    return None


def _stands_above_names(rows: Sequence[Sequence[str]], index: int, body: Body) -> bool:
    """Whether a row with gaps (years over groups of columns) has the names of the columns right below it."""
    if index + 1 >= len(rows) or body.is_full(rows[index], 0.7):
        return False
    return _names_columns(rows[index + 1], body)


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
    first = last
    if not body.is_full(rows[last], 0.4):
        if last == first_full:
            return last, 1
        names = last - 1
        if not _names_columns(rows[names], body):
            return data, 0
        if not any(cell.strip() for cell in rows[last][1:]):
            return names, 1  # the heading of a section is the first row of the table
        first = names
    while first > 0 and last - first + 1 < _MOST_HEADER_ROWS and not after_blank[first]:
        if not _continues_header(rows[first - 1], rows[last], body):
            break
        first -= 1
    if first < last and (_is_like_data(rows[last], body) or _is_first_row(rows[first], rows[last])):
        return first, 1
    return first, last - first + 1


def _is_first_row(names: Sequence[str], below: Sequence[str]) -> bool:
    """Whether below a row that names all columns there stands no further row of names: no word of such, but figures."""
    return (
        all(map(str.strip, names))
        and sum(map(is_header_word, names)) * 2 >= len(names)
        and not any(map(is_header_word, below))
        and any(character.isdigit() for cell in below for character in cell)
    )


def _named_row(rows: Sequence[Sequence[str]], body: Body, data: int, first_full: int) -> int | None:
    """The nearest row above the data that has words, and no values, where the data has values."""
    above = range(data - 1, first_full - 1, -1)
    fits = {index: body.fit(rows[index]) for index in above}
    for index in above:
        matching, other = fits[index]
        if matching:
            continue
        if index > first_full and _is_broken(rows[index], body) and _names_columns(rows[index - 1], body):
            return index - 1
        is_above = list(rows[index]) != list(rows[first_full]) and filled(rows[first_full]) >= filled(rows[index])
        if other == len(body.typed) == 1 and fits[first_full] == (0, 1) and is_above:
            return first_full  # one odd value makes no second header
        row = rows[index]
        if other or (body.is_full(row) and _is_named(row, body) and not _is_like_data(row, body)):
            return index
    return next((index for index in above if fits[index][1] > fits[index][0]), None)


def _names_columns(row: Sequence[str], body: Body) -> bool:
    """Whether a row has words, and no values, where the data has values, and few gaps."""
    matching, other = body.fit(row)
    return not matching and other > 0 and body.is_full(row, 0.8) and not _is_broken(row, body)


def _is_broken(row: Sequence[str], body: Body) -> bool:
    """Whether a row of another width than the table is data that was cut wrongly, rather than names."""
    if len(row) == body.width:
        return False
    return not body.is_full(row, 0.4) or any(kind_of(cell) in TYPED and not is_year(cell) for cell in row)


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


def _of_texts(rows: Sequence[Sequence[str]], index: int, body: Body) -> tuple[int, int]:
    """The header of a table of texts, at its first row with enough of them; a title or groups may stand above it."""
    below = rows[index + 1] if index + 1 < len(rows) else ()
    if not body.is_full(rows[index], 0.7) and body.is_full(below, 0.8):
        count = _header_of_texts(rows, index + 1, body)
        if count:
            is_title = bool(rows[index][0].strip()) and filled(rows[index]) == 1
            return (index + 1, count) if is_title else (index, count + 1)
    return index, _header_of_texts(rows, index, body)


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
