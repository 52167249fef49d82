"""The domain name of an organization (example.com): stored as it stands, compared without case."""

from typing import TYPE_CHECKING

from import_pipeline.record_types.field_types._field_type import FieldType
from import_pipeline.record_types.rules import domain_name

if TYPE_CHECKING:
    from pandera.pandas import Check


class Domain(FieldType):
    """A domain name without scheme and path."""

    def identity(self, column_sql: str, country_sql: str | None = None) -> str:
        """Lower case, as the domain name system compares, and composed characters; without the www of its web site."""
        name = f"lower(nfc_normalize({column_sql}))"
        return f"CASE WHEN {name} LIKE 'www.%.%' THEN {name}[5:] ELSE {name} END"

    def checks(self) -> "list[Check]":
        """It has the form of a domain name."""
        return [domain_name.check()]


TYPE = Domain("domain")
