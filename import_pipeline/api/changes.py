"""Changes of records, in the order in which they were committed: for applications that keep a copy of the records."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, Field

from import_pipeline.api.answers import READING, errors_of
from import_pipeline.api.callers import Reader, Service
from import_pipeline.api.json_route import JsonRoute
from import_pipeline.api.records import ResourceName
from import_pipeline.service import change_cursors, changes

router = APIRouter(prefix="/v1/changes", tags=["records"], route_class=JsonRoute)

_InUtc = Annotated[datetime, AfterValidator(lambda time: time.replace(tzinfo=UTC))]
"""The store's times are in UTC, and have no zone."""
_CURSOR = "9UqTfa0y3vBbNDIsImltcF85ZjJjNGU4YTFiNmQzZjUwNzJjOSIsbnVsbCwiIl0"
_BEFORE: Any = {"id": "rec_0f1e2d3c4b5a6978_1", "email": "jane@example.com", "first_name": "Jane"}


class RecordChange(BaseModel):
    """What an import did to a record."""

    sequence: int = Field(
        description="Grows from one transaction to the next; equal for all that was committed together.", examples=[42]
    )
    operation: Literal["created", "updated", "deleted"]
    record_id: str = Field(examples=["rec_0f1e2d3c4b5a6978_1"])
    import_id: str = Field(
        description="The import that did it; an undo is one, too.", examples=["imp_9f2c4e8a1b6d3f5072c9"]
    )
    row_number: int | None = Field(description="The row of that import; null where none is about it.", examples=[12])
    changed_at: _InUtc | None = Field(examples=["2026-05-01T09:30:00Z"])
    before: dict[str, Any] | None = Field(
        description="The columns that were not empty, with references as ids; null before it was created.",
        examples=[_BEFORE],
    )
    after: dict[str, Any] | None = Field(
        description="The columns that are not empty then; null once it is deleted.",
        examples=[_BEFORE | {"first_name": "Janet"}],
    )


class RecordChanges(BaseModel):
    """Some changes, in the order in which they were committed."""

    data: list[RecordChange]
    has_more: bool
    next_cursor: str = Field(
        description="What `after` is next: at once if there are more, else whenever you look again.", examples=[_CURSOR]
    )


@router.get("/{resource}", summary="Follow changes", responses=errors_of(400, 410, *READING))
def follow(
    resource: ResourceName,
    caller: Reader,
    home: Service,
    after: Annotated[
        str | None,
        Query(
            max_length=change_cursors.LONGEST,
            description="`next_cursor` of the page before; without it, the first change that there ever was.",
            examples=[_CURSOR],
        ),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> RecordChanges:
    """Every created, updated and deleted record once, in the order of commits, with what it was and became.

    What an undo takes back are changes, too. A cursor is good for ever: no change is cleared away. Only where the
    record store was brought back to an earlier state, a cursor from beyond is answered by 410: begin anew without one.
    """
    return RecordChanges(**changes.page(home, resource, caller.organization, after, limit))
