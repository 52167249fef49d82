"""Text of one or few lines, stored as it stands."""

from typing import TYPE_CHECKING

from import_pipeline.record_types.field_types._field_type import FieldType
from import_pipeline.record_types.rules import control_characters, length, scientific_notation, worded

if TYPE_CHECKING:
    from pandera.pandas import Check

MAX_LENGTH = 1_000


class Text(FieldType):
    """Text without control characters, up to `MAX_LENGTH` characters."""

    def checks(self) -> "list[Check]":
        """Length and control characters; a number that a spreadsheet has rounded is warned of, for it may be meant."""
        rounded = worded(scientific_notation.check(), "warning", None)
        return [length.check(max_value=MAX_LENGTH), control_characters.check(), rounded]


TYPE = Text("text")
