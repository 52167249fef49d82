"""The vocabulary of pages 001 and 002: a mapping {field: header}, an action, a duplicate_handling, an upload_mode.

The action there says what the file means; a matched record is always merged.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from import_pipeline.checked import checked
from import_pipeline.errors import SpecError, UnknownRecordTypeError
from import_pipeline.run_config.contradictions import refuse_contradictions
from import_pipeline.run_config.plain import without_unmapped
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.words import (
    DEFAULT_ORGANIZATION,
    Action,
    DuplicateHandling,
    DuplicateStrategy,
    MappingDirection,
    UploadMode,
)

WHERE = "The import"


class ImportBody(BaseModel):
    """What a POST to the imports takes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    resource: str = Field(description="What is imported: contact, company, source or group.")
    name: str | None = Field(default=None, description="A name for people.")
    action: Action = Field(default=Action.MERGE, description="What the file means: merge, overwrite or delete.")
    duplicate_handling: DuplicateHandling = Field(
        default=DuplicateHandling.IGNORE_ALL,
        description="What happens where rows of the file meet: ignore_all or use_first.",
    )
    upload_mode: UploadMode = Field(
        default=UploadMode.MIXED, description="Which phases the caller waits for: sync, mixed or async."
    )
    column_mapping: dict[str, str | None] | None = Field(
        default=None, description="Field → header of the file, for example {'email': 'E-mail'}. Left out: suggested."
    )
    data: Any = Field(
        default=None, description="The rows themselves, or a file in base64; with async they are uploaded later."
    )


def from_page_001(
    body: Mapping[str, Any], *, organization: str = DEFAULT_ORGANIZATION, created_by: str | None = None
) -> ImportSpec:
    """Translate the body of a new import; what `data` holds is the caller's business, not the spec's.

    Args:
        body: The body; see `ImportBody`.
        organization: Whose import it is.
        created_by: Who asked: a user or an API key.

    Raises:
        SpecError: A body that does not fit, one header for two fields, or data in async mode.
        UnknownRecordTypeError: A resource that nobody declared.
    """
    asked = checked(ImportBody, body, WHERE)
    _refuse_unknown_resource(asked.resource)
    if asked.upload_mode is UploadMode.ASYNC and asked.data is not None:
        raise SpecError(
            f"{WHERE}: upload_mode is 'async' and `data` is given. Either the rows come with this call (set "
            "upload_mode to sync or mixed), or they are uploaded to the URL of the answer (leave `data` out).",
            readings=["sync", "async"],
        )
    parts = {
        "record_type": asked.resource,
        "organization": organization,
        "name": asked.name,
        "action": asked.action,
        "duplicate_strategy": DuplicateStrategy.MERGE,
        "duplicate_handling": asked.duplicate_handling,
        "upload_mode": asked.upload_mode,
        "created_by": created_by,
    }
    if asked.column_mapping is not None:
        parts |= {
            "column_mapping": without_unmapped(asked.column_mapping),
            "mapping_direction": MappingDirection.FIELD_TO_COLUMN,
        }
    spec = checked(ImportSpec, parts, WHERE)
    refuse_contradictions(spec, WHERE)
    return spec


from_page_002 = from_page_001
"""Page 002 is an overview of page 001's imports in the same words; its default mode, mixed, is the default of both."""


def _refuse_unknown_resource(resource: str) -> None:
    from import_pipeline import record_types

    known = record_types.names()
    if resource not in known:
        raise UnknownRecordTypeError(resource, known)
