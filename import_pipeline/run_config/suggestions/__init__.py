"""Suggesting a field for each column: by the words of its header, its values, and the columns beside it.

Headers are read by a vocabulary with one file a language (`words/`); what they say is in `meaning`, what values say in
`column_values`, how columns and fields come together in `choosing`. Whether suggestions are applied is decided in
`run_config.mapping`.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from import_pipeline.run_config.suggestions.choosing import suggest_by_words
from import_pipeline.run_config.suggestions.column_values import ColumnValues
from import_pipeline.run_config.suggestions.declared import suggest_declared
from import_pipeline.run_config.suggestions.suggestion import EXTERNAL_ID, How, Suggestion

if TYPE_CHECKING:
    from import_pipeline.record_types.record_type import RecordType

__all__ = ["EXTERNAL_ID", "ColumnValues", "How", "Suggestion", "suggest"]


def suggest(
    headers: Sequence[str],
    record_type: "RecordType",
    values: Mapping[str, ColumnValues] | None = None,
    *,
    deleting: bool = False,
    translated: Collection[str] = (),
) -> tuple[Suggestion, ...]:
    """Suggest a field for each column.

    Sure is only what known words say alone and values do not contradict; all else is similar: a person has to look.

    Args:
        headers: The columns of the file, each once.
        record_type: What the rows are.
        values: What the columns hold, as far as somebody looked; without it the headers speak alone.
        deleting: Whether the file lists records to delete: there a column `id` is the records' own.
        translated: Fields whose values a person says how to read, so that none of them need be known.

    Returns:
        One suggestion for each header, in the order of the headers; every field is in one of them at most.
    """
    if record_type.is_inline:
        return suggest_declared(headers, record_type)
    return suggest_by_words(headers, record_type, values or {}, deleting=deleting, translated=translated)
