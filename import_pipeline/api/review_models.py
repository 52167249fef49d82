"""What the calls of a review take and answer."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.words import InvalidData, ReviewKind


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


class RowToCheck(BaseModel):
    """A row, and the texts that its cells are to have."""

    model_config = ConfigDict(extra="forbid")

    row_number: int = Field(ge=1, le=2**53, examples=[2])
    cells: dict[str, str | None] = Field(
        default_factory=dict,
        description="Column → text, or null for an empty cell; the other cells say what they say now.",
        examples=[{"Email": "joe@"}],
    )


class RowsToCheck(BaseModel):
    """Rows that are to be checked."""

    model_config = ConfigDict(extra="forbid")

    rows: Annotated[list[RowToCheck], Field(fail_fast=True)] = Field(min_length=1, max_length=500)


class CheckedRow(BaseModel):
    """What is wrong with a row now."""

    row_number: int = Field(examples=[2])
    defects: list[RowDefect]


class CheckedRows(BaseModel):
    """What is wrong with rows now, in the order of the file."""

    rows: list[CheckedRow]


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
