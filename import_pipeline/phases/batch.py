"""Which rows of a workspace are whose: each import of a batch has a range of them, one after the other.

A batch of one import has all rows, and what is asked of a row is then a literal. Only the ranges belong here; who goes
with whom is decided in `service/run_imports.py`, `gathering.py` and `batch_conflicts.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST_FILES = 100
MOST_ROWS = 50_000


@dataclass(frozen=True)
class Member:
    """An import of a batch of several, and its rows.

    Attributes:
        import_id: The import.
        before: How many rows of the workspace stand before its first one.
        rows: How many rows it has.
    """

    import_id: str
    before: int
    rows: int

    @property
    def last(self) -> int:
        """The number of its last row in the workspace."""
        return self.before + self.rows


@dataclass
class Members:
    """The imports of a batch, as they are in the workspace.

    Attributes:
        several: Those of a batch of several that are still in it; None where all rows are those of one import.
        first_left: The number of the first row of those that left it.
        rows_out: Import id → how many rows came out of the phase before, where this process has run it.
    """

    several: tuple[Member, ...] | None = None
    first_left: int | None = None
    rows_out: dict[str, int] | None = None


def by_range(members: Sequence[Member], row: str, values: Iterable[str]) -> str:
    """SQL of the value that goes with the import of a row; NULL for a row of an import that left the batch.

    Args:
        members: The imports, in their order.
        row: SQL of the row's number in the workspace.
        values: SQL of one value for each of them.
    """
    cases, reached = [], 0
    for member, value in zip(members, values, strict=True):
        if member.before > reached:
            cases.append(f"WHEN {row} <= {member.before} THEN NULL")
        cases.append(f"WHEN {row} <= {member.last} THEN {value}")
        reached = member.last
    return f"CASE {' '.join(cases)} END" if cases else "NULL"


def in_ranges(members: Sequence[Member], row: str) -> str:
    """SQL condition that a row belongs to one of the imports; ranges that follow each other count as one."""
    ranges: list[tuple[int, int]] = []
    for member in members:
        if ranges and ranges[-1][1] == member.before:
            ranges[-1] = (ranges[-1][0], member.last)
        else:
            ranges.append((member.before, member.last))
    return "(" + (" OR ".join(f"{row} BETWEEN {before + 1} AND {last}" for before, last in ranges) or "false") + ")"
