"""From text to typed values: the SQL expressions for all mapped fields of a record type at once.

How one type is cast is said in `field_types/`.
"""

from collections.abc import Callable, Mapping

from import_pipeline.record_types.field_types import CastOptions
from import_pipeline.record_types.record_type import RecordType
from import_pipeline.sql import Parameters
from import_pipeline.words import ID_FIELD


def typed_expressions(
    record_type: RecordType, texts: Mapping[str, str], options_of: Callable[[str], CastOptions], bind: Parameters
) -> dict[str, str]:
    """SQL of the typed value of each field.

    Args:
        record_type: The record type.
        texts: Field → SQL of its text, trimmed, NULL where empty. The pseudo field `id` is allowed; it stays text.
        options_of: Gives how the column of a field writes numbers, dates and tags.
        bind: Where the values of the statement go.

    Raises:
        MappingError: The record type has no such field.
    """
    return {
        name: text if name == ID_FIELD else record_type.field(name).type.cast(text, bind, options_of(name))
        for name, text in texts.items()
    }


def cast_failures(record_type: RecordType, texts: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, str]:
    """Field → SQL that is true where there is text but no typed value; fields whose type takes any text are left out.

    Code and message of the defect are `record_type.field(name).type.code` and `.message`.

    Args:
        record_type: The record type.
        texts: Field → SQL of its text.
        typed: Field → SQL of its typed value: what `typed_expressions` gave, or a column that holds it already.
    """
    return {
        name: f"({text} IS NOT NULL AND {typed[name]} IS NULL)"
        for name, text in texts.items()
        if name != ID_FIELD and record_type.field(name).type.code
    }
