"""The vocabulary of page 004: the headless import by a saved schema or inline fields, with settings and hooks.

Its body is in `page_004_body.py`. What that asks for beyond a spec (fields, hooks, rows, user) is kept in
`HeadlessRequest` for those who build the record type and read the rows.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from import_pipeline.checked import checked
from import_pipeline.errors import SpecError
from import_pipeline.nearest import listed
from import_pipeline.run_config.page_004_body import FieldDefinition, HeadlessBody, HeadlessSettings
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
