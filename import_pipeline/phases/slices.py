"""Slices of an import's rows: so many at a time as a join of whole rows keeps in memory.

What does not fit there is put on the disk and read again, which takes longer than to join one slice after the other.
"""

from dataclasses import dataclass

from import_pipeline.phases.work import Work
from import_pipeline.stores.instance import memory_bytes

BYTES_OF_CELL = 64
"""So much memory a cell takes in a join, with what it leads to in the other table, or less."""


def rows_in_memory(work: Work) -> int:
    """How many rows, at least one, fit into memory while they are joined to the stored records that they mean."""
    return max(memory_bytes(work.connection) // (BYTES_OF_CELL * len(work.columns_of("transformed"))), 1)


@dataclass(frozen=True)
class Slice:
    """Rows of an import whose numbers follow one another.

    Attributes:
        first: The number of the first one; None for all rows.
        last: The number of the last one; None for all rows.
    """

    first: int | None = None
    last: int | None = None

    @property
    def is_first(self) -> bool:
        """Whether no row comes before it."""
        return self.first is None or self.first == 1

    def holds(self, row_number: str) -> str:
        """SQL condition on a row number, a qualified column."""
        return "true" if self.first is None else f"{row_number} BETWEEN {self.first} AND {self.last}"


ALL_ROWS = Slice()


def slices(work: Work) -> list[Slice]:
    """The slices of an import, with phase 5 behind it, in the order of the rows; each row is in one of them."""
    last, size = work.number("SELECT max(row_number) FROM plan"), rows_in_memory(work)
    if last <= size:
        return [ALL_ROWS]
    return [Slice(first, first + size - 1) for first in range(1, last + 1, size)]
