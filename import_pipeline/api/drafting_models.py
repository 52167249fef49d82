"""The bodies of drafts: what may be changed of an import before it is done, and what is fixed of one in advance."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from import_pipeline.api import page_001_models as models
from import_pipeline.run_config.directions import turned_round
from import_pipeline.run_config.plain import without_unmapped
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.words import (
    Action,
    DuplicateHandling,
    DuplicateStrategy,
    InvalidData,
    OnBadOptional,
    OnPossibleDuplicate,
    OnReferenced,
)

_DUPLICATE_STRATEGY = (
    "Where a row meets a stored record. skip: it stays; fill: only its empty fields change; merge: the row's non-empty "
    "values win; overwrite: the row replaces it."
)
_INVALID_DATA = (
    "Where rows fail. remove_rows: they are left out; block: nothing is written and a person looks; null_cells: the "
    "bad cells are left empty."
)
_MAX_FAILED_ROWS = "More failed rows than this, and nothing is written: a person looks."
_VALUE_MAPPINGS = "Field → {value in the file: constant of the field, or null to leave it empty}."
_TAGS = "Tags that every row gets on top of its own."


class DraftParts(BaseModel):
    """What can be said of a draft, whatever its resource."""

    model_config = ConfigDict(extra="forbid")

    name: models.Name | None = Field(default=None, description="A name for people; it may change at any time.")
    action: Action | None = Field(
        default=None,
        description="merge: create and update; overwrite: also delete every record that is not in the file; delete: "
        "delete the records of the file.",
    )
    duplicate_strategy: DuplicateStrategy | None = Field(default=None, description=_DUPLICATE_STRATEGY)
    duplicate_handling: DuplicateHandling | None = Field(
        default=None,
        description="Where rows of the file mean the same record. ignore_all: all of them are left out; use_first: the "
        "first is used.",
    )
    column_mapping: dict[str, str | None] | None = Field(
        default=None, description="Field → header of the file; null: suggested.", examples=[{"email": "E-mail"}]
    )
    value_mappings: dict[str, dict[str, str | None]] | None = Field(default=None, description=_VALUE_MAPPINGS)
    reading: ReadOptions | None = Field(
        default=None,
        description="How the file is read: what is named in it changes, null has it detected again.",
        examples=[{"encoding": "windows-1252", "delimiter": ";"}],
    )
    tags: list[str] | None = Field(default=None, max_length=100, description=_TAGS, examples=[["may"]])
    tag_delimiter: str | None = Field(
        default=None, min_length=1, max_length=8, description="What stands between two tags of a cell."
    )
    match_by: list[str] | None = Field(default=None, max_length=20, description=models.MATCH_BY, examples=[["email"]])
    on_possible_duplicate: OnPossibleDuplicate | None = Field(default=None, description=models.ON_POSSIBLE_DUPLICATE)
    on_referenced: OnReferenced | None = Field(default=None, description=models.ON_REFERENCED)
    keep_unmapped: bool | None = Field(default=None, description=models.KEEP_UNMAPPED)
    clear_token: str | None = Field(default=None, min_length=1, max_length=32, description=models.CLEAR_TOKEN)
    on_bad_optional: OnBadOptional | None = Field(default=None, description=models.ON_BAD_OPTIONAL)
    empty_words: list[str] | None = Field(default=None, max_length=200, description=models.EMPTY_WORDS)
    invalid_data: InvalidData | None = Field(default=None, description=_INVALID_DATA)
    max_failed_rows: int | None = Field(default=None, ge=0, le=2**53, description=_MAX_FAILED_ROWS)
    confirm_deletions: bool | None = Field(
        default=None, description="Allow deletions for which a person would be asked."
    )


class ImportChanges(DraftParts):
    """What is to change; what is left out stays, and null is the default. Nothing starts by it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "Leads of May"}]})

    file_name: str | None = Field(default=None, max_length=255, description="Name of the file, for people.")
    resource: str | None = Field(
        default=None, max_length=100, description="What is imported; of a draft only.", examples=["contact"]
    )


class Preset(DraftParts):
    """An import as it begins when a link is opened; what is left out is the default."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"resource": "contact", "name": "Your contacts", "tags": ["signup"]}]},
    )

    resource: str = Field(max_length=100, description="What is imported.", examples=["contact"])


def in_words_of_spec(body: ImportChanges | Preset) -> dict[str, Any]:
    """What a body says, as parts of the spec in its own words; what it leaves out is not among them."""
    parts = body.model_dump(mode="json", exclude_unset=True)
    if "resource" in parts:
        parts["record_type"] = parts.pop("resource")
        if parts["record_type"] is None:
            del parts["record_type"]
    if parts.get("column_mapping") is not None:
        parts["column_mapping"] = turned_round(without_unmapped(parts["column_mapping"]))
    return parts
