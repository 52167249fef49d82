"""A country, as a name or a code: text, kept as the file has it."""

from typing import TYPE_CHECKING

from import_pipeline.record_types.field_types._field_type import FieldType
from import_pipeline.record_types.rules import control_characters, length

if TYPE_CHECKING:
    from pandera.pandas import Check


class Country(FieldType):
    """A country's name, or its code of two or three letters."""

    def checks(self) -> "list[Check]":
        """No country's name is shorter than its code or longer than a line."""
        return [length.check(min_value=2, max_value=100), control_characters.check()]


TYPE = Country("country")
