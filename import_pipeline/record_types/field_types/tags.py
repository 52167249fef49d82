"""A list of short texts, stored as VARCHAR[]."""

from import_pipeline.record_types.field_types._field_type import CastOptions, FieldType
from import_pipeline.sql import Parameters


class Tags(FieldType):
    """The tags of a cell, in their order; without a delimiter the cell is one tag, whatever it holds."""

    def cast(self, text_sql: str, bind: Parameters, options: CastOptions) -> str:
        """Split at the delimiter, trim, leave out what is empty."""
        if options.tag_delimiter is None:
            return f"CASE WHEN {text_sql} IS NOT NULL THEN [{text_sql}] END"
        parts = f"string_split({text_sql}, {bind.bind(options.tag_delimiter)})"
        return f"list_filter(list_transform({parts}, lambda tag: trim(tag)), lambda tag: tag <> '')"


TYPE = Tags("tags", sql_type="VARCHAR[]", pandas_type="object")
