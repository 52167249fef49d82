"""A phone number: text, stored as it was written; its international form is compared."""

from typing import TYPE_CHECKING

from import_pipeline.record_types.dialing import international_sql
from import_pipeline.record_types.field_types._field_type import FieldType, ValuesFound
from import_pipeline.record_types.field_types._phone_numbers import numbers_in
from import_pipeline.record_types.rules import phone_number, scientific_notation

if TYPE_CHECKING:
    from pandera.pandas import Check


class Phone(FieldType):
    """One phone number, with or without a leading + and an extension."""

    def identity(self, column_sql: str, country_sql: str | None = None) -> str:
        """The digits of the international number with a + before them, the extension behind an x.

        0044 and +44 (0) are +44; a national number becomes international where its country is known, and otherwise
        stays its digits. NULL where there are under five digits before the extension.
        """
        digits = f"regexp_replace(lower({column_sql}), '[^0-9x]', '', 'g')"
        bare = f"regexp_replace({column_sql}, '[(]0[)]', '')"  # the 0 that is dialled within the country only
        bare_digits = f"regexp_replace(lower({bare}), '[^0-9x]', '', 'g')"
        national = digits if country_sql is None else international_sql(digits, country_sql)
        # An international number of digits alone is its own form, and far cheaper to tell than to rewrite.
        return (
            f"CASE WHEN regexp_full_match({column_sql}, '[+][1-9][0-9]{{4,19}}') THEN {column_sql}"
            f" WHEN strlen(split_part({digits}, 'x', 1)) < 5 THEN NULL"
            f" WHEN regexp_matches({column_sql}, '^[ (]*[+]') THEN '+' || {bare_digits}"
            f" WHEN regexp_matches({column_sql}, '^[ (]*00[ ()./-]*[1-9]') THEN '+' || substr({bare_digits}, 3)"
            f" ELSE {national} END"
        )

    def common_end(self, identity_sql: str) -> str:
        """Five digits; seven of a number of ten or more, since a calling code has three at most."""
        return f"CASE WHEN strlen(split_part({identity_sql}, 'x', 1)) > 10 THEN 7 ELSE 5 END"

    def end(self, text_sql: str, length: int) -> str:
        """The last digits before the extension: they are the same however a number begins."""
        digits = f"regexp_replace(split_part(lower({text_sql}), 'x', 1), '[^0-9]', '', 'g')"
        # Most end with digits: that is far cheaper to tell than to take all others out.
        return (
            f"CASE WHEN regexp_full_match({text_sql}, '[^xX]*[0-9]{{{length}}}') THEN right({text_sql}, {length})"
            f" ELSE right({digits}, {length}) END"
        )

    def may_hold_several(self, text_sql: str) -> str | None:
        """It is longer than a number, or has signs that stand between numbers, or letters."""
        plain = f"regexp_full_match({text_sql}, '[+]?[0-9 ()-]{{1,20}}')"
        signs = r"[;,|\\n]|::|[A-Za-z]|[0-9][0-9 ()-]{6,}/|/[ ]*[-+0(]|[0-9][ ]*[+]"
        return f"CASE WHEN {plain} THEN false ELSE strlen({text_sql}) > 20 OR regexp_matches({text_sql}, '{signs}') END"

    def values_in(self, text: str) -> ValuesFound | None:
        """Numbers, without labels."""
        return numbers_in(text)

    def checks(self) -> "list[Check]":
        """It has the form of a phone number; a number that a spreadsheet has rounded is named as such."""
        return [scientific_notation.check(), phone_number.check()]


TYPE = Phone("phone")
