"""The vocabulary of page 004: the headless import by a saved schema or inline fields, with settings and hooks.

What the body asks for beyond a spec (fields, hooks, rows, user) is kept in `HeadlessRequest` for those who build the
record type and read the rows.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool

from import_pipeline.checked import checked
from import_pipeline.errors import SpecError
from import_pipeline.nearest import listed
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.words import DEFAULT_ORGANIZATION, InvalidData

WHERE = "The headless import"
MAX_INITIAL_DATA_BYTES = 15_000_000
INLINE_RECORD_TYPE = "inline"

_INVALID_DATA = {
    "BLOCK_SUBMIT": InvalidData.BLOCK,
    "REMOVE_INVALID_ROWS": InvalidData.REMOVE_ROWS,
    "INCLUDE_INVALID_ROWS": InvalidData.NULL_CELLS,
}


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


@dataclass(frozen=True)
class HeadlessRequest:
    """A headless body that was found sound.

    Attributes:
        schema_id: The saved schema, or None with inline fields.
        fields: The inline fields, or None with a saved schema.
        settings: The settings that were given, by the page's keys: to be merged over a saved schema's.
        row_hooks: JavaScript functions as text, in their order.
        original_filename: The file that will be uploaded, or None with initial_data.
        initial_data: The rows, or None with a file.
        user: What is known of the user, or None.
    """

    schema_id: str | None
    fields: tuple[dict[str, Any], ...] | None
    settings: dict[str, Any]
    row_hooks: tuple[str, ...]
    original_filename: str | None
    initial_data: list[dict[str, Any]] | None
    user: dict[str, Any] | None

    def spec(
        self,
        *,
        record_type: str | None = None,
        organization: str = DEFAULT_ORGANIZATION,
        created_by: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> ImportSpec:
        """The spec of this request.

        Args:
            record_type: What the schema's record type is called; the schema_id, or `inline`, if left out.
            organization: Whose import it is.
            created_by: Who asked; the user's id if left out.
            settings: The settings after merging over a saved schema's; those of the request if left out.

        Raises:
            SpecError: A setting that is not known or cannot be kept.
        """
        merged = checked(HeadlessSettings, self.settings if settings is None else settings, f"{WHERE}'s settings")
        parts = {
            "record_type": record_type or self.schema_id or INLINE_RECORD_TYPE,
            "organization": organization,
            "name": merged.importIdentifier,
            "invalid_data": invalid_data_of(merged.invalidDataBehavior or _older_word(merged.allowInvalidSubmit)),
            "keep_unmapped": bool(merged.passThroughUnmappedColumns),
            "reading": {"delimiter": merged.delimiter, "max_rows": merged.maxRecords},
            "schema_id": self.schema_id,
            "schema_fields": self.fields,
            "row_hooks": self.row_hooks,
            "created_by": created_by or (self.user["id"] if self.user is not None else None),
        }
        return checked(ImportSpec, parts, WHERE)


def read_page_004(body: Mapping[str, Any]) -> HeadlessRequest:
    """Check a headless body and keep all that it says.

    Raises:
        SpecError: A body that does not fit, both or neither of two keys of which one is wanted, or too much data.
    """
    asked = checked(HeadlessBody, body, WHERE)
    _one_of(asked, "schema_id", "fields", "the fields of the saved schema", "the inline fields")
    _one_of(asked, "original_filename", "initial_data", "the file that is uploaded", "the rows of this call")
    _refuse_repeated_keys(asked.fields or [])
    _refuse_large_data(asked.initial_data)
    invalid_data_of(asked.settings.invalidDataBehavior)
    return HeadlessRequest(
        schema_id=asked.schema_id,
        fields=tuple(field.model_dump(exclude_unset=True) for field in asked.fields) if asked.fields else None,
        settings=asked.settings.model_dump(exclude_unset=True),
        row_hooks=tuple(asked.hooks.rowHooks),
        original_filename=asked.original_filename,
        initial_data=asked.initial_data,
        user=_user(asked),
    )


def from_page_004(
    body: Mapping[str, Any],
    *,
    record_type: str | None = None,
    organization: str = DEFAULT_ORGANIZATION,
    created_by: str | None = None,
) -> ImportSpec:
    """Translate a headless body into the spec alone; `read_page_004` also gives its rows and user.

    Raises:
        SpecError: As for `read_page_004`.
    """
    request = read_page_004(body)
    return request.spec(record_type=record_type, organization=organization, created_by=created_by)


def invalid_data_of(behavior: str | None) -> InvalidData:
    """What page 004's invalidDataBehavior means here; REMOVE_INVALID_ROWS is the default.

    Raises:
        SpecError: INCLUDE_INVALID_ROWS_AND_VALUES: an invalid value has no place in a typed field.
    """
    if behavior is None:
        return InvalidData.REMOVE_ROWS
    if behavior not in _INVALID_DATA:
        raise SpecError(
            f"{WHERE}: settings.invalidDataBehavior is {behavior!r}: a value that fails validation cannot be stored in "
            "its field. Use 'INCLUDE_INVALID_ROWS' to keep the row with that field empty and the value in the errors, "
            f"or one of {listed(_INVALID_DATA)}.",
            field="settings.invalidDataBehavior",
            value=behavior,
        )
    return _INVALID_DATA[behavior]


def _older_word(allow_invalid_submit: bool | None) -> str | None:
    return "INCLUDE_INVALID_ROWS" if allow_invalid_submit else None


def _one_of(asked: HeadlessBody, first: str, second: str, first_means: str, second_means: str) -> None:
    given = [key for key in (first, second) if getattr(asked, key) is not None]
    if len(given) == 2:
        raise SpecError(
            f"{WHERE}: {first!r} and {second!r} are both given. Either {first_means} count, or {second_means}: "
            f"leave one out.",
            readings=[first, second],
        )
    if not given:
        raise SpecError(f"{WHERE}: {first!r} or {second!r} is missing. Give one of them.", fields=[first, second])


def _refuse_repeated_keys(fields: list[FieldDefinition]) -> None:
    keys = [field.key for field in fields]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise SpecError(f"{WHERE}: fields has {listed(twice)} more than once. Give each field its own key.", keys=twice)


def _refuse_large_data(rows: list[dict[str, Any]] | None) -> None:
    if rows is None:
        return
    try:
        size = len(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))
    except (TypeError, ValueError) as error:
        raise SpecError(
            f"{WHERE}: initial_data is not JSON ({error}). Send plain rows.", field="initial_data"
        ) from error
    if size > MAX_INITIAL_DATA_BYTES:
        raise SpecError(
            f"{WHERE}: initial_data is {size} bytes of JSON, more than {MAX_INITIAL_DATA_BYTES}. Upload a file: "
            "leave initial_data out and give original_filename.",
            field="initial_data",
        )


def _user(asked: HeadlessBody) -> dict[str, Any] | None:
    inner = asked.import_metadata.user if asked.import_metadata is not None else None
    if asked.user is not None and inner is not None and asked.user != inner:
        raise SpecError(
            f"{WHERE}: user is {asked.user.id!r} and import_metadata.user is {inner.id!r}. Leave one of them out.",
            readings=[asked.user.id, inner.id],
        )
    user = asked.user or inner
    return user.model_dump() if user is not None else None
