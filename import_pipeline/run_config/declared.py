"""Which record type an import is of: a file in `record_types/models/`, or the fields that its spec carries."""

from typing import TYPE_CHECKING

from import_pipeline import record_types
from import_pipeline.record_types import inline
from import_pipeline.run_config.spec import ImportSpec

if TYPE_CHECKING:
    from import_pipeline.record_types.record_type import RecordType


def record_type_of(spec: ImportSpec) -> "RecordType":
    """The record type of an import.

    Raises:
        UnknownRecordTypeError: The spec carries no fields, and nobody declared a record type of its name.
        SpecError: The fields that it carries declare none.
    """
    if spec.schema_fields is None:
        return record_types.get(spec.record_type)
    return inline.record_type_of_fields(spec.record_type, spec.schema_fields, spec.name)
