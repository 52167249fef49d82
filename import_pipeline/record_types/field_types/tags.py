"""A list of short texts, stored as VARCHAR[]."""

from import_pipeline.record_types.field_types._field_type import CastOptions, FieldType
from import_pipeline.record_types.field_types._json_list import json_list
from import_pipeline.sql import Parameters, trimmed


class Tags(FieldType):
    """The tags of a cell, in their order: a JSON array of texts, or what stands between the delimiters.

    Without a delimiter any other cell is one tag, whatever it holds.
    """

    def cast(self, text_sql: str, bind: Parameters, options: CastOptions) -> str:
        """Split at the delimiter, trim, leave out what is empty."""
        split = f"[{text_sql}]"
        if options.tag_delimiter is not None:
            split = f"string_split({text_sql}, {bind.bind(options.tag_delimiter)})"
        parts = f"coalesce({json_list(text_sql)}, {split})"
        tags = f"list_filter(list_transform({parts}, lambda tag: {trimmed('tag')}), lambda tag: tag <> '')"
        return f"CASE WHEN {text_sql} IS NOT NULL THEN {tags} END"


TYPE = Tags("tags", sql_type="VARCHAR[]", pandas_type="object")
