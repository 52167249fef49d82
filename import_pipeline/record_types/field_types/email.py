"""An email address: stored as it stands, compared without case."""

from typing import TYPE_CHECKING

from import_pipeline.record_types.field_types._addresses import addresses_in
from import_pipeline.record_types.field_types._field_type import FieldType, ValuesFound
from import_pipeline.record_types.rules import email_address

if TYPE_CHECKING:
    from pandera.pandas import Check


class Email(FieldType):
    """One email address, without a name before it."""

    def identity(self, column_sql: str, country_sql: str | None = None) -> str:
        """Lower case, composed characters: no mail server in use tells two people apart by case."""
        return f"lower(nfc_normalize({column_sql}))"

    def may_hold_several(self, text_sql: str) -> str | None:
        """It has signs that few addresses have."""
        return f"regexp_matches({text_sql}, '[^A-Za-z0-9@._+-]')"

    def values_in(self, text: str) -> ValuesFound | None:
        """Addresses, without names and mailto:."""
        return addresses_in(text)

    def checks(self) -> "list[Check]":
        """It has the form of an email address."""
        return [email_address.check()]


TYPE = Email("email")
