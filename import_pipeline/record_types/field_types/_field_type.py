"""What every field type answers: how text becomes a value, how it is stored and compared, which rules it brings.

A type is a frozen instance named TYPE in its own file. Its SQL takes text that is trimmed and NULL where it was empty.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from import_pipeline.sql import Parameters, literal

if TYPE_CHECKING:
    from pandera.pandas import Check


@dataclass(frozen=True)
class Convention:
    """One of several conventions by which the values of a whole column can be written.

    Attributes:
        setting: What it is a value of: `date_order` or `decimal`.
        value: `day_first` or `month_first`; `.` or `,`.
    """

    setting: Literal["date_order", "decimal"]
    value: str


@dataclass(frozen=True)
class CastOptions:
    """What is known of the way values are written; None: not said, and not decided.

    Attributes:
        decimal: The decimal mark of numbers, `.` or `,`.
        date_format: The format of dates in strptime's words: that one and no other.
        date_order: Whether dates that are not ISO's have the day or the month first: `day_first` or `month_first`.
        tag_delimiter: What stands between two tags of a cell.
        empty_is_no: Whether an empty cell means no, because all others hold nothing but a mark for yes.
    """

    decimal: str | None = None
    date_format: str | None = None
    date_order: str | None = None
    tag_delimiter: str | None = None
    empty_is_no: bool = False

    def written(self, convention: Convention) -> Self:
        """The same, for values that are written in that way."""
        return replace(self, **{convention.setting: convention.value})


@dataclass(frozen=True)
class ValuesFound:
    """What one text holds.

    Attributes:
        values: The values, in their order, each once.
        left_out: Other text beside them, which is no value.
    """

    values: tuple[str, ...]
    left_out: str = ""


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
        words: Further words for its constants, each with the constant that it means.
    """

    name: str
    sql_type: str = "VARCHAR"
    pandas_type: str = "str"
    code: str = ""
    message: str = ""
    choices: tuple[str, ...] = ()
    words: tuple[tuple[str, str], ...] = ()
    takes_choices: ClassVar[bool] = False

    def cast(self, text_sql: str, bind: Parameters, options: CastOptions) -> str:
        """SQL of the typed value: NULL where the text is NULL or is no value of this type."""
        return text_sql

    def conventions(self) -> tuple[Convention, ...]:
        """The two ways in which a column of this type can be written, the usual one first; none if there is but one.

        Where both read a cell, and differently, nothing in that cell says which is meant.
        """
        return ()

    def reads_one_way(self, text_sql: str) -> str:
        """SQL, cheap, of whether a text is the same however the column is written; for types with `conventions`."""
        return "true"

    def is_conventional(self, text_sql: str) -> str:
        """SQL of whether a text is of a form that people use for the first of the `conventions` alone."""
        return "false"

    def format_of(self, convention: Convention, text: str) -> str:
        """What a person would say of a column whose cells are written in that way like this text."""
        return convention.value

    def message_for(self, text_sql: str) -> str:
        """SQL of what is wrong with a text that is no value of this type, and what would be right."""
        return literal(self.message)

    def known_words(self) -> "Mapping[str, str]":
        """Text in lower case or in the form of `lexicon.plain` → the constant that it means; for types with choices."""
        return {}

    def may_hold_several(self, text_sql: str) -> str | None:
        """SQL, cheap and never too narrow, of whether a text holds several values, or one and other text.

        None for types of which no text is taken apart.
        """
        return None

    def values_in(self, text: str) -> "ValuesFound | None":
        """The values that one text holds; None where it is to stay as it is, for the rules to judge."""
        return None

    def marks(self) -> tuple[str, ...]:
        """Texts that mean yes where a column holds nothing else, and its empty cells no."""
        return ()

    def identity(self, column_sql: str, country_sql: str | None = None) -> str:
        """SQL of the form in which two values are compared: equal forms mean the same thing.

        Args:
            column_sql: SQL of the typed value.
            country_sql: SQL of the country that stands beside it, where one does; phone numbers are read by it.
        """
        return f"nfc_normalize({column_sql})" if self.sql_type == "VARCHAR" else column_sql

    def common_end(self, identity_sql: str) -> str | None:
        """SQL of how long an end, as `end` gives it, all texts have in common that have this identity.

        None for types whose identities are made as cheaply as their ends.
        """
        return None

    def end(self, text_sql: str, length: int) -> str:
        """SQL, cheap, of the end of a text or of an identity: to find the few texts that are worth comparing."""
        return f"right({text_sql}, {length})"

    def checks(self) -> "Iterable[Check]":
        """The rules that every field of this type keeps."""
        return ()
