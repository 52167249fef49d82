"""Slices of an import's rows: so many at a time as a join of whole rows keeps in memory.

What does not fit there is put on the disk and read again, which takes longer than to join one slice after the other.
"""

from collections.abc import Iterator

from import_pipeline.phases.work import Work
from import_pipeline.stores.instance import memory_bytes

BYTES_OF_CELL = 64
"""So much memory a cell takes in a join, with what it leads to in the other table, or less."""


def rows_in_memory(work: Work) -> int:
    """How many rows, at least one, fit into memory while they are joined to the stored records that they mean."""
    return max(memory_bytes(work.connection) // (BYTES_OF_CELL * len(work.columns_of("transformed"))), 1)


def slices(work: Work, row_number: str) -> Iterator[str]:
    """Conditions in SQL on a row number; each row is in one slice.

    Args:
        work: The import, with phase 3 behind it.
        row_number: The qualified column.
    """
    last, size = work.number("SELECT max(row_number) FROM transformed"), rows_in_memory(work)
    if last <= size:
        yield "true"
        return
    for first in range(1, last + 1, size):
        yield f"{row_number} BETWEEN {first} AND {first + size - 1}"
