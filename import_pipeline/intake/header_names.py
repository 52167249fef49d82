"""From the cells of a header to the names of the columns: joined, brought to the table's width, made unique."""

import itertools
from collections.abc import Sequence

_BODY = 200
_CONTROLS = dict.fromkeys({*range(32), 127} - set(map(ord, "\t\n\r")))


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
    """The names of the columns: trimmed, `Column 3` for an empty one, `name (2)` for a repeated one.

    Control characters but line ends and tabs are left out: with a NUL a name could name nothing.
    """
    seen: set[str] = set()
    numbers: dict[str, int] = {}
    unique = []
    for position in range(width):
        written = names[position].translate(_CONTROLS).strip() if position < len(names) else ""
        base = written or f"Column {position + 1}"
        name, number = base, numbers.get(base, 1)
        while name in seen:
            number += 1
            name = f"{base} ({number})"
        seen.add(name)
        numbers[base] = number
        unique.append(name)
    return tuple(unique)
