"""The address of a web page, with or without https://, stored as it stands."""

from typing import TYPE_CHECKING

from import_pipeline.record_types.field_types._field_type import FieldType
from import_pipeline.record_types.rules import web_address

if TYPE_CHECKING:
    from pandera.pandas import Check


class Url(FieldType):
    """A web address."""

    def checks(self) -> "list[Check]":
        """It has the form of a web address."""
        return [web_address.check()]


TYPE = Url("url")
