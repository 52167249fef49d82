"""Text that names one thing elsewhere (external ids, postal codes): every character counts, zeros in front too."""

from typing import TYPE_CHECKING

from import_pipeline.record_types.field_types._field_type import FieldType
from import_pipeline.record_types.rules import control_characters, length, scientific_notation

if TYPE_CHECKING:
    from pandera.pandas import Check

MAX_LENGTH = 255


class Identifier(FieldType):
    """Text whose every character counts, case included; a number that a spreadsheet has rounded is refused."""

    def checks(self) -> "list[Check]":
        """Length, control characters and numbers in scientific notation."""
        return [length.check(max_value=MAX_LENGTH), control_characters.check(), scientific_notation.check()]


TYPE = Identifier("identifier")
