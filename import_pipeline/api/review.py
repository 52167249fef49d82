"""Review over HTTP: what is wrong with the rows of an import, corrections of their cells, and the word to go on.

Steps over many cells at a time, and taking steps back, are in `review_operations.py`.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from import_pipeline.api.answers import READING, WRITING, errors_of
from import_pipeline.api.bodies import takes_rows
from import_pipeline.api.callers import Reader, Service, Writer
from import_pipeline.api.idempotency import OnceOnly
from import_pipeline.api.json_route import JsonRoute
from import_pipeline.api.reasons import reason_of
from import_pipeline.api.review_models import (
    CheckedRows,
    Corrected,
    Corrections,
    Review,
    ReviewRows,
    ReviewSummary,
    RowsToCheck,
    Submission,
    Submitted,
)
from import_pipeline.service import imports, review_check, review_pages, reviewing
from import_pipeline.service.review_filters import RowFilter, State

router = APIRouter(prefix="/v1/imports/{import_id}/review", tags=["review"], route_class=JsonRoute)

ImportId = Annotated[str, Path(description="The import.", examples=["imp_9f2c4e8a1b6d3f5072c9"], max_length=64)]


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


@router.post("/check", summary="Check rows as they would be", responses=errors_of(410, *WRITING))
@takes_rows
def check(import_id: ImportId, body: RowsToCheck, caller: Reader, home: Service) -> CheckedRows:
    """What the first phase would find wrong with rows that failed, as they stand, or with other texts; nothing is kept.

    What only the whole file or the stored records show is found out when the import is validated again.
    """
    record = imports.get(home, import_id, caller.organization)
    rows: dict[int, dict[str, str | None]] = {}
    for one in body.rows:
        rows.setdefault(one.row_number, {}).update(one.cells)
    return CheckedRows.model_validate({"rows": review_check.check(home, record, rows)})


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
