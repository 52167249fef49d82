"""Saved schemas: checked before they are kept, and kept as long as an import uses them."""

from typing import TYPE_CHECKING, Any

from import_pipeline.errors import SchemaInUseError, SpecError
from import_pipeline.record_types.inline import inline_name, record_type_of_fields
from import_pipeline.run_config.page_004 import invalid_data_of
from import_pipeline.service.checking import check_fields, check_hooks
from import_pipeline.stores import imports, schemas
from import_pipeline.stores.schemas import SchemaRecord
from import_pipeline.words import FINAL_STATUSES, Status

if TYPE_CHECKING:
    from import_pipeline.home import Home

__all__ = ["SchemaRecord", "get", "list_schemas", "remove", "replace", "save"]


def save(home: "Home", organization: str, created_by: str, **parts: Any) -> SchemaRecord:
    """Save a schema.

    Args:
        home: The home.
        organization: Whose it is.
        created_by: Who saves it.
        **parts: Its name, fields, settings and hooks, as page 004 writes them.

    Raises:
        SpecError: It declares no record type, or one that stored records of its name do not fit.
        MisuseError: The organization has too many.
    """
    _check(home, parts)
    saved = schemas.create(home.registry, organization, created_by=created_by, **parts)
    try:
        check_fields(home.settings, saved.record_type, organization, parts["fields"])
    except SpecError:  # one of its name was deleted, whose records are still there
        schemas.remove(home.registry, saved.id, organization)
        raise
    return saved


def list_schemas(home: "Home", organization: str) -> list[SchemaRecord]:
    """The schemas of an organization, by name."""
    return schemas.list_schemas(home.registry, organization)


def get(home: "Home", schema_id: str, organization: str) -> SchemaRecord:
    """Read a schema of an organization.

    Raises:
        NotFoundError: There is none, or it is another organization's.
    """
    return schemas.get(home.registry, schema_id, organization)


def replace(home: "Home", schema_id: str, organization: str, **parts: Any) -> SchemaRecord:
    """Put new parts in the place of a schema's; imports that are there keep theirs.

    Raises:
        NotFoundError: There is no such schema of the organization.
        SpecError: The parts declare no record type, or a field that stays would be stored in another way.
    """
    saved = schemas.get(home.registry, schema_id, organization)
    _check(home, parts)
    _refuse_other_types(saved, parts["fields"])
    check_fields(home.settings, saved.record_type, organization, parts["fields"])
    return schemas.replace(home.registry, schema_id, organization, **parts)


def remove(home: "Home", schema_id: str, organization: str) -> None:
    """Forget a schema; records that it brought stay.

    Raises:
        NotFoundError: There is no such schema of the organization.
        SchemaInUseError: An import that has not ended uses it.
    """
    saved = schemas.get(home.registry, schema_id, organization)
    unfinished = tuple(status for status in Status if status not in FINAL_STATUSES)
    using = imports.list_imports(home.registry, organization, saved.record_type, unfinished, limit=1)
    if using.items:
        raise SchemaInUseError(using.items[0].id, using.total_count)
    schemas.remove(home.registry, schema_id, organization)


def _check(home: "Home", parts: dict[str, Any]) -> None:
    record_type_of_fields(inline_name(parts["fields"]), parts["fields"])
    invalid_data_of(parts["settings"].get("invalidDataBehavior"))
    check_hooks(home.settings, parts["hooks"].get("rowHooks") or ())


def _refuse_other_types(saved: SchemaRecord, fields: list[dict[str, Any]]) -> None:
    before = {
        field.name: field.type.sql_type for field in record_type_of_fields(saved.record_type, saved.fields).fields
    }
    for field in record_type_of_fields(saved.record_type, fields).fields:
        stored = before.get(field.name, field.type.sql_type)
        if stored != field.type.sql_type:
            raise SpecError(
                f"The field {field.name!r} is stored as {stored} and would become {field.type.sql_type}. "
                "Give it another key, or save a new schema.",
                field=field.name,
            )
