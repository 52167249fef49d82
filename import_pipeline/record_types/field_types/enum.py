"""One of a few constants, which the field declares as `choices`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from import_pipeline.record_types.field_types._field_type import CastOptions, FieldType
from import_pipeline.record_types.lexicon import plain
from import_pipeline.record_types.rules import choices as choices_rule
from import_pipeline.sql import Parameters

if TYPE_CHECKING:
    from pandera.pandas import Check


class Enum(FieldType):
    """A constant; the case in which the file writes it does not matter, and other words for it are understood."""

    takes_choices: ClassVar[bool] = True

    def cast(self, text_sql: str, bind: Parameters, options: CastOptions) -> str:
        """The constant as it is declared; any other text stays, for the rule to judge and to name."""
        by_case = {choice.lower(): choice for choice in self.choices}
        if len(by_case) < len(self.choices):  # constants that differ by case alone: the case matters after all
            return text_sql
        branches = " ".join(f"WHEN {bind.bind(low)} THEN {bind.bind(choice)}" for low, choice in by_case.items())
        other = text_sql
        if self.words:
            known = self.known_words()
            meant = f"MAP({bind.bind(list(known))}::VARCHAR[], {bind.bind(list(known.values()))}::VARCHAR[])"
            plain_text = rf"trim(regexp_replace(lower(strip_accents({text_sql})), '[^\p{{L}}\p{{N}}]+', ' ', 'g'))"
            other = f"coalesce({meant}[lower({text_sql})], {meant}[{plain_text}], {text_sql})"
        return f"CASE lower({text_sql}) {branches} ELSE {other} END"

    def known_words(self) -> Mapping[str, str]:
        """The constants and the further words for them; where two mean different ones, the former counts."""
        known = {choice.lower(): choice for choice in self.choices}
        for word, choice in self.words:
            known.setdefault(word.lower(), choice)
        for word, choice in list(known.items()):
            if plain(word):
                known.setdefault(plain(word), choice)
        return known

    def checks(self) -> "list[Check]":
        """The value is one of the constants."""
        return [choices_rule.check(self.choices)]


TYPE = Enum("enum")
