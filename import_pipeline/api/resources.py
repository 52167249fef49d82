"""What can be imported: each resource with its fields, and a file to begin with."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from import_pipeline import record_types
from import_pipeline.api.answers import READING, errors_of
from import_pipeline.api.callers import Reader, Service
from import_pipeline.api.json_route import JsonRoute
from import_pipeline.intake.object_names import attachment
from import_pipeline.record_types.record_type import Field as RecordField
from import_pipeline.record_types.record_type import RecordType
from import_pipeline.record_types.samples import samples_of
from import_pipeline.service import queries
from import_pipeline.service.incoming import incoming_path, remove_incoming
from import_pipeline.service.templates import Form, write_template

router = APIRouter(prefix="/v1/resources", tags=["resources"], route_class=JsonRoute)

ResourceName = Annotated[str, Path(description="The resource.", examples=["contact"], max_length=100)]
_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_TEMPLATE = {
    "description": "The file.",
    "content": {
        "text/csv": {"schema": {"type": "string"}, "example": "Email,First name\r\njane@example.com,Jane\r\n"},
        _MEDIA["xlsx"]: {"schema": {"type": "string", "format": "binary"}, "example": "PK"},
    },
}


class ResourceField(BaseModel):
    """A field that a column can be mapped to."""

    name: str = Field(examples=["email"])
    title: str = Field(description="Its name for people.", examples=["Email"])
    type: str = Field(examples=["email"])
    is_required: bool = Field(description="Whether a row without it fails.")
    identifier: Literal["strong", "weak"] | None = Field(
        description="Whether it finds the record that a row means. strong: no two records share it; weak: only where "
        "nothing contradicts.",
        examples=["strong"],
    )
    choices: list[str] = Field(description="The constants that it takes, if it takes no others.", examples=[["lead"]])
    is_list: bool = Field(description="Whether a cell may hold several values.")
    description: str = Field(examples=["Where mail is sent to."])
    example: str = Field(examples=["jane@example.com"])


class ImportableResource(BaseModel):
    """What rows can be."""

    name: str = Field(examples=["contact"])
    title: str = Field(examples=["Contact"])
    plural: str = Field(examples=["contacts"])
    fields: list[ResourceField]


class Resources(BaseModel):
    """All that can be imported."""

    data: list[ImportableResource]


@router.get("", summary="List what can be imported", responses=errors_of(*READING))
def list_resources(caller: Reader) -> Resources:
    """Every resource with its fields."""
    return Resources(data=[_shown(record_types.get(name)) for name in record_types.names()])


@router.get("/{name}", summary="Show a resource", responses=errors_of(400, *READING))
def get(name: ResourceName, caller: Reader, home: Service) -> ImportableResource:
    """One resource with its fields."""
    return _shown(queries.record_type_named(home, name, caller.organization))


@router.get(
    "/{name}/template",
    summary="Download a file to begin with",
    response_class=Response,
    responses=errors_of(400, *READING) | {200: _TEMPLATE},
)
def template(
    name: ResourceName,
    caller: Reader,
    home: Service,
    form: Annotated[Form, Query(alias="format", description="What the file is written as.")] = "csv",
) -> Response:
    """A file with the columns of a resource and two sample rows, which can be filled in and imported."""
    record_type = queries.record_type_named(home, name, caller.organization)
    path = incoming_path(home)
    try:
        write_template(record_type, form, path)
        content = path.read_bytes()
    finally:
        remove_incoming(path)
    headers = {"Content-Disposition": attachment(f"{record_type.plural}.{form}")}
    return Response(content, headers=headers, media_type=_MEDIA[form])


def _shown(record_type: RecordType) -> ImportableResource:
    return ImportableResource(
        name=record_type.name,
        title=record_type.label,
        plural=record_type.plural,
        fields=[_field(record_type, field) for field in record_type.fields],
    )


def _field(record_type: RecordType, field: RecordField) -> ResourceField:
    identifier = None
    if field.name in record_type.identifiers:
        identifier = "strong" if field.name in record_type.strong else "weak"
    return ResourceField(
        name=field.name,
        title=field.label,
        type=field.type.name,
        is_required=field.required,
        identifier=identifier,
        choices=list(field.choices),
        is_list=field.type.sql_type.endswith("[]"),
        description=field.description,
        example=samples_of(field)[0],
    )
