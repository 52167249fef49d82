"""Review over HTTP: what is wrong with the rows of an import, corrections of their cells, and the word to go on.

Steps over many cells at a time, and taking steps back, are in `review_operations.py`.
"""

from typing import Annotated, Any, Self

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from import_pipeline.api.answers import READING, WRITING, errors_of
from import_pipeline.api.bodies import takes_rows
from import_pipeline.api.callers import Reader, Service, Writer
from import_pipeline.api.idempotency import OnceOnly
from import_pipeline.api.json_route import JsonRoute
from import_pipeline.api.reasons import reason_of
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.service import imports, review_pages, reviewing
from import_pipeline.service.review_filters import RowFilter, State
from import_pipeline.words import InvalidData, ReviewKind

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
    corrected: list[str] = Field(
        description="The columns that say something else than when they were last validated.", examples=[["Email"]]
    )
    left_out: bool = Field(description="Whether a person leaves the row out of the import.", examples=[False])
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


class Group(BaseModel):
    """Rows with the same thing wrong in the same column."""

    column: str | None = Field(examples=["Email"])
    field: str | None = Field(examples=["email"])
    code: str = Field(examples=["invalid_email"])
    title: str = Field(examples=["Invalid email"])
    rows: int = Field(examples=[1])


class ReviewStep(BaseModel):
    """A step of a review that can be undone."""

    id: int = Field(examples=[1])
    kind: ReviewKind
    text: str = Field(description="What it did, for people.", examples=["Edited Email of row 2"])
    cells: int = Field(description="So many cells were given a text.", examples=[1])
    rows: int = Field(description="In so many rows.", examples=[1])
    created_by: str | None = Field(examples=["token:tok_1"])
    created_at: int = Field(description="Epoch seconds.", examples=[1767225600])


class ReviewSummary(BaseModel):
    """How much there is to mend, and what was done so far."""

    failing_rows: int = Field(description="Rows that failed and are not left out.", examples=[1])
    corrected_cells: int = Field(
        description="Cells that say something else than when they were last validated.", examples=[0]
    )
    left_out_rows: int = Field(examples=[0])
    groups: list[Group] = Field(description="What is wrong, most rows first.")
    operations: list[ReviewStep] = Field(description="What was done, the newest first.")


class ReviewRows(BaseModel):
    """Some rows of a review, in the order of the file."""

    columns: list[str] = Field(description="The columns of the file, in their order.", examples=[["Name", "Email"]])
    rows: list[FailingRow]
    offset: int = Field(examples=[0])
    matching_rows: int = Field(description="How many rows the filter leaves.", examples=[1])
    failing_rows: int = Field(description="Rows that failed and are not left out.", examples=[1])


class RowCorrection(BaseModel):
    """New texts for cells of one row, or whether it is left out."""

    model_config = ConfigDict(extra="forbid")

    row_number: int = Field(ge=1, le=2**53, examples=[2])
    cells: dict[str, str | None] = Field(
        default_factory=dict,
        description="Column → text, or null for an empty cell.",
        examples=[{"Email": "joe@example.com"}],
    )
    left_out: bool | None = Field(
        default=None, description="Leave the row out of the import, or take it in again.", examples=[False]
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.cells and self.left_out is None:
            raise ValueError("say what becomes of the row: cells, or left_out")
        return self


class Corrections(BaseModel):
    """New texts for cells."""

    model_config = ConfigDict(extra="forbid")

    rows: Annotated[list[RowCorrection], Field(fail_fast=True)] = Field(min_length=1, max_length=10_000)


class Corrected(BaseModel):
    """What was taken."""

    import_id: str = Field(examples=["imp_9f2c4e8a1b6d3f5072c9"])
    corrected_cells: int = Field(examples=[1])
    operation_id: int = Field(description="By this the step is undone.", examples=[1])


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
    found = review_pages.failing_rows(home, record, limit, after)
    details = {name: record.details[name] for name in _DECISIONS if name in record.details}
    return Review(import_id=record.id, state=str(record.status), reason=reason_of(record), details=details, **found)


@router.get("/summary", summary="See how much is to be mended", responses=errors_of(410, *READING))
def summarize(import_id: ImportId, caller: Reader, home: Service) -> ReviewSummary:
    """What is wrong in how many rows, and which steps were taken so far."""
    record = imports.get(home, import_id, caller.organization)
    return ReviewSummary(**review_pages.summary(home, record))


@router.get("/rows", summary="Page through the rows of a review", responses=errors_of(400, 410, *READING))
def page(
    import_id: ImportId,
    caller: Reader,
    home: Service,
    offset: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    column: Annotated[
        str | None, Query(description="Something is wrong in this column.", max_length=10_000, examples=["Email"])
    ] = None,
    code: Annotated[
        str | None, Query(description="Something of this kind is wrong.", max_length=200, examples=["invalid_email"])
    ] = None,
    q: Annotated[
        str | None, Query(description="A cell holds this text, whatever its case.", max_length=1_000, examples=["joe"])
    ] = None,
    state: Annotated[State, Query(description="What was done about the rows.")] = "all",
) -> ReviewRows:
    """Rows that failed, and rows that were left out, with their cells as they stand now."""
    record = imports.get(home, import_id, caller.organization)
    rows = RowFilter(column=column, code=code, q=q, state=state)
    return ReviewRows(**review_pages.page(home, record, rows, offset, limit))


@router.patch("", summary="Correct cells", responses=errors_of(*WRITING))
@takes_rows
def correct(import_id: ImportId, body: Corrections, caller: Writer, home: Service) -> Corrected:
    """Give cells another text, or leave rows out. Nothing is validated yet: submit the review for that.

    Of what several persons do to one cell the last counts.
    """
    record = imports.get(home, import_id, caller.organization)
    rows: dict[int, dict[str, str | None]] = {}
    for one in body.rows:
        if one.cells:
            rows.setdefault(one.row_number, {}).update(one.cells)
    left_out = {one.row_number: one.left_out for one in body.rows if one.left_out is not None}
    number = reviewing.correct(home, record, rows, caller.name, left_out)
    imports.update(home, record.id, updated_by=caller.name)
    count = sum(len(cells) for cells in rows.values())
    return Corrected(import_id=record.id, corrected_cells=count, operation_id=number)


@router.post("/submit", summary="Submit the review", responses=errors_of(*WRITING))
def submit(import_id: ImportId, body: Submission, caller: Writer, home: Service, once: OnceOnly) -> Submitted:
    """Validate the import again, from the beginning, with what was corrected; then it goes on, or asks again."""

    def work() -> str:
        record = imports.get(home, import_id, caller.organization)
        reviewing.submit(home, record, **body.model_dump(exclude_unset=True, exclude_none=True))
        return imports.update(home, record.id, updated_by=caller.name).id

    record = imports.get(home, once.do(body.model_dump(mode="json"), work))
    return Submitted(import_id=record.id, state=str(record.status))


_DECISIONS = ("suggestions", "sheets", "tables", "writings", "failed_rows", "stored_records", "deleted_records")
