"""The body of page 004's headless import: its keys, what each means, and what none may hold.

The names of keys are the page's own. What they become is decided in `page_004.py`.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool

_OF_SCREENS = "Kept with the schema. It is for screens: nothing to an import without them."
_OF_STORAGE = "Kept with the schema. Rows are stored here in any case."
_NOT_RUN = "Only empty: not run here. Row hooks are."

_EXAMPLE = {
    "fields": [
        {"key": "first_name", "type": "string", "label": "First Name", "validators": []},
        {"key": "last_name", "type": "string", "label": "Last Name", "validators": []},
    ],
    "settings": {"importIdentifier": "contacts-import", "invalidDataBehavior": "BLOCK_SUBMIT"},
    "original_filename": "user.csv",
}


def _no_hook(given: Any) -> Any:
    if given:
        raise ValueError("hooks of this kind are not run here; do the same in rowHooks, and leave this one out")
    return given


def _no_webhook(given: str | None) -> str | None:
    if given:
        raise ValueError("no webhook of a single schema or import is called; make one for all by POST /v1/webhooks")
    return given


_NoHooks = Annotated[list[Any], AfterValidator(_no_hook)]


class FieldDefinition(BaseModel):
    """A field of an inline schema; what its type and validators mean is decided where the record type is built."""

    model_config = ConfigDict(frozen=True, extra="allow")

    key: str = Field(min_length=1, description="Name of the field.")
    label: str | None = Field(default=None, description="What people call it.")
    type: str | list[Any] = Field(default="string", min_length=1, description="Name of the type, or [name, {options}].")
    validators: list[dict[str, Any]] = Field(default_factory=list, description="Rules, each {validate: name, …}.")


class HeadlessSettings(BaseModel):
    """Settings of a headless import.

    Those of screens and of the other system's own storage are kept with a schema, and mean nothing to an import.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    importIdentifier: str | None = Field(default=None, description="A name for people.")  # noqa: N815 - the page's own key
    invalidDataBehavior: (  # noqa: N815
        Literal["BLOCK_SUBMIT", "REMOVE_INVALID_ROWS", "INCLUDE_INVALID_ROWS", "INCLUDE_INVALID_ROWS_AND_VALUES"] | None
    ) = Field(default=None, description="What happens where rows fail validation.")
    delimiter: str | None = Field(default=None, description="What stands between two cells of the file.")
    passThroughUnmappedColumns: StrictBool | None = Field(  # noqa: N815
        default=None, description="Keep columns that are mapped to no field."
    )
    allowInvalidSubmit: StrictBool | None = Field(  # noqa: N815
        default=None,
        description="The older word: true is INCLUDE_INVALID_ROWS, false REMOVE_INVALID_ROWS. Beside "
        "invalidDataBehavior, that counts.",
    )
    title: str | None = Field(default=None, description=_OF_SCREENS)
    manualInputDisabled: bool | None = Field(default=None, description=_OF_SCREENS)  # noqa: N815
    manualInputOnly: bool | None = Field(default=None, description=_OF_SCREENS)  # noqa: N815
    allowCustomFields: bool | None = Field(default=None, description=_OF_SCREENS)  # noqa: N815
    developmentMode: bool | None = Field(default=None, description=_OF_SCREENS)  # noqa: N815
    displayEncoding: bool | None = Field(default=None, description=_OF_SCREENS)  # noqa: N815
    styleOverrides: dict[str, Any] | None = Field(default=None, description=_OF_SCREENS)  # noqa: N815
    backendSync: bool | None = Field(default=None, description=_OF_STORAGE)  # noqa: N815
    backendSyncMode: Literal["DISABLED", "FULL_DATA", "MAPPINGS_ONLY"] | None = Field(  # noqa: N815
        default=None, description=_OF_STORAGE
    )
    maxFileSize: int | None = Field(  # noqa: N815
        default=None, description="Kept with the schema. What counts is the limit of this server."
    )
    maxRecords: int | None = Field(  # noqa: N815
        default=None, ge=1, description="An import of more rows fails, and nothing of it is written."
    )
    webhookUrl: Annotated[str | None, AfterValidator(_no_webhook)] = Field(  # noqa: N815
        default=None, description="Only null: POST /v1/webhooks instead."
    )
    needsReviewWebhookUrl: Annotated[str | None, AfterValidator(_no_webhook)] = Field(  # noqa: N815
        default=None, description="Only null: POST /v1/webhooks instead."
    )
    initialData: None = Field(default=None, description="Only null: rows are `initial_data` of an import.")  # noqa: N815


class HeadlessHooks(BaseModel):
    """Hooks of a headless import: JavaScript functions as text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rowHooks: list[str] = Field(default_factory=list, description="Functions (record, mode) => {row}.")  # noqa: N815
    bulkRowHooks: _NoHooks = Field(default_factory=list, description=_NOT_RUN)  # noqa: N815
    rowDeleteHooks: _NoHooks = Field(default_factory=list, description=_NOT_RUN)  # noqa: N815
    columnHooks: _NoHooks = Field(default_factory=list, description=_NOT_RUN)  # noqa: N815
    stepHooks: _NoHooks = Field(default_factory=list, description=_NOT_RUN)  # noqa: N815
    beforeFinishCallback: Annotated[str | None, AfterValidator(_no_hook)] = Field(  # noqa: N815
        default=None, description=_NOT_RUN
    )


class ImportUser(BaseModel):
    """Who the import is for."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: str = Field(description="Id of the user.")


class ImportMetadata(BaseModel):
    """What is kept with the import."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    user: ImportUser | None = Field(default=None, description="Who the import is for.")


class HeadlessBody(BaseModel):
    """What a POST to the headless imports takes."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"example": _EXAMPLE})

    schema_id: str | None = Field(default=None, min_length=1, description="A saved schema.")
    fields: list[FieldDefinition] | None = Field(
        default=None, min_length=1, description="The fields of an inline schema."
    )
    settings: HeadlessSettings = Field(default_factory=HeadlessSettings)
    hooks: HeadlessHooks = Field(default_factory=HeadlessHooks)
    original_filename: str | None = Field(
        default=None, min_length=1, description="Name of the file that will be uploaded."
    )
    initial_data: Annotated[list[dict[str, Any]], Field(fail_fast=True)] | None = Field(
        default=None, description="The rows themselves, at most 15 MB of JSON."
    )
    import_metadata: ImportMetadata | None = None
    user: ImportUser | None = Field(
        default=None, description="Who the import is for; the same as import_metadata.user."
    )
