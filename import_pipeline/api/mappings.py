"""Remembered mappings: what a person confirmed of a header row, used where the same one comes again."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from import_pipeline.api.answers import READING, WRITING, errors_of
from import_pipeline.api.callers import Reader, Service, Writer
from import_pipeline.api.json_route import JsonRoute
from import_pipeline.service import remembering
from import_pipeline.service.remembering import RememberedMapping

router = APIRouter(prefix="/v1/mappings", tags=["review"], route_class=JsonRoute)

MappingId = Annotated[str, Path(description="The mapping.", examples=["map_0f1e2d3c4b5a6978"], max_length=64)]


class Remembered(BaseModel):
    """A mapping that was confirmed."""

    id: str = Field(examples=["map_0f1e2d3c4b5a6978"])
    resource: str = Field(description="What the rows are.", examples=["contact"])
    columns: list[str] = Field(description="The header row.", examples=[["Full nm", "Mail addr"]])
    column_mapping: dict[str, str] = Field(
        description="Column → field.", examples=[{"Full nm": "full_name", "Mail addr": "email"}]
    )
    keep_unmapped: bool = Field(description="Whether columns without a field are kept in `extra`.", examples=[False])
    import_id: str = Field(
        description="The import for which it was confirmed last.", examples=["imp_9f2c4e8a1b6d3f5072c9"]
    )
    confirmed_by: str | None = Field(examples=["ops"])
    confirmed_at: int = Field(description="Epoch seconds.", examples=[1_760_000_000])
    used_count: int = Field(description="How many imports it was used for since.", examples=[3])
    used_at: int | None = Field(description="Epoch seconds.", examples=[1_760_000_900])


class RememberedMappings(BaseModel):
    """All of the organization."""

    data: list[Remembered]


@router.get("", summary="List remembered mappings", responses=errors_of(*READING))
def list_mappings(caller: Reader, home: Service) -> RememberedMappings:
    """The mappings that were confirmed, the last one first."""
    found = remembering.list_mappings(home, caller.organization)
    return RememberedMappings(data=[_shown(one) for one in found])


@router.get("/{mapping_id}", summary="Show a remembered mapping", responses=errors_of(*READING))
def get(mapping_id: MappingId, caller: Reader, home: Service) -> Remembered:
    """One mapping."""
    return _shown(remembering.get(home, mapping_id, caller.organization))


@router.delete("/{mapping_id}", status_code=204, summary="Forget a remembered mapping", responses=errors_of(*WRITING))
def delete(mapping_id: MappingId, caller: Writer, home: Service) -> Response:
    """The next file with that header row is asked about again; imports that used the mapping stay as they are."""
    remembering.forget(home, mapping_id, caller.organization)
    return Response(status_code=204)


def _shown(one: RememberedMapping) -> Remembered:
    return Remembered(resource=one.record_type, **asdict(one))
