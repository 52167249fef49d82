"""What the builders of types share: what they give, their options, and texts that are looked up in a list."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from import_pipeline.errors import SpecError
from import_pipeline.record_types.field_types import CastOptions, FieldType
from import_pipeline.sql import Parameters

if TYPE_CHECKING:
    from pandera.pandas import Check


@dataclass(frozen=True)
class Choice:
    """A select option: the value that is stored, and the texts that mean it."""

    value: str
    meanings: tuple[str, ...]


@dataclass(frozen=True)
class ResolvedType:
    """A type with its options.

    Attributes:
        type: How text becomes a value.
        checks: Rules on top of those of the field type.
        choices: The values that are allowed, if only these are.
        delimiter: What stands between the entries of a cell, where it holds several.
        name: The type as page 004 writes it.
    """

    type: FieldType
    checks: "tuple[Check, ...]" = ()
    choices: tuple[str, ...] = ()
    delimiter: str | None = None
    name: str = ""


def refuse_empty_range(least: float | None, most: float | None) -> None:
    """Refuse a range in which nothing lies.

    Raises:
        SpecError: The least value is greater than the greatest.
    """
    if least is not None and most is not None and least > most:
        raise SpecError(
            f"min is {least:g} and max is {most:g}, so no value can be right. Turn them round, or drop one."
        )


class NoOptions(BaseModel):
    """The options of a type that has none."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Lookup(FieldType):
    """Text that is looked up in a list, without case: the value beside it is stored; other texts are none, or stay.

    Attributes:
        meanings: (text, value) pairs.
        keeps_others: Whether a text outside the list stays as it is.
        exact: Whether the case matters.
    """

    meanings: tuple[tuple[str, str], ...] = ()
    keeps_others: bool = False
    exact: bool = False

    def cast(self, text_sql: str, bind: Parameters, options: CastOptions) -> str:
        """The value of the first text that is the same."""
        found = looked_up(text_sql, dict(reversed(self.meanings)), bind, exact=self.exact)
        return f"coalesce({found}, {text_sql})" if self.keeps_others else found


def looked_up(text_sql: str, values: Mapping[str, str], bind: Parameters, *, exact: bool) -> str:
    """SQL of the value that stands beside a text, NULL where none does."""
    keys = {key if exact else key.lower(): value for key, value in values.items()}
    places = f"list_position({bind.bind(list(keys))}::VARCHAR[], {text_sql if exact else f'lower({text_sql})'})"
    return f"({bind.bind(list(keys.values()))}::VARCHAR[])[{places}]"
