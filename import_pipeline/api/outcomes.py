"""What becomes, or became, of the rows of an import, and its failed rows once more."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from import_pipeline.api import page_001_models as models
from import_pipeline.api.answers import CREATING, READING, errors_of
from import_pipeline.api.background import InBackground
from import_pipeline.api.callers import Creator, Reader, Service
from import_pipeline.api.idempotency import OnceOnly
from import_pipeline.api.import_objects import ImportId, shown
from import_pipeline.api.json_route import JsonRoute
from import_pipeline.api.links import ImportLinks
from import_pipeline.api.workers import SharedWorkers
from import_pipeline.service import imports, queries
from import_pipeline.service.uploading import start

router = APIRouter(prefix="/v1/imports/{import_id}", tags=["imports"], route_class=JsonRoute)


class RowChange(BaseModel):
    """What a field was, and becomes; lists as JSON."""

    field: str = Field(examples=["first_name"])
    before: str | None = Field(examples=["Jane"])
    after: str | None = Field(examples=["Janet"])


class Row(BaseModel):
    """A row of the file, or a record that an overwrite deletes."""

    row_number: int | None = Field(description="Null for a record that the file does not name.", examples=[2])
    record_id: str | None = Field(examples=["rec_0f1e2d3c4b5a6978_1"])
    outcome: str = Field(examples=["updated"])
    reason: str | None = Field(description="Why it was skipped or failed.")
    label: str | None = Field(description="What people know the record by, if it changes.", examples=["Jane Doe"])
    messages: list[str] = Field(
        description="What is wrong with it, errors first, or why it is left out.",
        examples=[["E-mail: 'joe@' is no e-mail address: the part after @ is missing."]],
    )
    changes: list[RowChange]


class Rows(BaseModel):
    """Some rows of an import."""

    data: list[Row]
    counts: dict[str, int] = Field(
        description="How many rows have which outcome in all, records that an overwrite deletes included.",
        examples=[{"created": 1350, "updated": 100}],
    )
    total: int = Field(description="How many rows there are of what was asked for.")
    has_more: bool


class Replay(BaseModel):
    """How the failed rows are imported once more."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"start": False}]})

    start: bool = Field(
        default=False, description="Whether it starts at once; else it is a draft, which its preview starts."
    )


@router.get("/rows", summary="See what becomes of rows", responses=errors_of(400, 410, *READING))
def rows(
    import_id: ImportId,
    caller: Reader,
    home: Service,
    outcome: Annotated[
        str | None,
        Query(
            max_length=20,
            description="Only rows with this outcome: created, updated, unchanged, skipped, deleted, failed.",
            examples=["updated"],
        ),
    ] = None,
    code: Annotated[
        str | None,
        Query(max_length=60, description="Only rows with a defect of this code.", examples=["possible_duplicate"]),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    offset: Annotated[int, Query(ge=0, le=2**53, description="How many to pass over.")] = 0,
) -> Rows:
    """Every row with its outcome and what changes in its record: as a preview predicts it, or as it was done."""
    record = imports.get(home, import_id, caller.organization)
    return Rows(**queries.rows_page(home, record.id, limit, offset, outcome, code))


@router.post(
    "/replay", status_code=201, summary="Import the failed rows once more", responses=errors_of(410, *CREATING)
)
def replay(
    import_id: ImportId,
    body: Replay,
    caller: Creator,
    home: Service,
    links: ImportLinks,
    workers: SharedWorkers,
    background: InBackground,
    once: OnceOnly,
) -> models.ImportObject:
    """Make an import of the rows that failed, asked for as the first one was; an overwrite becomes a merge.

    It is a draft, so that what was wrong can be set right before, unless it is to start at once.
    """

    def work() -> str:
        record = imports.get(home, import_id, caller.organization)
        replayed = workers.replay(record, created_by=caller.name)
        once.made(replayed)
        if body.start:
            background.run(start(home, replayed, keep_seconds=background.keep_seconds))
        return replayed

    return shown(imports.get(home, once.do(body.model_dump(), work)), links)
