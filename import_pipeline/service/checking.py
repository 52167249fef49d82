"""What is refused when it is asked for, because as an import it could only fail: schemas and hooks that cannot be."""

from collections.abc import Mapping, Sequence
from typing import Any

from import_pipeline.record_types.inline import record_type_of_fields
from import_pipeline.run_config.declared import record_type_of
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.settings import Settings
from import_pipeline.stores.records import refuse_other_types


def check_spec(settings: Settings, spec: ImportSpec) -> None:
    """Refuse a spec that no import can follow.

    Raises:
        UnknownRecordTypeError: Nobody declared the record type.
        SpecError: Its fields declare none, or one that its records do not fit; a row hook is no JavaScript function.
    """
    record_type = record_type_of(spec)
    if record_type.is_inline:
        refuse_other_types(settings, record_type, spec.organization)
    check_hooks(settings, spec.row_hooks)


def check_fields(settings: Settings, name: str, organization: str, fields: Sequence[Mapping[str, Any]]) -> None:
    """Refuse the fields of a saved schema that declare no record type, or none that stored records of its name fit.

    Args:
        settings: The settings of the home.
        name: What its record type is called.
        organization: Whose it is.
        fields: The fields as page 004 writes them.

    Raises:
        SpecError: They cannot be.
    """
    refuse_other_types(settings, record_type_of_fields(name, fields), organization)


def check_hooks(settings: Settings, hooks: Sequence[str]) -> None:
    """Refuse row hooks that are no JavaScript functions.

    Raises:
        SpecError: One of them does not compile, or gives no function.
    """
    if hooks:
        from import_pipeline.phases.hooks import check_row_hooks

        check_row_hooks(hooks, settings)
