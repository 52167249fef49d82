"""Remembered mappings: which column was which field, as a person confirmed it for a header row.

Only SQL of the table `remembered_mappings` belongs here; when one is kept and used is said in `service.remembering`.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from secrets import token_hex

from sqlalchemy import Connection, delete, insert, select, update

from import_pipeline.errors import NotFoundError
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tables import remembered_mappings

MOST_MAPPINGS = 1_000
"""How many an organization keeps; the one that was confirmed longest ago makes room."""
_REMEDY = "`import-pipeline mappings list` shows what there is."


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedMapping:
    """A mapping that was confirmed; times are epoch seconds.

    Attributes:
        fingerprint: Of the header row; see `fingerprint_of`.
        columns: The header row.
        column_mapping: Column → field.
        keep_unmapped: Whether the columns without a field were to be kept.
        import_id: The import for which it was confirmed last.
        used_count: How many imports it was used for since.
    """

    id: str
    organization: str
    record_type: str
    fingerprint: str
    columns: list[str]
    column_mapping: dict[str, str]
    keep_unmapped: bool
    import_id: str
    confirmed_by: str | None
    confirmed_at: int
    used_count: int
    used_at: int | None


_COLUMNS = [remembered_mappings.c[name] for name in RememberedMapping.__dataclass_fields__]


def fingerprint_of(columns: Iterable[str]) -> str:
    """The same for every file with these columns, in whatever order they stand.

    >>> fingerprint_of(["Name", "Mail"]) == fingerprint_of(["Mail", "Name"])
    True
    """
    return hashlib.sha256(json.dumps(sorted(columns)).encode()).hexdigest()


def keep(
    registry: Registry,
    organization: str,
    record_type: str,
    columns: Sequence[str],
    column_mapping: dict[str, str],
    *,
    keep_unmapped: bool,
    import_id: str,
    confirmed_by: str | None = None,
) -> None:
    """Remember a mapping in the place of the one that was confirmed for these columns before."""
    table = remembered_mappings
    same = (
        (table.c.organization == organization)
        & (table.c.record_type == record_type)
        & (table.c.fingerprint == fingerprint_of(columns))
    )
    row = {
        "id": f"map_{token_hex(8)}",
        "organization": organization,
        "record_type": record_type,
        "fingerprint": fingerprint_of(columns),
        "columns": list(columns),
        "column_mapping": column_mapping,
        "keep_unmapped": keep_unmapped,
        "import_id": import_id,
        "confirmed_by": confirmed_by,
        "confirmed_at": registry.now(),
        "used_count": 0,
        "used_at": None,
    }
    oldest = (
        select(table.c.id)
        .where(table.c.organization == organization)
        .order_by(table.c.confirmed_at.desc(), table.c.id)
        .offset(MOST_MAPPINGS)
    )

    def work(connection: Connection) -> None:
        connection.execute(delete(table).where(same))
        connection.execute(insert(table), row)
        too_many = list(connection.execute(oldest).scalars())
        if too_many:
            connection.execute(delete(table).where(table.c.id.in_(too_many)))

    registry.write(work)


def find(registry: Registry, organization: str, record_type: str, columns: Iterable[str]) -> RememberedMapping | None:
    """The mapping that was confirmed last for these columns, if there is one."""
    table = remembered_mappings
    statement = select(*_COLUMNS).where(
        table.c.organization == organization,
        table.c.record_type == record_type,
        table.c.fingerprint == fingerprint_of(columns),
    )
    row = registry.read(lambda connection: connection.execute(statement).mappings().first())
    return RememberedMapping(**row) if row is not None else None


def note_use(registry: Registry, mapping_id: str) -> None:
    """Note that an import was mapped by it."""
    table = remembered_mappings
    values = {"used_count": table.c.used_count + 1, "used_at": registry.now()}
    statement = update(table).where(table.c.id == mapping_id).values(**values)
    registry.write(lambda connection: connection.execute(statement))


def list_mappings(registry: Registry, organization: str) -> list[RememberedMapping]:
    """The mappings of an organization, the one confirmed last first."""
    table = remembered_mappings
    statement = select(*_COLUMNS).where(table.c.organization == organization)
    statement = statement.order_by(table.c.confirmed_at.desc(), table.c.id)
    rows = registry.read(lambda connection: connection.execute(statement).mappings().all())
    return [RememberedMapping(**row) for row in rows]


def get(registry: Registry, mapping_id: str, organization: str) -> RememberedMapping:
    """Read a mapping of an organization.

    Raises:
        NotFoundError: There is none, or it is another organization's.
    """
    table = remembered_mappings
    statement = select(*_COLUMNS).where(table.c.id == mapping_id, table.c.organization == organization)
    row = registry.read(lambda connection: connection.execute(statement).mappings().first())
    if row is None:
        raise NotFoundError("remembered mapping", mapping_id, _REMEDY)
    return RememberedMapping(**row)


def remove(registry: Registry, mapping_id: str, organization: str) -> None:
    """Forget a mapping; imports that used it stay as they are.

    Raises:
        NotFoundError: There is none, or it is another organization's.
    """
    get(registry, mapping_id, organization)
    table = remembered_mappings
    statement = delete(table).where(table.c.id == mapping_id, table.c.organization == organization)
    registry.write(lambda connection: connection.execute(statement))
