"""The name of a thing (a company, a source, a group): stored as it stands, compared without case and extra space."""

from typing import TYPE_CHECKING

from import_pipeline.record_types.field_types._field_type import FieldType
from import_pipeline.record_types.rules import control_characters, length

if TYPE_CHECKING:
    from pandera.pandas import Check

MAX_LENGTH = 1_000

_OTHER_SPACE = r"\t\n\x{0B}\f\r\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}"


class Name(FieldType):
    """Text of one line by which people know a thing."""

    def identity(self, column_sql: str, country_sql: str | None = None) -> str:
        """Lower case, composed characters, white space inside as one space."""
        # Few names hold white space to fold, and replacing costs six times what looking for it costs.
        plain = f"lower(nfc_normalize({column_sql}))"
        return (
            f"CASE WHEN regexp_matches({column_sql}, '  |[{_OTHER_SPACE}]')"
            f" THEN trim(regexp_replace({plain}, '[ {_OTHER_SPACE}]+', ' ', 'g')) ELSE {plain} END"
        )

    def checks(self) -> "list[Check]":
        """Length and control characters."""
        return [length.check(max_value=MAX_LENGTH), control_characters.check()]


TYPE = Name("name")
