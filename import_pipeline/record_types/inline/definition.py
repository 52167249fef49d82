"""What a field of page 004 may say: its keys, read and refused by name."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from import_pipeline.checked import checked
from import_pipeline.errors import SpecError
from import_pipeline.record_types.inline.types import Choice
from import_pipeline.record_types.rules import control_characters

MAX_KEY_LENGTH = 100
RESERVED = frozenset(
    {
        "id", "row_number", "extra", "created_at", "updated_at", "created_by_import", "updated_by_import",
        "import_id", "operation", "changed_at", "mark_sequence", "digest", "rowid",
    }
)  # fmt: skip
"""Columns that every record or its history has, and what DuckDB calls the place of a row."""


class SelectOption(BaseModel):
    """One option of a select."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str | None = Field(default=None, description="What people call it.")
    value: str | int | float | bool = Field(description="What is stored, as text.")
    alternateMatches: list[str] = Field(default_factory=list, description="Other spellings.")  # noqa: N815

    def choice(self) -> Choice:
        """The value, and what it may be written as.

        Raises:
            SpecError: The value holds what no cell may hold.
        """
        value = str(self.value).lower() if isinstance(self.value, bool) else str(self.value)
        if control_characters.has_any(value):
            raise SpecError(f"The option {value!r} holds a control character that cannot be seen: remove it.")
        return Choice(value, (value, *([self.label] if self.label else []), *self.alternateMatches))


class InlineField(BaseModel):
    """A field as page 004 writes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(min_length=1, max_length=MAX_KEY_LENGTH, description="The name of the field.")
    label: str | None = Field(default=None, description="What people call it; the key if left out.")
    description: str | None = Field(default=None, description="One sentence for people.")
    type: str | list[Any] = Field(default="string", min_length=1, description='A type, or ["type", {options}].')
    validators: list[dict[str, Any]] = Field(default_factory=list, description="Rules, each {validate: name, …}.")
    alternateMatches: list[str] = Field(default_factory=list, description="Other headers of its column.")  # noqa: N815
    selectOptions: list[SelectOption] = Field(default_factory=list, description="Options of a select.")  # noqa: N815
    requireMapping: bool = Field(default=False, description="The file must have a column for it.")  # noqa: N815
    invalidValueMessage: str | None = Field(  # noqa: N815
        default=None, description="What people are told where a cell is no value of the type."
    )
    readOnly: bool = Field(default=False, description="For people who look at rows: nothing to the import.")  # noqa: N815
    hidden: bool = Field(default=False, description="For people who look at rows: nothing to the import.")
    manyToOne: Literal[False] | None = Field(  # noqa: N815
        default=None, description="Must be false: one column goes to one field."
    )

    def typed(self) -> tuple[Any, Mapping[str, Any]]:
        """Name of the type and what is said about it."""
        if isinstance(self.type, str):
            return self.type, {}
        options = self.type[1] if len(self.type) > 1 else {}
        if len(self.type) > 2 or not isinstance(options, Mapping):
            raise SpecError(
                f'The type of field {self.key!r} is {self.type!r}: write it as "type" or ["type", {{options}}].',
                field=self.key,
            )
        return self.type[0], options


def read_field(given: Mapping[str, Any]) -> InlineField:
    """Read one field.

    Raises:
        SpecError: It has an unknown key, an unusable value, or a key that cannot name a column.
    """
    where = f"Field {given.get('key')!r}" if isinstance(given, Mapping) else "A field"
    field = checked(InlineField, given, where)
    if field.key.lower() in RESERVED or "\x00" in field.key:
        raise SpecError(
            f"{where}: this key is taken by a column that every record has ({', '.join(sorted(RESERVED))}). "
            "Give the field another key, for example external_id, and put the old one into alternateMatches.",
            field=field.key,
        )
    return field
