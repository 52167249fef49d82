"""Rows of cells as lines of CSV, each cell as it is: one with a carriage return in it is quoted, too.

The writer of the standard library does that only from Python 3.13 on: before, such a cell would end its line.
"""

import csv
import re
from collections.abc import Sequence
from typing import TextIO

_TO_BE_QUOTED = re.compile(r'[",\r\n]')


class CsvRows:
    """Writes rows to a file that was opened with `newline=""`."""

    def __init__(self, sink: TextIO) -> None:
        self._sink = sink
        self._writer = csv.writer(sink, lineterminator="\n")

    def write(self, cells: Sequence[str]) -> None:
        """Write a row."""
        if "\r" in "".join(cells):
            self._sink.write(",".join(map(_quoted, cells)) + "\n")
        else:
            self._writer.writerow(cells)


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _TO_BE_QUOTED.search(cell) else cell
