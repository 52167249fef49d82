"""`ImportSpec`: the frozen, complete answer to 'what did the user ask for', whatever vocabulary they asked in.

Only the spec and its own consistency belong here. Translations into it live in the modules beside this one;
what the words mean for rows is decided in the phases.
"""

from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from import_pipeline.nearest import listed
from import_pipeline.record_types.rules import control_characters
from import_pipeline.run_config.directions import turned_round
from import_pipeline.run_config.word_lists import WordList, WordsByName, WordSet
from import_pipeline.words import (
    DEFAULT_ORGANIZATION,
    ORGANIZATION_PATTERN,
    Action,
    DateOrder,
    DuplicateHandling,
    DuplicateStrategy,
    InvalidData,
    MappingDirection,
    OnBadOptional,
    OnPossibleDuplicate,
    OnReferenced,
    UploadMode,
)

MOST_LINES = 1_000_000_000
"""Further down no header is looked for."""
DecimalMark = Annotated[str, StringConstraints(pattern=r"^[.,]$")]


class ReadOptions(BaseModel):
    """What a person says about the file by hand; every part left out is detected."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    encoding: str | None = Field(
        default=None, max_length=40, description="Name of the encoding, for example utf-8 or windows-1252."
    )
    delimiter: str | None = Field(
        default=None, max_length=16, description="What stands between two cells; may be several characters."
    )
    quote: str | None = Field(
        default=None, description="What cells are quoted with, one character; an empty string means no quoting."
    )
    escape: str | None = Field(
        default=None, description="What stands before a quote inside a quoted cell, one character."
    )
    header_row: int | None = Field(
        default=None, ge=0, le=MOST_LINES, description="Line of the header among the lines kept, from 1; 0: no header."
    )
    skip_rows: int | None = Field(
        default=None, ge=0, le=MOST_LINES, description="How many lines to pass over at the top of the file."
    )
    repair_text: bool = Field(
        default=True,
        description="Repair text that was read in a wrong encoding before the file was written, where that is certain.",
    )
    decimal: DecimalMark | None = Field(default=None, description="Decimal mark of numbers: . or ,")
    date_format: str | None = Field(
        default=None, max_length=100, description="Format of dates in strptime's words, for example %d/%m/%Y."
    )
    date_orders: dict[str, DateOrder] = Field(
        default_factory=dict, description="Column → day_first or month_first, where the dates of one column are meant."
    )
    decimals: dict[str, DecimalMark] = Field(
        default_factory=dict, description="Column → decimal mark, where the numbers of one column are meant."
    )
    sheet: str | None = Field(
        default=None, description="Name of the sheet of a workbook; the one that holds a table by default."
    )
    member: str | None = Field(default=None, description="Name of the file in an archive that holds several.")
    table: int | None = Field(
        default=None, ge=1, description="Which table is meant where the file holds several different ones, from 1."
    )
    max_rows: int | None = Field(
        default=None, ge=1, description="Most rows that the file may have, if fewer than the server takes."
    )

    @field_validator("delimiter", "quote", "escape")
    @classmethod
    def _mark_can_be(cls, given: str | None, info: ValidationInfo) -> str | None:
        if given is None:
            return None
        if given == "" and info.field_name == "delimiter":
            raise ValueError("It is empty, so it can part no cells. Give one, or leave it out to have it detected.")
        if any(sign in "\r\n\x00" or "\ud800" <= sign <= "\udfff" for sign in given):
            raise ValueError("A line end or NUL cannot be it. Give another sign, or leave it out to have it detected.")
        if len(given) > 1 and info.field_name != "delimiter":
            raise ValueError("It must be one character. Give one, or leave it out to have it detected.")
        return given

    @model_validator(mode="after")
    def _marks_differ(self) -> Self:
        for name, mark in (("quote", self.quote), ("escape", self.escape)):
            if mark and self.delimiter is not None and mark in self.delimiter:
                raise ValueError(
                    f"delimiter is {self.delimiter!r} and {name} is {mark!r}: one sign cannot be both. "
                    "Leave out the one that you are not sure of to have it detected."
                )
        return self


class ImportSpec(BaseModel):
    """What one import was asked to do. Three axes are kept apart: action, duplicate_strategy, duplicate_handling."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    record_type: str = Field(description="What the rows are: contact, company, source or group.")
    organization: Annotated[str, StringConstraints(pattern=ORGANIZATION_PATTERN)] = Field(
        default=DEFAULT_ORGANIZATION, description="Whose import and whose records it is."
    )
    name: str | None = Field(default=None, max_length=127, description="A name for people.")

    schema_id: str | None = Field(default=None, description="The saved schema that declares the record type.")
    schema_fields: tuple[dict[str, Any], ...] | None = Field(
        default=None, description="The fields of a record type that is declared here, as page 004 writes them."
    )
    row_hooks: tuple[str, ...] = Field(
        default=(), description="JavaScript functions (record, mode) => {row} that each row goes through."
    )
    python_hooks: tuple[str, ...] = Field(
        default=(), description="Names of installed hooks (entry points import_pipeline.hooks) that rows go through."
    )

    column_mapping: dict[str, str] | None = Field(
        default=None, description="Column of the file → field of the record type. Left out: suggested from the headers."
    )
    mapping_direction: MappingDirection | None = Field(
        default=None,
        description="Which way round column_mapping is written; left out: told from the headers of the file. "
        "A mapping written field_to_column is turned round at once and kept as column_to_field.",
    )
    auto_map: bool = Field(default=False, description="Apply suggested mappings even where they are only similar.")
    value_mappings: dict[str, dict[str, str | None]] = Field(
        default_factory=dict,
        description="Field → {value in the file: constant of the field, or null to leave it empty}.",
    )
    keep_unmapped: bool = Field(
        default=False, description="Keep columns that are mapped to no field in the JSON field `extra`."
    )

    action: Action = Field(
        default=Action.MERGE,
        description="What the file means. merge: create and update its records; overwrite: also delete those "
        "that are not in it; delete: delete its records.",
    )
    duplicate_strategy: DuplicateStrategy = Field(
        default=DuplicateStrategy.MERGE,
        description="Where a row meets a stored record. skip: it stays; fill: only its empty fields change; "
        "merge: the row's non-empty values win; overwrite: the row replaces it.",
    )
    duplicate_handling: DuplicateHandling = Field(
        default=DuplicateHandling.IGNORE_ALL,
        description="Where rows of the file meet each other. ignore_all: all of them are left out; "
        "use_first: the first is used.",
    )
    invalid_data: InvalidData = Field(
        default=InvalidData.REMOVE_ROWS,
        description="Where rows fail validation. remove_rows: they are left out; block: nothing is written "
        "and a person looks; null_cells: the bad cells are left empty.",
    )

    on_bad_optional: OnBadOptional | None = Field(
        default=None,
        description="Where a cell is bad in a field that may be empty and identifies nothing, such as a website. "
        "empty: it is left empty, with a warning, and its row goes on, unless it is a word of which value_mappings can "
        "say what it means; fail: its row fails, and invalid_data says what follows. Left out: empty; fail with "
        "invalid_data block and for declared schemas.",
    )
    empty_words: WordList | None = Field(
        default=None,
        description="Words that mean that a cell is empty, in any case, in place of the usual ones (NULL, N/A, none, "
        "dashes, zero dates and the like); an empty list: none does.",
    )

    match_by: WordList = Field(
        default=(),
        description="Identifiers by which a record is found, the one that counts most first, in place of those of the "
        "record type in their order.",
    )
    on_possible_duplicate: OnPossibleDuplicate = Field(
        default=OnPossibleDuplicate.CREATE,
        description="Where a row shares a phone number, domain or name with a stored record that says otherwise. "
        "create: a record of its own, with a warning; ask: nothing is written and a person looks; skip: left out.",
    )
    on_referenced: OnReferenced = Field(
        default=OnReferenced.KEEP,
        description="Where a record that is to be deleted is referred to by others. keep: it stays and is listed; "
        "clear: it is deleted and the references to it are emptied.",
    )
    clear_token: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=32)] | None = Field(
        default=None,
        description="A cell that says just this empties its field in the stored record, unless the strategy is "
        "skip or fill.",
    )

    keep_ids: bool = Field(
        default=False,
        description="Records that an export of this program brings along keep their ids where they are created, "
        "unless a stored record has that id.",
    )

    max_failed_rows: int | None = Field(
        default=None, ge=0, description="More failed rows than this, and nothing is written: the import needs review."
    )
    max_failed_fraction: float | None = Field(
        default=None, ge=0, le=1, description="A larger part of the rows failed, and nothing is written."
    )

    tag_delimiter: str | None = Field(
        default=None, min_length=1, max_length=8, description="What stands between two tags of a cell."
    )
    tags: WordList = Field(default=(), description="Tags that every row gets on top of its own.")
    groups: WordList = Field(
        default=(), description="Groups that every row joins; with import_by_group the only ones imported."
    )
    group_tags: WordsByName = Field(default_factory=dict, description="Group → tags of its rows.")
    import_by_group: bool = Field(default=False, description="Import only the rows that are in one of `groups`.")
    default_source: str | None = Field(
        default=None, min_length=1, description="What the field `source` of a contact gets where its row says nothing."
    )
    create_missing: WordSet = Field(
        default=frozenset({"group", "source"}),
        description="Record types of which a record that a row refers to is created where it is missing: "
        "company, group, source. The name of a group or source says all about it; a company is created only if asked.",
    )

    confirm_deletions: bool = Field(
        default=False,
        description="Allow deletions for which a person would be asked, such as those of an overwrite "
        "whose file was not read whole.",
    )
    import_again: bool = Field(
        default=False, description="Import these bytes even if the same bytes were imported before."
    )
    dry_run: bool = Field(default=False, description="Stop after phase 5 and report what would happen.")
    preview: bool = Field(
        default=False, description="Wait after phase 5 with what would happen; to confirm the import is to write it."
    )
    upload_mode: UploadMode = Field(
        default=UploadMode.ASYNC,
        description="What the caller waits for. sync: phases 1 and 2; mixed: these and the checks after them; "
        "async: nothing.",
    )
    reading: ReadOptions = Field(
        default_factory=ReadOptions, description="What is known of the file; every part left out is detected."
    )
    created_by: str | None = Field(default=None, description="Who asked: a user, a token, or the way in.")

    @model_validator(mode="before")
    @classmethod
    def _mapping_goes_from_column_to_field(cls, given: Any) -> Any:
        if not isinstance(given, dict) or given.get("mapping_direction") != MappingDirection.FIELD_TO_COLUMN:
            return given
        turned: dict[str, Any] = {"mapping_direction": MappingDirection.COLUMN_TO_FIELD}
        mapping = given.get("column_mapping")
        if isinstance(mapping, dict) and all(isinstance(column, str) for column in mapping.values()):
            turned["column_mapping"] = turned_round(mapping)
        return given | turned

    @model_validator(mode="after")
    def _words_for_all_rows_can_be_stored(self) -> Self:
        of_groups = [word for name, tags in self.group_tags.items() for word in (name, *tags)]
        for word in (*self.tags, *self.groups, *of_groups, self.default_source or ""):
            if control_characters.has_any(word):
                raise ValueError(f"{word!r} holds a control character that cannot be seen: remove it.")
        return self

    @model_validator(mode="after")
    def _mapping_is_one_to_one(self) -> Self:
        mapping = self.column_mapping or {}
        twice = sorted({field for field in mapping.values() if list(mapping.values()).count(field) > 1})
        if twice:
            columns = [column for column, field in mapping.items() if field in twice]
            raise ValueError(f"{listed(columns)} are mapped to the same {listed(twice)}: keep one and drop the others.")
        return self

    def replaced(self, **changes: Any) -> Self:
        """A copy with some parts changed, checked like a new one."""
        return type(self).model_validate(self.model_dump() | changes)
