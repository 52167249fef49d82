"""The bodies and answers of the guided flow (page 000), as its documentation shows them."""

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from import_pipeline.api.defect_models import Defect
from import_pipeline.run_config.page_000 import ConfirmBody

Result = TypeVar("Result")
_ID = "imp_9f2c4e8a1b6d3f5072c9"
ImportId = Annotated[str, Field(description="The import, as `imports-request-upload` named it.", examples=[_ID])]
JobStatus = Literal["pending", "uploaded", "processing", "completed", "failed"]
FileName = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f/\\]+$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RequestUpload(_Body):
    """Asks for a URL to upload a file to."""

    model_type: str = Field(description="contacts, companies, sources or groups.", examples=["contacts"])
    file_name: FileName = Field(description="Name of the file as the user has it.", examples=["leads.csv"])
    content_type: str = Field(min_length=1, max_length=127, description="MIME type of the file.", examples=["text/csv"])


class OfImport(_Body):
    """Names one import."""

    id: ImportId


class Confirm(ConfirmBody):
    """Gives the mapping, and starts the import."""

    id: ImportId  # pyright: ignore[reportIncompatibleVariableOverride, reportGeneralTypeIssues]

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "id": _ID,
                    "column_mapping": {"Name": "full_name", "Email": "email", "Phone": "phone"},
                    "duplicate_strategy": "merge",
                }
            ]
        },
    )


class ErrorsOf(_Body):
    """Asks for some of the errors of an import."""

    id: ImportId
    cursor: str | None = Field(default=None, max_length=64, description="`next_cursor` of the answer before.")
    limit: int = Field(default=100, ge=1, le=1_000, description="How many at most.")


class ListOf(_Body):
    """Asks for imports, newest first."""

    model_type: str | None = Field(default=None, description="Only imports of this type.", examples=["contacts"])
    page: int = Field(default=1, ge=1, le=1_000_000)
    limit: int = Field(default=25, ge=1, le=100)


class Done(BaseModel, Generic[Result]):
    """Every answer that is no error."""

    ok: Literal[True] = True
    result: Result


class Requested(BaseModel):
    """Where to upload."""

    job_id: ImportId
    signed_url: str = Field(description="PUT the file here.", examples=["https://…/uploads/WyJpbXBf…"])


class Job(BaseModel):
    """An import, in the words of the guided flow; unchanged rows count as skipped."""

    id: ImportId
    status: JobStatus
    model_type: str = Field(examples=["contacts"])
    file_name: str | None = Field(examples=["leads.csv"])
    reason: str | None = Field(description="Why it failed, or what a person has to decide.")
    total_rows: int | None = Field(description="Rows of the file, once it was read.", examples=[1500])
    processed_rows: int = Field(examples=[750])
    created_count: int = Field(examples=[600])
    updated_count: int = Field(examples=[100])
    skipped_count: int = Field(examples=[45])
    failed_count: int = Field(examples=[5])
    deleted_count: int = Field(examples=[0])
    created_at: int = Field(description="Epoch seconds.")
    updated_at: int = Field(description="Epoch seconds.")


class AvailableField(BaseModel):
    """A field that a column can be mapped to."""

    value: str = Field(examples=["email"])
    label: str = Field(examples=["Email"])


class Preview(BaseModel):
    """What the uploaded file holds."""

    headers: list[str] = Field(examples=[["Name", "Email", "Phone", "Company"]])
    sample_rows: list[list[str | None]] = Field(examples=[[["Jane Smith", "jane@example.com", None, "Acme Corp"]]])
    total_rows: int = Field(examples=[1500])
    suggested_mapping: dict[str, str] = Field(examples=[{"Email": "email"}])
    available_fields: list[AvailableField]
    column_formats: list[dict[str, Any]] = Field(
        description="How columns of dates and numbers are written, as all of their cells say it; where `value` is null "
        "they can be read in two ways: choose one of `readings` with `date_format` or `decimal` when you confirm."
    )
    tables: list[dict[str, Any]] = Field(
        default_factory=list,
        description="The tables of a file that holds several different ones: number, line of the header, columns, "
        "rows. Choose one with `table` when you confirm.",
    )
    sheets: list[dict[str, Any]] = Field(
        default_factory=list,
        description="The sheets of a workbook: name, rows, columns, hidden, chosen (whether it is the one that is "
        "shown here), may_be_meant (whether it holds a table as others do). Choose one with `sheet` when you confirm.",
    )


class Completed(BaseModel):
    """The import and a preview of its file."""

    job: Job
    preview: Preview


class Started(BaseModel):
    """The import that was started."""

    job: Job


class Errors(BaseModel):
    """Some of the errors of an import, by row."""

    errors: list[Defect]
    next_cursor: str | None = Field(
        description="Send it as `cursor` for the next ones; null after the last.", examples=["MTAw"]
    )


class Jobs(BaseModel):
    """Some of the imports, newest first."""

    jobs: list[Job]
    page: int
    limit: int
    has_more: bool
    total_count: int
