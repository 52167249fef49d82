"""Saved schemas: lists of fields with settings and hooks that imports of an organization may name by id.

Only SQL of the table `schemas` belongs here; what a list of fields declares is said by `record_types.inline`. An import
keeps its own copy of what it used, so replacing a schema changes no import that is there.
"""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, delete, insert, select, update

from import_pipeline.errors import MisuseError, NotFoundError
from import_pipeline.record_types.inline import TABLE_PREFIX, slug
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tables import schemas

MOST_SCHEMAS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaRecord:
    """A saved schema; times are epoch seconds.

    Attributes:
        record_type: What its record type and its table are called; stays when the schema is renamed.
        fields: The fields as page 004 writes them.
        settings: Settings by page 004's keys.
        hooks: Hooks by page 004's keys.
    """

    id: str
    organization: str
    name: str
    record_type: str
    fields: list[dict[str, Any]]
    settings: dict[str, Any]
    hooks: dict[str, Any]
    created_by: str | None
    created_at: int
    updated_at: int


_COLUMNS = [schemas.c[name] for name in SchemaRecord.__dataclass_fields__]
SchemaRecords = list[SchemaRecord]


def create(
    registry: Registry,
    organization: str,
    name: str,
    fields: list[dict[str, Any]],
    settings: dict[str, Any] | None = None,
    hooks: dict[str, Any] | None = None,
    created_by: str | None = None,
) -> SchemaRecord:
    """Save a schema; its fields are taken to be sound.

    Raises:
        MisuseError: The organization has too many.
    """
    now = registry.now()

    def work(connection: Connection) -> SchemaRecord:
        statement = select(schemas.c.record_type).where(schemas.c.organization == organization)
        taken = [name.removeprefix(TABLE_PREFIX) for name in connection.execute(statement).scalars()]
        if len(taken) >= MOST_SCHEMAS:
            raise MisuseError(f"There are {MOST_SCHEMAS} schemas already. Delete one that is not used any more.")
        row = {
            "id": str(uuid4()),
            "organization": organization,
            "name": name,
            "record_type": TABLE_PREFIX + slug(name, taken),
            "fields": fields,
            "settings": settings or {},
            "hooks": hooks or {},
            "created_by": created_by,
            "created_at": now,
            "updated_at": now,
        }
        connection.execute(insert(schemas), row)
        return SchemaRecord(**row)

    return registry.write(work, repeatable=False)


def get(registry: Registry, schema_id: str, organization: str) -> SchemaRecord:
    """Read a schema of an organization.

    Raises:
        NotFoundError: There is none, or it is another organization's.
    """
    statement = select(*_COLUMNS).where(schemas.c.id == schema_id, schemas.c.organization == organization)
    row = registry.read(lambda connection: connection.execute(statement).mappings().first())
    if row is None:
        raise NotFoundError("schema", schema_id, "GET /v1/schemas shows what there is.")
    return SchemaRecord(**row)


def list_schemas(registry: Registry, organization: str) -> SchemaRecords:
    """The schemas of an organization, by name."""
    statement = select(*_COLUMNS).where(schemas.c.organization == organization)
    statement = statement.order_by(schemas.c.name, schemas.c.id)
    rows = registry.read(lambda connection: connection.execute(statement).mappings().all())
    return [SchemaRecord(**row) for row in rows]


def replace(registry: Registry, schema_id: str, organization: str, **changes: Any) -> SchemaRecord:
    """Put name, fields, settings and hooks in the place of those that were.

    Raises:
        NotFoundError: There is none, or it is another organization's.
    """
    get(registry, schema_id, organization)
    statement = update(schemas).where(schemas.c.id == schema_id, schemas.c.organization == organization)
    values = changes | {"updated_at": registry.now()}
    registry.write(lambda connection: connection.execute(statement.values(**values)))
    return get(registry, schema_id, organization)


def remove(registry: Registry, schema_id: str, organization: str) -> None:
    """Forget a schema; records that were imported by it stay.

    Raises:
        NotFoundError: There is none, or it is another organization's.
    """
    get(registry, schema_id, organization)
    statement = delete(schemas).where(schemas.c.id == schema_id, schemas.c.organization == organization)
    registry.write(lambda connection: connection.execute(statement))
