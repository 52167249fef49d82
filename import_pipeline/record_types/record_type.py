"""What a record type is once it is loaded: `RecordType` and its `Field`s, frozen, read by mapping, phases and API.

Nothing is declared here (that is `models/` and `declaring.py`) and nothing slow is imported.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from import_pipeline.errors import MappingError
from import_pipeline.record_types import ID_FIELD
from import_pipeline.record_types.field_types import FieldType

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema


@dataclass(frozen=True)
class Field:
    """One field of a record type.

    Attributes:
        name: The name in tables, mappings and the API.
        label: The name for people.
        type: How text becomes a value, how the value is stored and compared.
        synonyms: Column headers that mean this field, as people and other programs write them.
        choices: The constants of an enum.
        required: Whether a row without a value is refused.
        reference: The record type that the value points to, or None.
        reference_field: The field of that record type in which the value is looked up.
        description: One sentence for people.
    """

    name: str
    label: str
    type: FieldType
    synonyms: tuple[str, ...]
    choices: tuple[str, ...] = ()
    required: bool = False
    reference: str | None = None
    reference_field: str | None = None
    description: str = ""


@dataclass(frozen=True)
class RecordType:
    """What can be imported: names, fields, identifiers (strongest first, without `id`) and the Pandera schema."""

    name: str
    plural: str
    table: str
    label: str
    fields: tuple[Field, ...]
    identifiers: tuple[str, ...]
    schema: "DataFrameSchema" = field(compare=False, repr=False)
    description: str = ""

    @property
    def field_names(self) -> tuple[str, ...]:
        """The names of the fields in the order of the model, without `id`."""
        return tuple(field.name for field in self.fields)

    def field(self, name: str) -> Field:
        """The field of that name.

        Raises:
            MappingError: The record type has no such field; the message names those it has.
        """
        for candidate in self.fields:
            if candidate.name == name:
                return candidate
        known = (ID_FIELD, *self.field_names)
        raise MappingError(
            f"A {self.name} has no field {name!r}. Use one of: {', '.join(known)}.",
            record_type=self.name,
            field=name,
            known=list(known),
        )
