"""Review over HTTP: the failing rows of an import, corrections of their cells, and the word to go on."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from import_pipeline.api.answers import READING, WRITING, errors_of
from import_pipeline.api.bodies import takes_rows
from import_pipeline.api.callers import Reader, Service, Writer
from import_pipeline.api.idempotency import OnceOnly
from import_pipeline.api.json_route import JsonRoute
from import_pipeline.api.reasons import reason_of
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.service import imports, reviewing
from import_pipeline.words import InvalidData

router = APIRouter(prefix="/v1/imports/{import_id}/review", tags=["review"], route_class=JsonRoute)

ImportId = Annotated[str, Path(description="The import.", examples=["imp_9f2c4e8a1b6d3f5072c9"], max_length=64)]


class RowDefect(BaseModel):
    """One thing that is wrong with a row."""

    column: str | None = Field(examples=["Email"])
    field: str | None = Field(examples=["email"])
    phase: str = Field(examples=["prevalidation"])
    code: str = Field(examples=["invalid_email"])
    level: str = Field(examples=["error"])
    message: str = Field(examples=["'joe@' is no e-mail address: the part after @ is missing."])
    value: str | None = Field(examples=["joe@"])


class FailingRow(BaseModel):
    """A failing row, whole."""

    row_number: int = Field(description="From 1: the first row after the header.", examples=[2])
    cells: dict[str, str | None] = Field(description="Column → text.", examples=[{"Name": "Joe", "Email": "joe@"}])
    corrected: list[str] = Field(description="The columns that were corrected since.", examples=[["Email"]])
    defects: list[RowDefect] = Field(description="What was wrong when it was last validated.")


class Review(BaseModel):
    """The failing rows of an import."""

    import_id: str = Field(examples=["imp_9f2c4e8a1b6d3f5072c9"])
    state: str = Field(examples=["needs_review"])
    reason: str | None = Field(description="What it waits for.", examples=["1 row failed; nothing was written."])
    details: dict[str, Any] = Field(description="What else there is to decide, for example `suggestions`.")
    columns: list[str] = Field(description="The columns of the file, in their order.", examples=[["Name", "Email"]])
    rows: list[FailingRow]
    failing_rows: int = Field(description="How many there are in all.", examples=[1])
    next_after: int | None = Field(description="Send it as `after` for the next page; none on the last one.")


class RowCorrection(BaseModel):
    """New texts for cells of one row."""

    model_config = ConfigDict(extra="forbid")

    row_number: int = Field(ge=1, le=2**53, examples=[2])
    cells: dict[str, str | None] = Field(
        min_length=1, description="Column → text, or null for an empty cell.", examples=[{"Email": "joe@example.com"}]
    )


class Corrections(BaseModel):
    """New texts for cells."""

    model_config = ConfigDict(extra="forbid")

    rows: Annotated[list[RowCorrection], Field(fail_fast=True)] = Field(min_length=1, max_length=10_000)


class Corrected(BaseModel):
    """What was taken."""

    import_id: str = Field(examples=["imp_9f2c4e8a1b6d3f5072c9"])
    corrected_cells: int = Field(examples=[1])


class Submission(BaseModel):
    """What else was decided."""

    model_config = ConfigDict(extra="forbid")

    invalid_data: InvalidData | None = Field(
        default=None, description="What becomes of rows that still fail; as the import was asked, if left out."
    )
    column_mapping: dict[str, str | None] | None = Field(
        default=None, description="Column → field, where the mapping was to be decided.", examples=[{"Email": "email"}]
    )
    keep_unmapped: bool | None = Field(
        default=None, description="Keep columns that go to no field in `extra`, where that was to be decided."
    )
    confirm_deletions: bool | None = Field(default=None, description="Allow the deletions that it waits for.")
    reading: ReadOptions | None = Field(
        default=None,
        description="How the file is written, where dates or numbers can be read in two ways.",
        examples=[{"date_format": "%d/%m/%Y"}],
    )


class Submitted(BaseModel):
    """The import goes on."""

    import_id: str = Field(examples=["imp_9f2c4e8a1b6d3f5072c9"])
    state: str = Field(examples=["queued"])


@router.get("", summary="See the failing rows", responses=errors_of(410, *READING))
def show(
    import_id: ImportId,
    caller: Reader,
    home: Service,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    after: Annotated[int, Query(ge=0, le=2**53, description="The row number after which to begin.")] = 0,
) -> Review:
    """Rows with errors, with all their cells and reasons, by row number."""
    record = imports.get(home, import_id, caller.organization)
    found = reviewing.failing_rows(home, record, limit, after)
    details = {name: record.details[name] for name in _DECISIONS if name in record.details}
    return Review(import_id=record.id, state=str(record.status), reason=reason_of(record), details=details, **found)


@router.patch("", summary="Correct cells", responses=errors_of(*WRITING))
@takes_rows
def correct(import_id: ImportId, body: Corrections, caller: Writer, home: Service) -> Corrected:
    """Give cells another text. Nothing is validated yet: submit the review for that."""
    record = imports.get(home, import_id, caller.organization)
    rows: dict[int, dict[str, str | None]] = {}
    for one in body.rows:
        rows.setdefault(one.row_number, {}).update(one.cells)
    count = reviewing.correct(home, record, rows, caller.name)
    imports.update(home, record.id, updated_by=caller.name)
    return Corrected(import_id=record.id, corrected_cells=count)


@router.post("/submit", summary="Submit the review", responses=errors_of(*WRITING))
def submit(import_id: ImportId, body: Submission, caller: Writer, home: Service, once: OnceOnly) -> Submitted:
    """Validate the import again, from the beginning, with what was corrected; then it goes on, or asks again."""

    def work() -> str:
        record = imports.get(home, import_id, caller.organization)
        reviewing.submit(home, record, **body.model_dump(exclude_unset=True, exclude_none=True))
        return imports.update(home, record.id, updated_by=caller.name).id

    record = imports.get(home, once.do(body.model_dump(mode="json"), work))
    return Submitted(import_id=record.id, state=str(record.status))


_DECISIONS = ("suggestions", "sheets", "tables", "column_formats", "failed_rows", "stored_records", "deleted_records")
