"""What a record type is once it is loaded: `RecordType` and its `Field`s, frozen, read by mapping, phases and API.

Nothing is declared here (that is `models/` and `declaring.py`) and nothing slow is imported.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from import_pipeline.errors import MappingError
from import_pipeline.record_types.field_types import FieldType
from import_pipeline.words import ID_FIELD

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema


@dataclass(frozen=True)
class Field:
    """One field of a record type.

    Attributes:
        name: The name in tables, mappings and the API.
        label: The name for people.
        type: How text becomes a value, how the value is stored and compared.
        synonyms: Column headers that mean this field and no other, besides the words of `run_config/suggestions/words`.
        means: The concepts of those words that the field takes, the first one before the others; none: its own name.
        choices: The constants of an enum.
        required: Whether a row without a value is refused.
        reference: The record type that the value points to, or None.
        reference_field: The field of that record type in which the value is looked up.
        kept: Choices that a merge never replaces by another one, the strongest first: a stronger one replaces a weaker.
        refused: The choice of whoever a column that says the opposite of the field says yes for; see `opposites.py`.
        description: One sentence for people.
        ignore_case: Whether upper and lower case identify the same, whatever the type says.
    """

    name: str
    label: str
    type: FieldType
    synonyms: tuple[str, ...]
    means: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    required: bool = False
    reference: str | None = None
    reference_field: str | None = None
    kept: tuple[str, ...] = ()
    refused: str | None = None
    ignore_case: bool = False
    description: str = ""


@dataclass(frozen=True)
class Whole:
    """A field that says in one text what other fields say in parts, such as a full name: each follows the other.

    Attributes:
        field: The field that holds the whole.
        parts: The fields that hold its parts, in the order in which they stand in it.
        split: For each part, gives SQL of that part from SQL of the whole.
    """

    field: str
    parts: tuple[str, ...]
    split: tuple[Callable[[str], str], ...]


@dataclass(frozen=True)
class Uniqueness:
    """Fields whose values, taken together, no two rows of a file share; rows in which one is empty are left alone.

    Attributes:
        fields: The fields that are compared together.
        reported: The field that the defect names.
        ignore_case: Whether upper and lower case are the same.
        level: How bad a repeat is: info, warning or error.
        message: What people are told; None for the usual words.
    """

    fields: tuple[str, ...]
    reported: str
    ignore_case: bool = False
    level: str = "error"
    message: str | None = None


@dataclass(frozen=True)
class Evidence:
    """Fields that tell whether two records that share a weak identifier can be the same thing.

    Attributes:
        kind: How they are compared: `person`, `organization`, `affiliation` or `value`; see `contradictions.py`.
        fields: The fields that are compared together.
    """

    kind: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class RecordType:
    """What can be imported: names, fields, identifiers (strongest first, without `id`) and the Pandera schema.

    Attributes:
        strong: The identifiers that are unique: equal means the same record. The others are weak: equal means the same
            record only where nothing contradicts.
        second: Strong identifier → the field that holds a further value of the same kind (a second e-mail address).
        further: Field → the fields that take the further values where its cell holds several, in their order.
        evidence: What can contradict a weak identifier, besides the strong ones.
        is_inline: Declared by a list of fields, not by a file in `models/`: a row needs no identifier (one without is
            a new record), rows hold every field, mapped or not, and no field means more than its type says.
        wanted: Fields that must have a column, or a person has to look.
        unique: What no two rows of a file may share.
        wholes: Fields that say what others say in parts.
    """

    name: str
    plural: str
    table: str
    label: str
    fields: tuple[Field, ...]
    identifiers: tuple[str, ...]
    strong: tuple[str, ...]
    schema: "DataFrameSchema" = field(compare=False, repr=False)
    description: str = ""
    is_inline: bool = False
    wanted: tuple[str, ...] = ()
    unique: tuple[Uniqueness, ...] = ()
    second: Mapping[str, str] = field(default_factory=dict)
    further: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    wholes: tuple[Whole, ...] = ()

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
