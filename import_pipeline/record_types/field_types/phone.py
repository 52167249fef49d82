"""A phone number: text, stored as it was written; only its digits are compared."""

from typing import TYPE_CHECKING

from import_pipeline.record_types.field_types._field_type import FieldType
from import_pipeline.record_types.rules import phone_number, scientific_notation

if TYPE_CHECKING:
    from pandera.pandas import Check


class Phone(FieldType):
    """One phone number, with or without a leading + and an extension."""

    def identity(self, column_sql: str) -> str:
        """The digits, after a + where it leads and with the extension after an x; NULL under five digits before it."""
        # A number of digits alone is its own form, and far cheaper to tell than to rewrite.
        digits = f"regexp_replace(lower({column_sql}), '[^0-9x]', '', 'g')"
        form = f"CASE WHEN regexp_matches({column_sql}, '^[ (]*[+]') THEN '+' ELSE '' END || {digits}"
        plain = f"regexp_full_match({column_sql}, '[+]?[0-9]{{5,20}}')"
        return f"CASE WHEN {plain} THEN {column_sql} WHEN strlen(split_part({digits}, 'x', 1)) >= 5 THEN {form} END"

    def checks(self) -> "list[Check]":
        """It has the form of a phone number; a number that a spreadsheet has rounded is named as such."""
        return [scientific_notation.check(), phone_number.check()]


TYPE = Phone("phone")
