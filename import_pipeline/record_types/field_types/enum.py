"""One of a few constants, which the field declares as `choices`."""

from typing import TYPE_CHECKING, ClassVar

from import_pipeline.record_types.field_types._field_type import CastOptions, FieldType
from import_pipeline.record_types.rules import choices as choices_rule
from import_pipeline.sql import Parameters

if TYPE_CHECKING:
    from pandera.pandas import Check


class Enum(FieldType):
    """A constant; the case in which the file writes it does not matter."""

    takes_choices: ClassVar[bool] = True

    def cast(self, text_sql: str, bind: Parameters, options: CastOptions) -> str:
        """The constant as it is declared; any other text stays, for the rule to judge and to name."""
        by_case = {choice.lower(): choice for choice in self.choices}
        if len(by_case) < len(self.choices):  # constants that differ by case alone: the case matters after all
            return text_sql
        branches = " ".join(f"WHEN {bind.bind(low)} THEN {bind.bind(choice)}" for low, choice in by_case.items())
        return f"CASE lower({text_sql}) {branches} ELSE {text_sql} END"

    def checks(self) -> "list[Check]":
        """The value is one of the constants."""
        return [choices_rule.check(self.choices)]


TYPE = Enum("enum")
