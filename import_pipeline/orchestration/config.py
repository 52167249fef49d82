"""`ImportConfig`: what a person types in the Launchpad, field by field, and its translation into the spec.

It says what `ImportSpec` says, plus the file. Where the file is looked for is decided in `launchpad`.
"""

from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any

import dagster as dg
from pydantic import Field

from import_pipeline.run_config.object_key import from_object_key
from import_pipeline.run_config.plain import from_plain, merged_with
from import_pipeline.run_config.spec import ImportSpec, ReadOptions
from import_pipeline.words import (
    DEFAULT_ORGANIZATION,
    UPLOADS,
    Action,
    DuplicateHandling,
    DuplicateStrategy,
    InvalidData,
    OnBadOptional,
    OnPossibleDuplicate,
    OnReferenced,
)

WHERE = "The run config"


def _offered(words: type[StrEnum]) -> Any:
    # The Launchpad offers the names of an enumeration's members: here they are the words themselves.
    members: Any = {word.value: word.value for word in words}
    return Enum(words.__name__, members)


if TYPE_CHECKING:
    Actions = Action
    Strategies = DuplicateStrategy
    Handlings = DuplicateHandling
    InvalidDatas = InvalidData
    BadOptionals = OnBadOptional
    PossibleDuplicates = OnPossibleDuplicate
    Referenced = OnReferenced
else:
    Actions = _offered(Action)
    Strategies = _offered(DuplicateStrategy)
    Handlings = _offered(DuplicateHandling)
    InvalidDatas = _offered(InvalidData)
    BadOptionals = _offered(OnBadOptional)
    PossibleDuplicates = _offered(OnPossibleDuplicate)
    Referenced = _offered(OnReferenced)


def _said(name: str, of: type[ImportSpec] | type[ReadOptions] = ImportSpec) -> str:
    return of.model_fields[name].description or ""


def _reading(name: str) -> Any:
    return Field(default=None, description=_said(name, ReadOptions))


class ReadingConfig(dg.Config):
    """What is said about the file by hand; every part left out is detected."""

    encoding: str | None = _reading("encoding")
    delimiter: str | None = _reading("delimiter")
    quote: str | None = _reading("quote")
    escape: str | None = _reading("escape")
    header_row: int | None = _reading("header_row")
    skip_rows: int | None = _reading("skip_rows")
    repair_text: bool = Field(default=True, description=_said("repair_text", ReadOptions))
    decimal: str | None = _reading("decimal")
    date_format: str | None = _reading("date_format")
    date_orders: dict[str, str] = Field(default_factory=dict, description=_said("date_orders", ReadOptions))
    decimals: dict[str, str] = Field(default_factory=dict, description=_said("decimals", ReadOptions))
    sheet: str | None = _reading("sheet")
    member: str | None = _reading("member")
    table: int | None = _reading("table")
    max_rows: int | None = _reading("max_rows")


class ImportConfig(dg.Config):
    """One import, as a person asks for it, or the answer to one that waits.

    Leave all of it out to run an import that the registry knows.
    """

    file: str = Field(
        default="",
        description="The file to import: the name of an object in the bucket (uploads/default/contact/people.csv), "
        "or the path of a file in one of the launch folders (data/samples/…).",
    )
    record_type: str = Field(
        default="",
        description="What the rows are: contact, company, source or group. "
        "Known already for an object below uploads/<organization>/<record type>/.",
    )
    organization: str = Field(
        default="", description=f"Whose records these are; {DEFAULT_ORGANIZATION!r} if nothing says otherwise."
    )
    name: str | None = Field(default=None, description=_said("name"))

    column_mapping: dict[str, str] | None = Field(
        default=None,
        description=_said("column_mapping") + " Field → column is understood, too.",
    )
    auto_map: bool = Field(default=False, description=_said("auto_map"))
    value_mappings: dict[str, dict[str, str | None]] = Field(default_factory=dict, description=_said("value_mappings"))
    keep_unmapped: bool = Field(default=False, description=_said("keep_unmapped"))

    action: Actions = Field(
        default=Actions["merge"],
        description="What the file means. merge: create and update its records. overwrite: the file is the whole "
        "truth, records that are not in it are deleted. delete: delete its records.",
    )
    duplicate_strategy: Strategies = Field(
        default=Strategies["merge"],
        description="Where a row meets a stored record. skip: the record stays. fill: only its empty fields are "
        "filled. merge: the row's non-empty values win. overwrite: the row replaces it.",
    )
    duplicate_handling: Handlings = Field(
        default=Handlings["ignore_all"],
        description="Where rows of the file meet each other. ignore_all: all of them are left out. "
        "use_first: the first is used.",
    )
    invalid_data: InvalidDatas = Field(
        default=InvalidDatas["remove_rows"],
        description="Where a row fails validation. remove_rows: it is left out. block: nothing is written and the "
        "import waits for a person. null_cells: the bad cell is stored empty and reported.",
    )

    on_bad_optional: BadOptionals | None = Field(default=None, description=_said("on_bad_optional"))
    empty_words: list[str] | None = Field(default=None, description=_said("empty_words"))

    match_by: list[str] = Field(default_factory=list, description=_said("match_by"))
    on_possible_duplicate: PossibleDuplicates = Field(
        default=PossibleDuplicates["create"], description=_said("on_possible_duplicate")
    )
    on_referenced: Referenced = Field(default=Referenced["keep"], description=_said("on_referenced"))
    keep_ids: bool = Field(default=False, description=_said("keep_ids"))
    clear_token: str | None = Field(default=None, description=_said("clear_token"))

    tag_delimiter: str | None = Field(default=None, description=_said("tag_delimiter"))
    tags: list[str] = Field(default_factory=list, description=_said("tags"))
    groups: list[str] = Field(default_factory=list, description=_said("groups"))
    group_tags: dict[str, list[str]] = Field(default_factory=dict, description=_said("group_tags"))
    import_by_group: bool = Field(default=False, description="Import only the rows that are in one of `groups`.")
    default_source: str | None = Field(default=None, description=_said("default_source"))
    create_missing: list[str] = Field(default_factory=lambda: ["group", "source"], description=_said("create_missing"))

    schema_id: str | None = Field(default=None, description=_said("schema_id"))
    python_hooks: list[str] = Field(default_factory=list, description=_said("python_hooks"))
    max_failed_rows: int | None = Field(default=None, description=_said("max_failed_rows"))
    max_failed_fraction: float | None = Field(default=None, description=_said("max_failed_fraction"))

    confirm: bool = Field(
        default=False,
        description="Of an import that waits for a person: accept what it asks, and go on. What else is typed here is "
        "its answer to a question about the mapping, or about how dates and numbers are written.",
    )
    confirm_deletions: bool = Field(default=False, description=_said("confirm_deletions"))
    dry_run: bool = Field(default=False, description=_said("dry_run"))
    preview: bool = Field(default=False, description=_said("preview"))
    reading: ReadingConfig = Field(
        default_factory=ReadingConfig, description="What is said about the file by hand; the rest is detected."
    )

    def to_spec(self, created_by: str) -> ImportSpec:
        """What was asked for, in the words of every other interface.

        Args:
            created_by: Who or what asks.

        Raises:
            SpecError: Something is missing, unusable or contradictory; it is named, with the remedy.
        """
        given = {name: value for name, value in self.plain().items() if value not in ("", None)}
        folder = _named_by_folder(self.file)
        body = merged_with(given, folder, WHERE, "the folder of the object") if folder else given
        return from_plain(body | {"created_by": created_by}, WHERE)

    def plain(self) -> dict[str, Any]:
        """What it says of the spec, as a spec's own words."""
        return {name: _plain(value) for name, value in self if name not in ("file", "confirm")}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dg.Config):
        return {name: part for name, part in value if part is not None}
    return value


def _named_by_folder(file: str) -> dict[str, str]:
    """Organization and record type of an object below `uploads`, which its folders name."""
    if not file.startswith(f"{UPLOADS}/"):
        return {}
    place = from_object_key(file)
    return {"organization": place.organization, "record_type": place.record_type}
