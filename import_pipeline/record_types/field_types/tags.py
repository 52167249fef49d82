"""A list of short texts, stored as VARCHAR[]."""

from typing import TYPE_CHECKING

from import_pipeline.record_types.field_types._field_type import CastOptions, FieldType
from import_pipeline.record_types.field_types._json_list import json_list
from import_pipeline.record_types.rules import control_characters
from import_pipeline.sql import WHITE_SPACE, Parameters, literal, trimmed

if TYPE_CHECKING:
    from pandera.pandas import Check

_CURLY = r"\x{201C}\x{201D}\x{201E}"
_IN_QUOTES = rf'^["{_CURLY}]([^"{_CURLY}]*)["{_CURLY}]$'
_BETWEEN_LABELS = " ::: "
_ALL_QUOTED = r'\s*"[^"]*"(?:\s*[,;|]\s*"[^"]*")+\s*'
"""Each entry in quotes of its own: they tell the entries apart, whatever the delimiter is."""


class Tags(FieldType):
    """The tags of a cell, in their order: a JSON array of texts, or what stands between the delimiters.

    Quotes around an entry are no part of it. Without a delimiter any other cell is one tag, whatever it holds; but an
    address book joins several by three colons.
    """

    def cast(self, text_sql: str, bind: Parameters, options: CastOptions) -> str:
        """Split at the delimiter, trim, leave out what is empty."""
        split = f"string_split({text_sql}, {literal(_BETWEEN_LABELS)})"
        if options.tag_delimiter is not None:
            split = f"string_split({text_sql}, {bind.bind(options.tag_delimiter)})"
        # To trim other characters than spaces costs three times as much, and few cells hold them.
        signs = literal(f'[{WHITE_SPACE[1:]}"{_CURLY}]')
        rare = f"prefix({text_sql}, '[') OR regexp_matches({text_sql}, {signs})"
        quoted = f"regexp_full_match({text_sql}, {literal(_ALL_QUOTED)})"
        parts = (
            f"coalesce({json_list(text_sql)}, CASE WHEN {quoted}"
            f' THEN regexp_extract_all({text_sql}, \'"([^"]*)"\', 1) ELSE {split} END)'
        )
        bare = f"regexp_replace({trimmed('tag')}, {literal(_IN_QUOTES)}, '\\1')"
        tags = (
            f"CASE WHEN {rare} THEN list_transform({parts}, lambda tag: {trimmed(bare)})"
            f" ELSE list_transform({split}, lambda tag: trim(tag)) END"
        )
        return f"CASE WHEN {text_sql} IS NOT NULL THEN list_filter({tags}, lambda tag: tag <> '') END"

    def checks(self) -> "list[Check]":
        """Control characters."""
        return [control_characters.check_entries()]


TYPE = Tags("tags", sql_type="VARCHAR[]", pandas_type="object")
