"""The table `corrections`: cells that a person gave another text while an import waited, put into its rows by phase 1.

They are bounded in number and size, and go with their import.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from import_pipeline.errors import MisuseError
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tables import corrections as table
from import_pipeline.stores.tables import in_chunks, insert_or_replace

MOST_CELLS = 100_000
"""So many cells of one import may be corrected; more are quicker corrected in the file."""
MOST_CHARACTERS = 16_000_000
"""So long may their texts be in all."""
_CELL = (table.c.row_number, table.c.column_number, table.c.column_name, table.c.text)
_ORDER = (table.c.row_number, table.c.column_number)


@dataclass(frozen=True)
class Correction:
    """The new text of one cell.

    Attributes:
        row_number: From 1.
        column_number: The place of the column in the file, from 1.
        column: What the column is called there.
        text: None for an empty cell.
    """

    row_number: int
    column_number: int
    column: str
    text: str | None


def keep(registry: Registry, import_id: str, cells: Sequence[Correction], corrected_by: str | None) -> None:
    """Keep the new texts of cells, in the place of earlier ones.

    Args:
        registry: The registry.
        import_id: The import.
        cells: The cells, each once.
        corrected_by: Who corrects.

    Raises:
        MisuseError: There would be too many; none of these is kept then.
    """
    rows = [
        {
            "import_id": import_id,
            "row_number": cell.row_number,
            "column_number": cell.column_number,
            "column_name": cell.column,
            "text": cell.text,
            "corrected_by": corrected_by,
            "corrected_at": registry.now(),
        }
        for cell in cells
    ]

    def work(connection: Connection) -> None:
        if rows:
            connection.execute(insert_or_replace(connection, table), rows)
        sums = func.count(), func.coalesce(func.sum(func.length(table.c.text)), 0)
        count, size = connection.execute(select(*sums).where(table.c.import_id == import_id)).one()
        if count > MOST_CELLS or size > MOST_CHARACTERS:
            raise MisuseError(
                f"{count:,} corrected cells with {size:,} characters are too many for one import: at most "
                f"{MOST_CELLS:,} cells with {MOST_CHARACTERS:,} characters. Correct the file itself, and import that."
            )

    registry.write(work)


def of_imports(registry: Registry, import_ids: Sequence[str]) -> dict[str, list[Correction]]:
    """Read the corrections of some imports, by row and column; imports without any are left out."""

    def work(connection: Connection) -> dict[str, list[Correction]]:
        found: defaultdict[str, list[Correction]] = defaultdict(list)
        for chunk in in_chunks(import_ids):
            wanted = select(table.c.import_id, *_CELL).where(table.c.import_id.in_(chunk)).order_by(*_ORDER)
            for import_id, *cell in connection.execute(wanted):
                found[import_id].append(Correction(*cell))
        return dict(found)

    return registry.read(work)


def of_rows(registry: Registry, import_id: str, row_numbers: Sequence[int]) -> list[Correction]:
    """Read the corrections of some rows of one import, by row and column."""

    def work(connection: Connection) -> list[Correction]:
        of_import = select(*_CELL).where(table.c.import_id == import_id).order_by(*_ORDER)
        return [
            Correction(*cell)
            for chunk in in_chunks(row_numbers)
            for cell in connection.execute(of_import.where(table.c.row_number.in_(chunk)))
        ]

    return registry.read(work)
