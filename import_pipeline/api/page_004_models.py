"""What the calls of page 004 take and answer, as its published description has them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from import_pipeline.run_config.page_004_body import FieldDefinition, HeadlessHooks, HeadlessSettings

HeadlessStatus = Literal["AWAITING_UPLOAD", "RUNNING", "SUCCESSFUL", "FAILED", "NEEDS_REVIEW"]
UploadStatus = Literal["PENDING_UPLOAD", "PROCESSING", "PROCESSED", "FAILED"]
Moment = Annotated[datetime, Field(description="ISO 8601.", examples=["2026-01-31T12:00:00Z"])]


class HeadlessError(BaseModel):
    """What is wrong with a row, or with all of it."""

    row_number: int | None = Field(description="From 1; none where the whole import is meant.", examples=[2])
    field: str | None = Field(examples=["email"])
    code: str = Field(examples=["invalid_email"])
    level: str = Field(examples=["error"])
    message: str = Field(examples=["'joe@' is no e-mail address: the part after @ is missing."])


class HeadlessImport(BaseModel):
    """A headless import, as a list shows it."""

    id: str = Field(examples=["94187d21-9820-420f-b08c-a80cbbf52604"])
    schema_id: str | None = Field(examples=["0631f213-ca91-41e0-9a88-7430c7d0ca28"])
    status: HeadlessStatus = Field(examples=["AWAITING_UPLOAD"])
    original_filename: str | None = Field(description="None where none was given.", examples=["user.csv"])
    created_date: Moment
    modified_date: Moment
    number_of_rows: int | None = Field(examples=[100])
    resource: str = Field(description="What its records are called.", examples=["custom_attendees"])
    created_count: int
    updated_count: int
    failed_count: int
    reason: str | None
    user: dict[str, Any] | None


class HeadlessImportFull(HeadlessImport):
    """A headless import."""

    upload: str | None = Field(
        description="PUT the file here; the import then starts by itself. None once it is there.",
        examples=["https://…/uploads/WyJpbXBf…"],
    )
    review_url: str = Field(
        description="Where a person sees the import in a browser, and corrects failing rows once it needs review.",
        examples=["https://…/app/imports/94187d21-9820-420f-b08c-a80cbbf52604"],
    )
    result_metadata: dict[str, Any] | None = Field(
        description="Once it was successful: how many rows there were and what became of them.",
        examples=[{"number_of_rows": 100, "created_count": 98, "updated_count": 0, "failed_count": 2}],
    )
    import_errors: list[HeadlessError] | None = Field(description="The first hundred; none while it goes on.")


class HeadlessImports(BaseModel):
    """Headless imports, newest first."""

    count: int = Field(description="Of all of them.")
    next: str | None = Field(description="Where the next ones are.")
    previous: str | None = Field(description="Where the former ones are.")
    results: list[HeadlessImport]


class PresignedUrl(BaseModel):
    """Where data can be read for a while, without a token."""

    presigned_url: str = Field(examples=["https://…/downloads/WyJpbXBf…"])


class RawUpload(BaseModel):
    """The file of an import."""

    filename: str | None = Field(default=None, examples=["user.csv"])
    storage_key: str = Field(examples=["payloads/94187d21-9820-420f-b08c-a80cbbf52604/payload"])
    download_url: str | None = Field(default=None, examples=["https://…/downloads/WyJpbXBf…"])


class Upload(BaseModel):
    """A headless import as a list of uploads shows it; what is not known is left out."""

    id: str = Field(examples=["94187d21-9820-420f-b08c-a80cbbf52604"])
    import_identifier: str | None = Field(default=None, examples=["contacts-import"])
    raw_upload: RawUpload
    user: dict[str, Any] | None = Field(default=None, examples=[{"id": "jeff_id", "name": "Jeff"}])
    created_date: Moment
    upload_status: UploadStatus = Field(examples=["PROCESSED"])
    total_num_rows: int | None = Field(default=None, examples=[100])
    storage_key: str = Field(examples=["94187d21-9820-420f-b08c-a80cbbf52604"])
    field_order: list[str] = Field(examples=[["first_name", "last_name"]])


class UploadDetail(Upload):
    """A headless import as an upload, with what is wrong with its rows."""

    invalid_row_indexes: list[int] = Field(description="Failed rows, from 0; at most a thousand.", examples=[[1]])
    errors: list[HeadlessError]


class Uploads(BaseModel):
    """Uploads, newest first."""

    start: int
    end: int = Field(description="The place behind the last one.")
    total_num_uploads: int
    data: list[Upload]


class ImportSchema(BaseModel):
    """A schema to save, or in the place of a saved one."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "name": "last - email",
                "fields": [
                    {"key": "lastName", "type": "string", "label": "last", "validators": [{"validate": "required"}]},
                    {"key": "email", "type": "email", "label": "email", "validators": [{"validate": "required"}]},
                ],
                "settings": {"invalidDataBehavior": "REMOVE_INVALID_ROWS"},
            }
        },
    )

    id: str | None = Field(default=None, max_length=64, description="Not read: the address says which schema is meant.")
    name: str = Field(min_length=1, max_length=100, description="A name for people; the table is called after it.")
    fields: list[FieldDefinition] = Field(min_length=1, max_length=1_000, description="The fields, in their order.")
    settings: HeadlessSettings = Field(default_factory=HeadlessSettings, description="Settings of its imports.")
    hooks: HeadlessHooks = Field(default_factory=HeadlessHooks, description="Hooks of its imports.")


class SavedImportSchema(BaseModel):
    """A saved schema."""

    id: str = Field(examples=["0631f213-ca91-41e0-9a88-7430c7d0ca28"])
    name: str = Field(examples=["last - email"])
    fields: list[dict[str, Any]] = Field(examples=[[{"key": "email", "type": "email", "label": "email"}]])
    settings: dict[str, Any] = Field(examples=[{"invalidDataBehavior": "REMOVE_INVALID_ROWS"}])
    hooks: dict[str, Any] = Field(examples=[{"rowHooks": []}])
