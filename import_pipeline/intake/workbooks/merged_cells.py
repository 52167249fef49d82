"""Merged cells: a value that stands over several rows belongs to each of them, as people see it."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

_NEVER = 1 << 62
_MOST_NAMED = 20


class Filling:
    """Puts the value of cells that are merged down several rows into each row that holds something else.

    A value merged across columns stays in the first of them: nobody can say to which column it belongs.

    Args:
        merged: First row, first column, last row and last column of merged cells.
        left: The first column that is read.
    """

    def __init__(self, merged: Sequence[tuple[int, int, int, int]], left: int) -> None:
        self._down: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        self._across: defaultdict[int, list[int]] = defaultdict(list)
        for top, first, bottom, last in merged:
            if first < left:
                continue
            if bottom > top:
                self._down[top].append((first - left, bottom))
            elif last > first:
                self._across[top].append(first - left)
        self._left = left
        self._active: dict[int, tuple[int, str]] = {}
        self.begins = 0 if merged else _NEVER
        """The first row that is looked at."""
        self._has_header = False
        self.findings: dict[str, Any] = {"filled": {}, "names": {}, "across": [], "across_count": 0}
        """How many cells were filled in each place, what was filled in within the first rows, which are a header, and
        which cells are merged across columns of a filled row."""

    def fill(self, row: int, cells: list[str]) -> list[str]:
        """The texts of a row with those that stand over it."""
        if self._active and any(cells):
            for place, (last, text) in list(self._active.items()):
                if row > last:
                    del self._active[place]
                elif place < len(cells) and not cells[place]:
                    cells[place] = text
                    if self.findings["names"].get(place) != text:
                        self.findings["filled"][place] = self.findings["filled"].get(place, 0) + 1
        for place, last in self._down.get(row, ()):
            if place < len(cells) and cells[place]:
                self._active[place] = (last, cells[place])
                if not self._has_header:
                    self.findings["names"][place] = cells[place]
        self._has_header = self._has_header or sum(map(bool, cells)) > 1
        if row in self._across and sum(map(bool, cells)) > 1:
            self.findings["across_count"] += len(self._across[row])
            room = _MOST_NAMED - len(self.findings["across"])
            self.findings["across"] += [cell_name(row, place + self._left) for place in self._across[row]][:room]
        return cells


def cell_name(row: int, column: int) -> str:
    """The name of a cell as workbooks show it.

    >>> cell_name(0, 0), cell_name(9, 27)
    ('A1', 'AB10')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"
