"""An email address: stored as it stands, compared without case."""

from typing import TYPE_CHECKING

from import_pipeline.record_types.field_types._field_type import FieldType
from import_pipeline.record_types.rules import email_address

if TYPE_CHECKING:
    from pandera.pandas import Check


class Email(FieldType):
    """One email address, without a name before it."""

    def identity(self, column_sql: str, country_sql: str | None = None) -> str:
        """Lower case, composed characters: no mail server in use tells two people apart by case."""
        return f"lower(nfc_normalize({column_sql}))"

    def checks(self) -> "list[Check]":
        """It has the form of an email address."""
        return [email_address.check()]


TYPE = Email("email")
