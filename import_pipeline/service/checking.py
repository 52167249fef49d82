"""What is refused when it is asked for, because as an import it could only fail: schemas and hooks that cannot be."""

from collections.abc import Sequence

from import_pipeline.run_config.declared import record_type_of
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.settings import Settings


def check_spec(settings: Settings, spec: ImportSpec) -> None:
    """Refuse a spec that no import can follow.

    Raises:
        UnknownRecordTypeError: Nobody declared the record type.
        SpecError: Its fields declare none, or a row hook is no JavaScript function.
    """
    record_type_of(spec)
    check_hooks(settings, spec.row_hooks)


def check_hooks(settings: Settings, hooks: Sequence[str]) -> None:
    """Refuse row hooks that are no JavaScript functions.

    Raises:
        SpecError: One of them does not compile, or gives no function.
    """
    if hooks:
        from import_pipeline.phases.hooks import check_row_hooks

        check_row_hooks(hooks, settings)
