"""Stored records: found by what they hold, and what imports made of each, down to the row of the file."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from import_pipeline.api.answers import READING, errors_of
from import_pipeline.api.callers import Reader, Service
from import_pipeline.api.json_route import JsonRoute
from import_pipeline.service import queries

router = APIRouter(prefix="/v1/records/{resource}", tags=["records"], route_class=JsonRoute)

ResourceName = Annotated[str, Path(description="What the records are.", examples=["contact"], max_length=100)]
RecordId = Annotated[str, Path(description="The record.", examples=["rec_0f1e2d3c4b5a6978_1"], max_length=200)]
_RECORD: Any = {"id": "rec_0f1e2d3c4b5a6978_1", "email": "jane@example.com", "first_name": "Jane"}


class StoredRecords(BaseModel):
    """Some records, in the order in which they came."""

    data: list[dict[str, Any]] = Field(description="Records: field → value.", examples=[[_RECORD]])
    has_more: bool
    next_cursor: str | None = Field(description="Where the next page begins.", examples=["WyIyMDI2LTExLTI2Il0"])


class FieldChange(BaseModel):
    """What a field was, and became."""

    field: str = Field(examples=["first_name"])
    before: Any = Field(examples=["Jane"])
    after: Any = Field(examples=["Janet"])


class RecordEvent(BaseModel):
    """What an import did to a record."""

    import_id: str | None = Field(examples=["imp_9f2c4e8a1b6d3f5072c9"])
    operation: Literal["created", "updated", "deleted"]
    changed_at: datetime | None = Field(examples=["2026-05-01T09:30:00Z"])
    row_number: int | None = Field(description="The row of its file; null where none named the record.", examples=[12])
    file_name: str | None = Field(examples=["leads.csv"])
    undoes: str | None = Field(description="The import that was undone by it.")
    changed_by_hand: bool = Field(description="Whether it was changed since by something that is no import.")
    changes: list[FieldChange]
    before: dict[str, Any] | None = Field(description="The fields that were not empty; null before it was created.")
    after: dict[str, Any] | None = Field(description="The fields that are not empty then; null once it is deleted.")


class History(BaseModel):
    """What imports did to a record, the oldest first."""

    data: list[RecordEvent]


@router.get("", summary="Find records", responses=errors_of(400, *READING))
def find(
    resource: ResourceName,
    caller: Reader,
    home: Service,
    q: Annotated[
        str | None,
        Query(max_length=200, description="What a field holds, in any case; or a whole id.", examples=["jane"]),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 50,
    cursor: Annotated[
        str | None,
        Query(max_length=1_000, description="`next_cursor` of the page before.", examples=["WyIyMDI2LTExLTI2Il0"]),
    ] = None,
) -> StoredRecords:
    """The stored records of the organization, in the order in which they came."""
    return StoredRecords(**queries.find_records(home, resource, caller.organization, {}, limit, cursor, q))


@router.get("/{record_id}", summary="Show a record", responses=errors_of(400, *READING))
def get(resource: ResourceName, record_id: RecordId, caller: Reader, home: Service) -> dict[str, Any]:
    """One record as it is stored now."""
    return queries.record(home, resource, record_id, caller.organization)


@router.get("/{record_id}/history", summary="See what made a record", responses=errors_of(400, *READING))
def history(resource: ResourceName, record_id: RecordId, caller: Reader, home: Service) -> History:
    """What each import did to a record, with the row of its file; also of a record that was deleted since."""
    found = queries.history(home, resource, record_id, caller.organization)
    return History(data=[RecordEvent(**one) for one in found])
