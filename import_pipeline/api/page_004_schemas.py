"""Saved schemas at the addresses and in the shape of page 004; what they are is said in `schemas`."""

from fastapi import APIRouter, Response

from import_pipeline.api import schemas as own
from import_pipeline.api.answers import READING, WRITING, errors_of
from import_pipeline.api.callers import Reader, Service, Writer
from import_pipeline.api.json_route import JsonRoute
from import_pipeline.api.page_004_models import ImportSchema, SavedImportSchema

router = APIRouter(prefix="/api/v1/schemas", tags=["headless"], route_class=JsonRoute)


@router.get("", include_in_schema=False, response_model=list[SavedImportSchema])
@router.get("/", summary="List import schemas", responses=errors_of(*READING))
def list_schemas(caller: Reader, home: Service) -> list[SavedImportSchema]:
    """The schemas of the organization, by name."""
    return [_shown(one) for one in own.list_schemas(caller, home).data]


@router.post("", status_code=201, include_in_schema=False, response_model=SavedImportSchema)
@router.post("/", status_code=201, summary="Create an import schema", responses=errors_of(*WRITING))
def create(body: ImportSchema, caller: Writer, home: Service) -> SavedImportSchema:
    """Save fields, settings and hooks under a name. A field that cannot be is refused by name."""
    return _shown(own.create(_new(body), caller, home))


@router.get("/{schema_id}", include_in_schema=False, response_model=SavedImportSchema)
@router.get("/{schema_id}/", summary="Show an import schema", responses=errors_of(*READING))
def get(schema_id: own.SchemaId, caller: Reader, home: Service) -> SavedImportSchema:
    """One schema."""
    return _shown(own.get(schema_id, caller, home))


@router.put("/{schema_id}", include_in_schema=False, response_model=SavedImportSchema)
@router.put("/{schema_id}/", summary="Update an import schema", responses=errors_of(*WRITING))
def update(schema_id: own.SchemaId, body: ImportSchema, caller: Writer, home: Service) -> SavedImportSchema:
    """Put new fields, settings and hooks in the place of the old ones; imports that are there keep theirs."""
    return _shown(own.replace(schema_id, _new(body), caller, home))


@router.delete("/{schema_id}", status_code=204, include_in_schema=False)
@router.delete("/{schema_id}/", status_code=204, summary="Delete an import schema", responses=errors_of(*WRITING))
def delete(schema_id: own.SchemaId, caller: Writer, home: Service) -> Response:
    """Forget a schema that no import uses at the moment; records that it brought stay."""
    return own.delete(schema_id, caller, home)


def _new(body: ImportSchema) -> own.NewSchema:
    return own.NewSchema.model_validate(body.model_dump(exclude={"id"}, exclude_unset=True))


def _shown(saved: own.SavedSchema) -> SavedImportSchema:
    """With what every field has there: a type and a label."""
    fields = [{"type": "string", "label": field["key"]} | field for field in saved.fields]
    return SavedImportSchema(id=saved.id, name=saved.name, fields=fields, settings=saved.settings, hooks=saved.hooks)
