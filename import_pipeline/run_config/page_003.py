"""The vocabulary of page 003: multipart with preview, {field: header}, constants, tags, groups and `override`.

`override` says whether imported values beat stored ones: merge if true, else fill. While `in_preview` is true the
import stops before phase 6, which is exactly the spec's dry_run; a later body with in_preview false starts it.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from import_pipeline.checked import checked, shown
from import_pipeline.errors import SpecError
from import_pipeline.nearest import listed
from import_pipeline.run_config.constants import value_mappings_of
from import_pipeline.run_config.contradictions import refuse_contradictions
from import_pipeline.run_config.json_text import read_json_text
from import_pipeline.run_config.plain import without_unmapped
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.run_config.word_lists import WordList, WordsByName, word_list
from import_pipeline.words import DEFAULT_ORGANIZATION, Action, DuplicateStrategy, MappingDirection

WHERE = "The import"

FIELD_NAMES = {"email_1": "email", "phone_1": "phone", "zip": "postal_code"}
"""Fields that page 003's clients call otherwise."""


def _from_json(given: Any) -> Any:
    if not isinstance(given, str) or not given.lstrip().startswith(("{", "[")):
        return given
    try:
        return read_json_text(given)
    except ValueError as error:
        raise ValueError(f"it must be an object or its JSON text; the text is not JSON ({error})") from error


class UserReference(BaseModel):
    """The user of a relationship: {id, type}."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = Field(description="Id of the user.")


class ImportBody(BaseModel):
    """The attributes of an import as page 003 has them; objects may be JSON text, as a form sends them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file_headers_mappings: Annotated[dict[str, str | None] | None, BeforeValidator(_from_json)] = Field(
        default=None, description="Field → header of the file. Left out: suggested."
    )
    file_headers: Annotated[dict[str, str] | None, BeforeValidator(_from_json)] = Field(
        default=None,
        description="Key of a header → the header as the file has it; file_headers_mappings may name the keys.",
    )
    file_constants_mappings: Annotated[dict[str, Any], BeforeValidator(_from_json)] = Field(
        default_factory=dict, description="Field → [{id: constant, values: [values of the file]}]."
    )
    file_constants: Annotated[dict[str, Any] | None, BeforeValidator(_from_json)] = Field(
        default=None, description="What the server found in the file; not read from a request."
    )
    tag_list: WordList = Field(default=(), description="Tags for every row, with commas between them.")
    groups: Annotated[WordList, BeforeValidator(_from_json)] = Field(
        default=(), description="Groups, with commas between them."
    )
    group_tags: Annotated[WordsByName | str, BeforeValidator(_from_json)] = Field(
        default_factory=dict, description="Group → tags of its rows; plain tags where there is one group."
    )
    import_by_group: bool = Field(default=False, description="Import only the rows of `groups`.")
    override: bool = Field(
        default=False, description="Imported values beat stored ones; otherwise only empty fields are filled."
    )
    in_preview: bool = Field(default=False, description="Stop before anything is written.")
    overwrite: bool = Field(
        default=False, description="Change the import even if it was changed since `updated_in_db_at`."
    )
    source: str | None = Field(default=None, description="Source of the contacts.")
    user: UserReference | None = Field(default=None, description="Who started the import.")

    account_list_id: str | None = Field(default=None, description="The organization, where nothing else says it.")
    id: str | None = Field(default=None, description="The server's own; not read from a request.")
    file_url: str | None = Field(default=None, description="The server's own; not read from a request.")
    created_at: str | None = Field(default=None, description="The server's own; not read from a request.")
    updated_at: str | None = Field(default=None, description="The server's own; not read from a request.")
    updated_in_db_at: str | None = Field(default=None, description="What the client last saw; compared by the caller.")


def from_page_003(
    body: Mapping[str, Any],
    *,
    record_type: str = "contact",
    organization: str | None = None,
    created_by: str | None = None,
) -> ImportSpec:
    """Translate the attributes of an import, flat or inside a JSON:API document ({data: {attributes, relationships}}).

    Args:
        body: The body; see `ImportBody`.
        record_type: What the rows are; page 003 knows contacts only.
        organization: Whose import it is; the body's account_list_id if left out.
        created_by: Who asked; the body's user if left out.

    Returns:
        The spec; `in_preview` is its `dry_run`.

    Raises:
        SpecError: A body that does not fit, or whose parts contradict each other.
    """
    asked = checked(ImportBody, attributes_of(body), WHERE)
    parts = {
        "record_type": record_type,
        "organization": _organization(asked, organization),
        "value_mappings": {
            FIELD_NAMES.get(field, field): value_mappings_of(field, given, WHERE)
            for field, given in asked.file_constants_mappings.items()
        },
        "action": Action.MERGE,
        "duplicate_strategy": DuplicateStrategy.MERGE if asked.override else DuplicateStrategy.FILL,
        "tags": asked.tag_list,
        "groups": asked.groups,
        "group_tags": _group_tags(asked),
        "import_by_group": asked.import_by_group,
        "default_source": asked.source or None,
        "dry_run": asked.in_preview,
        "created_by": created_by or (asked.user.id if asked.user is not None else None),
    }
    if asked.file_headers_mappings is not None:
        parts |= {
            "column_mapping": _mapping(asked.file_headers_mappings, asked.file_headers or {}),
            "mapping_direction": MappingDirection.FIELD_TO_COLUMN,
        }
    spec = checked(ImportSpec, parts, WHERE)
    refuse_contradictions(spec, WHERE)
    return spec


def attributes_of(body: Any) -> Any:
    """The attributes of a JSON:API document with its user among them; any other body as it is.

    Raises:
        SpecError: Attributes or relationships are no objects.
    """
    if not isinstance(body, Mapping) or not isinstance(body.get("data"), Mapping):
        return _with_plain_user(body)
    data = body["data"]
    attributes, relationships = data.get("attributes", {}), data.get("relationships", {})
    if not isinstance(attributes, Mapping) or not isinstance(relationships, Mapping):
        raise SpecError(
            f"{WHERE}: data.attributes is {shown(attributes)} and data.relationships {shown(relationships)}: "
            "both must be objects.",
            fields=["data.attributes", "data.relationships"],
        )
    user = relationships.get("user")
    return _with_plain_user({**attributes, "user": user} if user is not None else attributes)


def _with_plain_user(body: Any) -> Any:
    if not isinstance(body, Mapping) or body.get("user") is None:
        return body
    user = body["user"]
    if isinstance(user, str):
        return {**body, "user": {"id": user}}
    return {**body, "user": user["data"]} if isinstance(user, Mapping) and "data" in user else body


def _organization(asked: ImportBody, organization: str | None) -> str:
    if organization is not None and asked.account_list_id not in (None, organization):
        raise SpecError(
            f"{WHERE}: account_list_id is {asked.account_list_id!r}, but the import is made for organization "
            f"{organization!r}. Leave account_list_id out, or use the address of the other organization.",
            readings=[asked.account_list_id, organization],
        )
    return organization or asked.account_list_id or DEFAULT_ORGANIZATION


def _mapping(given: Mapping[str, str | None], file_headers: Mapping[str, str]) -> dict[str, str]:
    """{field: header as the file has it}, where the body may name a header by its key in file_headers."""
    mapping: dict[str, str] = {}
    originals = set(file_headers.values())
    for name, header in without_unmapped(given).items():
        field = FIELD_NAMES.get(name, name)
        if field in mapping:
            raise SpecError(
                f"{WHERE}: file_headers_mappings maps the field {field!r} twice, to {mapping[field]!r} and as {name!r} "
                f"to {header!r}. Keep one of them.",
                field=field,
            )
        original = file_headers.get(header, header)
        if header in originals and original != header:
            own = next(key for key, one in file_headers.items() if one == header)
            raise SpecError(
                f"{WHERE}: file_headers_mappings maps {name!r} to {header!r}, which is the header {header!r} and also "
                f"the key of the header {original!r}. Write {original!r} itself, or {own!r} for the other one.",
                readings=[header, original],
            )
        mapping[field] = original
    return mapping


def _group_tags(asked: ImportBody) -> dict[str, tuple[str, ...]]:
    if not isinstance(asked.group_tags, str):
        return asked.group_tags
    tags = word_list(asked.group_tags)
    if not tags:
        return {}
    if len(asked.groups) != 1:
        raise SpecError(
            f"{WHERE}: group_tags is {asked.group_tags!r}, and `groups` names {listed(asked.groups)}. These tags could "
            "be meant for every group, or one for each in turn. Write group_tags as {group: tags}, or use tag_list.",
            readings=["every group", "one for each group"],
        )
    return {asked.groups[0]: tags}
