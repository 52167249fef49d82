"""The vocabulary of page 000: the guided flow, whose confirm call says {column: field} and a duplicate_strategy.

`merge` and `overwrite` there say what happens to a matched record, so the action is always merge.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from import_pipeline.checked import checked
from import_pipeline.errors import SpecError, UnknownRecordTypeError
from import_pipeline.run_config.contradictions import refuse_contradictions
from import_pipeline.run_config.plain import without_unmapped
from import_pipeline.run_config.spec import DecimalMark, ImportSpec
from import_pipeline.words import (
    DEFAULT_ORGANIZATION,
    Action,
    DuplicateStrategy,
    MappingDirection,
    OnBadOptional,
    OnPossibleDuplicate,
)

WHERE = "imports-confirm"


class ConfirmBody(BaseModel):
    """What `imports-confirm` takes; the first three keys may come from `imports-request-upload` instead."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str | None = Field(default=None, description="The import to confirm.")
    model_type: str | None = Field(default=None, description="contacts, companies or sources.")
    file_name: str | None = Field(default=None, description="Name of the file as the user has it.")
    content_type: str | None = Field(default=None, description="MIME type of the file, for example text/csv.")
    column_mapping: dict[str, str | None] = Field(
        description="Column of the file → field, for example {'Email': 'email'}; null leaves a column out."
    )
    duplicate_strategy: Literal["skip", "merge", "overwrite"] = Field(
        default="skip", description="What happens where a row meets a stored record."
    )
    tag_delimiter: str | None = Field(default=None, description="What stands between two tags of a cell, for example ;")
    date_format: str | None = Field(
        default=None, description="Format of dates, for example %d/%m/%Y, where their columns don't say it themselves."
    )
    decimal: DecimalMark | None = Field(
        default=None, description="Decimal mark of numbers, where their columns don't say it themselves."
    )
    table: int | None = Field(
        default=None, ge=1, description="Which table is meant where the file holds several different ones, from 1."
    )
    sheet: str | None = Field(
        default=None, description="Name of the sheet that is meant where several of a workbook hold a table."
    )
    match_by: list[str] | None = Field(
        default=None, description="Fields by which a record is found, the one that counts most first."
    )
    on_possible_duplicate: OnPossibleDuplicate | None = Field(
        default=None, description="Where a row may repeat a stored record that says otherwise: create, ask or skip."
    )
    keep_unmapped: bool = Field(
        default=False, description="Keep columns that are mapped to no field in the field `extra` of the records."
    )
    clear_token: str | None = Field(
        default=None, min_length=1, max_length=32, description="A cell that says just this empties its field."
    )
    on_bad_optional: OnBadOptional | None = Field(
        default=None, description="Where a cell is wrong that its row can do without: empty (with a warning), or fail."
    )
    empty_words: list[str] | None = Field(
        default=None, description="Words that mean that a cell is empty, in place of the usual ones."
    )


_AS_IN_THE_SPEC = {
    "match_by", "on_possible_duplicate", "keep_unmapped", "clear_token", "on_bad_optional", "empty_words",
}  # fmt: skip


def from_page_000(
    body: Mapping[str, Any],
    *,
    model_type: str | None = None,
    organization: str = DEFAULT_ORGANIZATION,
    created_by: str | None = None,
) -> ImportSpec:
    """Translate the body of `imports-confirm`.

    Args:
        body: The body; see `ConfirmBody`.
        model_type: What `imports-request-upload` said, plural; needed where the body doesn't say it.
        organization: Whose import it is.
        created_by: Who asked.

    Raises:
        SpecError: A body that does not fit, or two model types.
        UnknownRecordTypeError: A model type that nobody declared.
    """
    asked = checked(ConfirmBody, body, WHERE)
    if asked.model_type is not None and model_type is not None and asked.model_type != model_type:
        raise SpecError(
            f"{WHERE}: model_type is {asked.model_type!r}, but the upload was requested for {model_type!r}. "
            "Leave model_type out, or request a new upload.",
            readings=[asked.model_type, model_type],
        )
    plural = asked.model_type or model_type
    if plural is None:
        raise SpecError(
            f"{WHERE}: 'model_type' is missing. Give it: contacts, companies or sources.", field="model_type"
        )
    parts = {
        "record_type": record_type_of(plural),
        "organization": organization,
        "column_mapping": without_unmapped(asked.column_mapping),
        "mapping_direction": MappingDirection.COLUMN_TO_FIELD,
        "action": Action.MERGE,
        "duplicate_strategy": DuplicateStrategy(asked.duplicate_strategy),
        "tag_delimiter": asked.tag_delimiter,
        "reading": asked.model_dump(include={"date_format", "decimal", "table", "sheet"}),
        "created_by": created_by,
    }
    parts |= asked.model_dump(include=_AS_IN_THE_SPEC, exclude_none=True)
    spec = checked(ImportSpec, parts, WHERE)
    refuse_contradictions(spec, WHERE)
    return spec


def record_type_of(model_type: str) -> str:
    """The record type that page 000 calls by its plural.

    Raises:
        UnknownRecordTypeError: No record type has this plural.
    """
    from import_pipeline import record_types

    singular = {record_types.table_of(name): name for name in record_types.names()}
    if model_type not in singular:
        raise UnknownRecordTypeError(model_type, singular)
    return singular[model_type]
