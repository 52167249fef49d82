"""Review over HTTP: steps over many cells at a time, what they would change, and taking steps back."""

from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field, model_validator

from import_pipeline.api.answers import WRITING, errors_of
from import_pipeline.api.callers import Service, Writer
from import_pipeline.api.idempotency import OnceOnly
from import_pipeline.api.json_route import JsonRoute
from import_pipeline.api.review import ImportId
from import_pipeline.service import imports, review_operations, reviewing
from import_pipeline.service.review_filters import RowFilter, State
from import_pipeline.service.review_operations import Step
from import_pipeline.words import ReviewKind

router = APIRouter(prefix="/v1/imports/{import_id}/review/operations", tags=["review"], route_class=JsonRoute)

_Column = Annotated[str, Field(max_length=10_000)]
_NOTHING: dict[str, Any] = {"operation_id": None, "cells": 0, "rows": 0, "samples": []}


class Filter(BaseModel):
    """Which rows are meant: those for which all of it is true."""

    model_config = ConfigDict(extra="forbid")

    column: _Column | None = Field(default=None, description="Something is wrong in this column.", examples=["Email"])
    code: str | None = Field(
        default=None, description="Something of this kind is wrong.", max_length=200, examples=["invalid_email"]
    )
    q: str | None = Field(
        default=None, description="A cell holds this text, whatever its case.", max_length=1_000, examples=["joe"]
    )
    state: State = Field(default="all", description="What was done about the rows.")


class Operation(BaseModel):
    """A step over many cells."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["replace", "set", "clear", "trim", "leave_out"] = Field(
        description="Replace `find` by `replace`, set cells to `text`, empty them, take white space off their ends, or "
        "leave rows out of the import.",
        examples=["replace"],
    )
    columns: list[_Column] | None = Field(
        default=None,
        min_length=1,
        max_length=10_000,
        description="In these columns; else in all.",
        examples=[["Email"]],
    )
    find: str | None = Field(default=None, max_length=1_000, examples=[" at "])
    replace: str | None = Field(default=None, max_length=10_000, examples=["@"])
    whole_cell: bool = Field(default=False, description="Only where `find` is the whole text of the cell.")
    match_case: bool = Field(default=False, description="Only where `find` is written just so.")
    text: str | None = Field(default=None, max_length=10_000, examples=[None])
    filter: Filter = Field(default_factory=Filter, description="In these rows; else in all.")
    row_numbers: list[Annotated[int, Field(ge=1, le=2**53)]] | None = Field(
        default=None, min_length=1, max_length=10_000, description="Only in these rows.", examples=[None]
    )
    dry_run: bool = Field(default=False, description="Only say what it would change.")

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        needed = {"replace": ("find", "replace"), "set": ("text",)}.get(self.kind, ())
        given = {name for name in ("find", "replace", "text") if getattr(self, name) is not None}
        missing, spare = set(needed) - given, given - set(needed)
        if missing or spare:
            told = [f"{name} is missing" for name in needed if name in missing]
            told += [f"{name} says nothing" for name in sorted(spare)]
            raise ValueError(f"with the kind {self.kind}, {' and '.join(told)}")
        return self


class Sample(BaseModel):
    """A cell that a step changes."""

    row_number: int = Field(examples=[2])
    column: str = Field(examples=["Email"])
    before: str | None = Field(examples=["joe at example.com"])
    after: str | None = Field(examples=["joe@example.com"])


class Operated(BaseModel):
    """What a step changed, or would change."""

    operation_id: int | None = Field(description="By this it is undone; null if nothing was changed.", examples=[2])
    cells: int = Field(description="So many cells; of a step over whole rows, rows.", examples=[1])
    rows: int = Field(description="In so many rows.", examples=[1])
    samples: list[Sample] = Field(description="The first of these cells.")


class Undone(BaseModel):
    """What was taken back."""

    cells: int = Field(description="So many cells say again what they said before.", examples=[1])


@router.post("", summary="Change many cells at a time", responses=errors_of(410, *WRITING))
def operate(import_id: ImportId, body: Operation, caller: Writer, home: Service, once: OnceOnly) -> Operated:
    """Find and replace, set, empty or trim cells, or leave rows out; with `dry_run`, only count them."""
    record = imports.get(home, import_id, caller.organization)
    numbers = None if body.row_numbers is None else tuple(sorted(set(body.row_numbers)))
    step = Step(
        kind=ReviewKind(body.kind),
        columns=tuple(body.columns or ()),
        rows=RowFilter(**body.filter.model_dump(), row_numbers=numbers),
        find=body.find or "",
        text=(body.replace if body.kind == "replace" else body.text) or "",
        whole_cell=body.whole_cell,
        match_case=body.match_case,
    )
    if body.dry_run:
        return Operated(**review_operations.run(home, record, step, caller.name, dry_run=True))
    told: dict[str, Any] = {}

    def work() -> str:
        told.update(review_operations.run(home, record, step, caller.name))
        imports.update(home, record.id, updated_by=caller.name)
        return str(told["operation_id"] or "")

    number = once.do(body.model_dump(mode="json"), work)
    if not told:  # it was taken by an earlier call of the same key
        told = review_operations.taken(home, record, int(number)) if number else _NOTHING
    return Operated(**told)


@router.post("/{operation_id}/undo", summary="Take a step of a review back", responses=errors_of(*WRITING))
def undo(
    import_id: ImportId,
    operation_id: Annotated[int, Path(description="The step.", ge=1, le=2**53, examples=[1])],
    caller: Writer,
    home: Service,
    once: OnceOnly,
) -> Undone:
    """Give its cells back what they said before it; later steps on the same cells have to be undone first."""
    record = imports.get(home, import_id, caller.organization)

    def work() -> str:
        cells = reviewing.undo(home, record, operation_id, caller.name)
        imports.update(home, record.id, updated_by=caller.name)
        return str(cells)

    return Undone(cells=int(once.do({}, work)))
