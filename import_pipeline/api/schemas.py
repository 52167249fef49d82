"""Saved schemas: lists of fields, with settings and hooks, that headless imports name by id."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from import_pipeline.api.answers import READING, WRITING, errors_of
from import_pipeline.api.callers import Reader, Service, Writer
from import_pipeline.api.json_route import JsonRoute
from import_pipeline.run_config.page_004_body import FieldDefinition, HeadlessHooks, HeadlessSettings
from import_pipeline.service import schemas
from import_pipeline.service.schemas import SchemaRecord

router = APIRouter(prefix="/v1/schemas", tags=["headless"], route_class=JsonRoute)

SchemaId = Annotated[
    str, Path(description="The schema.", examples=["0631f213-ca91-41e0-9a88-7430c7d0ca28"], max_length=64)
]


class NewSchema(BaseModel):
    """A schema to save."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "name": "Attendees",
                "fields": [
                    {"key": "email", "label": "Email", "type": "email", "validators": [{"validate": "unique"}]},
                    {"key": "size", "type": "select", "selectOptions": [{"label": "Small", "value": "S"}]},
                ],
                "settings": {"invalidDataBehavior": "REMOVE_INVALID_ROWS"},
            }
        },
    )

    name: str = Field(min_length=1, max_length=100, description="A name for people; the table is called after it.")
    fields: list[FieldDefinition] = Field(min_length=1, max_length=1_000, description="The fields, in their order.")
    settings: HeadlessSettings = Field(default_factory=HeadlessSettings, description="Settings of its imports.")
    hooks: HeadlessHooks = Field(default_factory=HeadlessHooks, description="Hooks of its imports.")


class SavedSchema(BaseModel):
    """A saved schema."""

    id: str = Field(examples=["0631f213-ca91-41e0-9a88-7430c7d0ca28"])
    name: str = Field(examples=["Attendees"])
    resource: str = Field(description="What its records are called.", examples=["custom_attendees"])
    fields: list[dict[str, Any]]
    settings: dict[str, Any]
    hooks: dict[str, Any]
    created_at: int = Field(description="Epoch seconds.")
    updated_at: int = Field(description="Epoch seconds.")


class SavedSchemas(BaseModel):
    """All schemas of the organization."""

    data: list[SavedSchema]


@router.post("", status_code=201, summary="Save a schema", responses=errors_of(*WRITING))
def create(body: NewSchema, caller: Writer, home: Service) -> SavedSchema:
    """Save fields, settings and hooks under a name. A field that cannot be is refused by name."""
    return _shown(schemas.save(home, caller.organization, caller.name, **_parts(body)))


@router.get("", summary="List schemas", responses=errors_of(*READING))
def list_schemas(caller: Reader, home: Service) -> SavedSchemas:
    """The schemas of the organization, by name."""
    return SavedSchemas(data=[_shown(one) for one in schemas.list_schemas(home, caller.organization)])


@router.get("/{schema_id}", summary="Show a schema", responses=errors_of(*READING))
def get(schema_id: SchemaId, caller: Reader, home: Service) -> SavedSchema:
    """One schema."""
    return _shown(schemas.get(home, schema_id, caller.organization))


@router.put("/{schema_id}", summary="Replace a schema", responses=errors_of(*WRITING))
def replace(schema_id: SchemaId, body: NewSchema, caller: Writer, home: Service) -> SavedSchema:
    """Put new fields, settings and hooks in the place of the old ones; imports that are there keep theirs.

    A field that stays must be stored as before: another type needs another key.
    """
    return _shown(schemas.replace(home, schema_id, caller.organization, **_parts(body)))


@router.delete("/{schema_id}", status_code=204, summary="Delete a schema", responses=errors_of(*WRITING))
def delete(schema_id: SchemaId, caller: Writer, home: Service) -> Response:
    """Forget a schema that no import uses at the moment; records that it brought stay."""
    schemas.remove(home, schema_id, caller.organization)
    return Response(status_code=204)


def _parts(body: NewSchema) -> dict[str, Any]:
    return {
        "name": body.name,
        "fields": [field.model_dump(mode="json", exclude_unset=True) for field in body.fields],
        "settings": body.settings.model_dump(exclude_unset=True),
        "hooks": body.hooks.model_dump(exclude_unset=True),
    }


def _shown(saved: SchemaRecord) -> SavedSchema:
    return SavedSchema(
        id=saved.id,
        name=saved.name,
        resource=saved.record_type,
        fields=saved.fields,
        settings=saved.settings,
        hooks=saved.hooks,
        created_at=saved.created_at,
        updated_at=saved.updated_at,
    )
