"""What every field type answers: how text becomes a value, how it is stored and compared, which rules it brings.

A type is a frozen instance named TYPE in its own file. Its SQL takes text that is trimmed and NULL where it was empty.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from import_pipeline.sql import Parameters

if TYPE_CHECKING:
    from pandera.pandas import Check


@dataclass(frozen=True)
class CastOptions:
    """What the spec says about the way values are written; None: not said.

    Attributes:
        decimal: The decimal mark of numbers, `.` or `,`.
        date_format: The format of dates in strptime's words.
        tag_delimiter: What stands between two tags of a cell.
    """

    decimal: str | None = None
    date_format: str | None = None
    tag_delimiter: str | None = None


@dataclass(frozen=True)
class FieldType:
    """The type of a field, and the base of all types: text that is stored as it stands.

    Attributes:
        name: The name of the type, as its file is called.
        sql_type: The DuckDB type in which values are stored.
        pandas_type: The pandas type in which Pandera judges them.
        code: The defect's code where text that is not empty is no value of this type; empty where every text is one.
        message: What is wrong then, and what would be right.
        choices: The constants of an enum.
    """

    name: str
    sql_type: str = "VARCHAR"
    pandas_type: str = "str"
    code: str = ""
    message: str = ""
    choices: tuple[str, ...] = ()
    takes_choices: ClassVar[bool] = False

    def cast(self, text_sql: str, bind: Parameters, options: CastOptions) -> str:
        """SQL of the typed value: NULL where the text is NULL or is no value of this type."""
        return text_sql

    def identity(self, column_sql: str) -> str:
        """SQL of the form in which two values are compared: equal forms mean the same thing."""
        return column_sql

    def checks(self) -> "Iterable[Check]":
        """The rules that every field of this type keeps."""
        return ()
