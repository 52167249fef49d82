"""The bodies and answers of the import model (pages 001 and 002), as its documentation shows them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from import_pipeline.api.defect_models import Defect
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.words import (
    Action,
    DuplicateHandling,
    OnBadOptional,
    OnPossibleDuplicate,
    OnReferenced,
    UploadMode,
)

_ROWS: Any = [{"email": "jane@example.com", "first_name": "Jane"}, {"email": "joe@example.com", "first_name": "Joe"}]
MATCH_BY = "Fields by which a record is found, the one that counts most first; those of the resource if left out."
ON_POSSIBLE_DUPLICATE = (
    "Where a row may repeat a stored record that says otherwise. create: a record of its own, with a warning; ask: "
    "nothing is written and a person looks; skip: left out."
)
ON_REFERENCED = (
    "Where a record that is to be deleted is referred to by others. keep: it stays and is listed; clear: it is deleted "
    "and the references to it are emptied."
)
ON_BAD_OPTIONAL = (
    "Where a cell is wrong in a field that may be empty and identifies nothing. empty: it is left empty, with a "
    "warning; fail: its row fails. Left out: empty."
)
EMPTY_WORDS = "Words that mean that a cell is empty, in place of the usual ones (NULL, N/A, dashes and the like)."
KEEP_UNMAPPED = "Keep columns that are mapped to no field in the field `extra` of the records."
CLEAR_TOKEN = "A cell that says just this empties its field in the stored record."  # noqa: S105 - a cell, no secret
Name = Annotated[str, StringConstraints(min_length=3, max_length=127)]
StatusWord = Literal["requested", "queued", "processing", "completed", "failed", "timed_out", "expired"]
Epoch = Annotated[int, Field(description="Epoch seconds.", examples=[1_760_000_000])]
Url = Annotated[str | None, Field(examples=["https://…/downloads/WyJpbXBf…"])]


class NewImport(BaseModel):
    """A new import. Rows come in `data`, or a file is PUT to the `_upload_url` of the answer."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"resource": "contact", "upload_mode": "sync", "data": _ROWS}]}
    )

    resource: str = Field(description="What is imported: contact, company, source or group.", examples=["contact"])
    name: Name | None = Field(default=None, description="A name for people.", examples=["Leads of May"])
    action: Action = Field(
        default=Action.MERGE,
        description="merge: create and update; overwrite: also delete every record that is not in the file; "
        "delete: delete the records of the file, each by its id.",
    )
    duplicate_handling: DuplicateHandling = Field(
        default=DuplicateHandling.IGNORE_ALL,
        description="Where rows of the file mean the same record. ignore_all: all of them are left out; "
        "use_first: the first is used.",
    )
    upload_mode: UploadMode = Field(
        default=UploadMode.MIXED,
        description="sync: the answer comes when all is done; mixed: when all is checked, the writing follows; async: "
        "at once. Without `data` an import is async.",
    )
    column_mapping: dict[str, str | None] | None = Field(
        default=None,
        description="Field → header of the file. Left out: suggested.",
        examples=[{"email": "E-mail", "first_name": "First name"}],
    )
    data: Annotated[list[dict[str, Any]], Field(fail_fast=True)] | str | None = Field(
        default=None,
        description="The rows, whose keys are fields or names like those of a header, or a file (CSV, XLSX, …) in "
        "base64. With async it must be left out.",
    )
    file_name: str | None = Field(default=None, max_length=255, description="Name of the file, for people.")
    tag_delimiter: str | None = Field(
        default=None, min_length=1, max_length=8, description="What stands between two tags of a cell."
    )
    dry_run: bool = Field(default=False, description="Only say what would happen.")
    keep_unmapped: bool = Field(default=False, description=KEEP_UNMAPPED)
    confirm_deletions: bool = Field(
        default=False,
        description="Allow deletions for which a person would be asked, such as those of an overwrite whose file was "
        "not read whole.",
    )
    match_by: list[str] | None = Field(default=None, max_length=20, description=MATCH_BY, examples=[["email"]])
    on_possible_duplicate: OnPossibleDuplicate | None = Field(default=None, description=ON_POSSIBLE_DUPLICATE)
    on_referenced: OnReferenced | None = Field(default=None, description=ON_REFERENCED)
    clear_token: str | None = Field(default=None, min_length=1, max_length=32, description=CLEAR_TOKEN)
    on_bad_optional: OnBadOptional | None = Field(default=None, description=ON_BAD_OPTIONAL)
    empty_words: list[str] | None = Field(default=None, max_length=200, description=EMPTY_WORDS)
    start: bool = Field(
        default=True,
        description="Whether it starts as soon as its file is there. false: it is a draft, which is looked at "
        "(inspection), changed (PATCH), and starts by its preview; without `data` only.",
    )
    retry_of: str | None = Field(
        default=None,
        max_length=64,
        description="The import whose mended errors file this is; the three columns that were added are ignored.",
    )


class Decision(BaseModel):
    """What a person decided about an import that needs review."""

    model_config = ConfigDict(extra="forbid")

    column_mapping: dict[str, str | None] | None = Field(
        default=None, description="Field → header of the file.", examples=[{"email": "E-mail"}]
    )
    keep_unmapped: bool | None = Field(default=None, description=KEEP_UNMAPPED)
    confirm_deletions: bool | None = Field(
        default=None, description="Allow the deletions that the reason names; left out, to confirm is to allow them."
    )
    match_by: list[str] | None = Field(default=None, max_length=20, description=MATCH_BY, examples=[["email"]])
    on_possible_duplicate: OnPossibleDuplicate | None = Field(default=None, description=ON_POSSIBLE_DUPLICATE)
    on_referenced: OnReferenced | None = Field(default=None, description=ON_REFERENCED)
    reading: ReadOptions | None = Field(
        default=None,
        description="How the file is written, where the reason asks for it.",
        examples=[{"date_format": "%d/%m/%Y"}],
    )


class PhaseObject(BaseModel):
    """One of the seven phases; counts are rows."""

    name: str = Field(examples=["prevalidation"])
    mode: Literal["sync", "async"]
    status: Literal["pending", "running", "needs_review", "completed", "failed", "skipped"]
    total: int | None = Field(description="Rows that came into the phase, once that is known.", examples=[1500])
    processed: int = Field(description="How many it has got through; moves while it works.", examples=[1500])
    success: int = Field(description="Rows that went on, once it has ended.", examples=[1495])
    error: int = Field(description="Rows that ended here, once it has ended.", examples=[5])
    started_at: int | None = Field(description="Epoch seconds.", examples=[1_760_000_000])
    ended_at: int | None = Field(description="Epoch seconds.", examples=[1_760_000_002])
    seconds: float | None = Field(description="How long it took, once it has ended.", examples=[1.84])


class Stats(BaseModel):
    """What became of records."""

    created: int = Field(examples=[1350])
    updated: int = Field(examples=[100])
    deleted: int = Field(examples=[0])
    overwritten: int = Field(description="Deleted by an overwrite, because the file does not name them.", examples=[0])


class UndoneRecords(BaseModel):
    """What an undo did to records, or would do."""

    reverted: int = Field(description="They are again what they were.", examples=[97])
    kept: int = Field(description="They changed since, and stay.", examples=[3])
    errored: int = Field(examples=[0])


class AskedSpec(BaseModel):
    """What is asked of an import, in the words of PATCH; null is the default."""

    resource: str = Field(examples=["contact"])
    action: str = Field(examples=["merge"])
    duplicate_strategy: str = Field(examples=["merge"])
    duplicate_handling: str = Field(examples=["ignore_all"])
    column_mapping: dict[str, str] | None = Field(
        description="Field → header of the file; null: suggested.", examples=[{"email": "E-mail"}]
    )
    value_mappings: dict[str, dict[str, str | None]] = Field(examples=[{"status": {"on": "active"}}])
    reading: dict[str, Any] = Field(
        description="What was said about the file; all else is detected.", examples=[{"delimiter": ";"}]
    )
    tags: list[str] = Field(examples=[["may"]])
    tag_delimiter: str | None
    match_by: list[str] = Field(examples=[["email"]])
    on_possible_duplicate: str = Field(examples=["create"])
    on_referenced: str = Field(examples=["keep"])
    keep_unmapped: bool
    clear_token: str | None
    on_bad_optional: str | None
    empty_words: list[str] | None
    invalid_data: str = Field(examples=["remove_rows"])
    max_failed_rows: int | None
    confirm_deletions: bool
    preview: bool = Field(description="Whether it stops before anything is written, with what would be.")


class ImportObject(BaseModel):
    """An import."""

    object: Literal["import"] = "import"
    id: str = Field(examples=["imp_9f2c4e8a1b6d3f5072c9"])
    organization_id: str = Field(examples=["acme"])
    resource: str = Field(examples=["contact"])
    name: str | None = Field(examples=["Leads of May"])
    upload_mode: UploadMode
    action: str = Field(examples=["merge"])
    duplicate_handling: str = Field(examples=["ignore_all"])
    duplicate_strategy: str = Field(examples=["merge"])
    status: StatusWord = Field(examples=["completed"])
    state: str = Field(
        description="The status in full: also uploaded, needs_review, cancelled and reverted.", examples=["completed"]
    )
    reason: str | None = Field(description="Why it has this status, where that needs a reason.")
    details: dict[str, Any] = Field(description="What is needed to go on, for example suggested mappings.")
    retry_of: str | None
    undoes: str | None = Field(description="The import that this one undoes.")
    undo: UndoneRecords | None = Field(description="What became of the records of that one.")
    is_draft: bool = Field(description="Whether it was not started yet: its file and all of its spec may change.")
    is_preview: bool = Field(
        description="Whether it waits with a preview: its counts say what would be written, and to confirm it is to "
        "write just that."
    )
    spec: AskedSpec = Field(description="What is asked of it, as it stands.")
    dry_run: bool
    source: str = Field(description="The way in by which it came.", examples=["api"])
    file_name: str | None = Field(examples=["leads.csv"])
    content_type: str | None = Field(examples=["text/csv"])
    checksum: str | None = Field(
        description="SHA-256 of the file.",
        examples=["9f86d081884c7d659a2feaa0c55ad015…"],
    )
    size_bytes: int | None = Field(examples=[51_234])
    column_mapping: dict[str, str] = Field(description="Field → header of the file.", examples=[{"email": "E-mail"}])
    has_upload_file: bool = Field(examples=[True])
    has_errors_file: bool = Field(examples=[True])
    total_rows: int | None = Field(description="Rows of the file, once it was read.", examples=[1500])
    processed_rows: int = Field(examples=[1500])
    created_count: int = Field(examples=[1350])
    updated_count: int = Field(examples=[100])
    unchanged_count: int = Field(examples=[20])
    skipped_count: int = Field(examples=[25])
    deleted_count: int = Field(examples=[0])
    failed_count: int = Field(examples=[5])
    overwritten_count: int
    phases: list[PhaseObject]
    stats: Stats
    run_id: str | None = Field(description="The Dagster run.")
    created_by: str | None = Field(description="Who created it.", examples=["token:3f9c1e7a5b02"])
    updated_by: str | None = Field(description="Who changed it last.", examples=["token:3f9c1e7a5b02"])
    created_at: Epoch
    updated_at: Epoch
    upload_url: Url = Field(
        alias="_upload_url",
        description="PUT the file here; null once it is there.",
        examples=["https://…/uploads/WyJpbXBf…"],
    )
    upload_csv_url: Url = Field(alias="_upload_csv_url", description="The original file as CSV.")
    upload_json_url: Url = Field(alias="_upload_json_url", description="The original file as JSON.")
    errors_csv_url: Url = Field(
        alias="_errors_csv_url",
        description="The failed rows as they were, with `import_row_number`, `import_error_codes` and "
        "`import_error_messages`; ready to mend and import again.",
    )
    errors_json_url: Url = Field(alias="_errors_json_url", description="The same as JSON.")
    errors_xlsx_url: Url = Field(
        alias="_errors_xlsx_url",
        description="The same as a workbook, with bad cells coloured and the reasons beside them.",
    )
    results_csv_url: Url = Field(alias="_results_csv_url", description="Every row with its outcome and record id.")
    review_url: Url = Field(
        alias="_review_url",
        description="Where a person sees the import in a browser, and decides what it waits for.",
        examples=["https://…/app/imports/imp_9f2c4e8a1b6d3f5072c9"],
    )
    run_url: Url = Field(
        alias="_run_url", description="Its run in Dagster's UI, where the address of that is set.", examples=[None]
    )


class ImportPage(BaseModel):
    """Some of the imports, newest first."""

    object: Literal["list"] = "list"
    data: list[ImportObject]
    page: int
    limit: int
    has_more: bool
    total_count: int


class Defects(BaseModel):
    """Some of the defects of an import, by row."""

    object: Literal["list"] = "list"
    data: list[Defect]
    has_more: bool
