"""Confirming an import that waits for a person: what the person decided is noted in its spec, and it goes on."""

from typing import TYPE_CHECKING, Any

from import_pipeline.errors import StateError
from import_pipeline.run_config.plain import without_unmapped
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import transitions
from import_pipeline.service.remembering import remember_decision
from import_pipeline.stores import imports
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import Status

if TYPE_CHECKING:
    from import_pipeline.home import Home


def confirm(
    home: "Home",
    import_id: str,
    *,
    column_mapping: dict[str, str] | None = None,
    reading: dict[str, Any] | None = None,
    accepts: bool = True,
    keep_seconds: float | None = None,
    **changes: Any,
) -> ImportRecord:
    """Let an import that waits for a person go on, with what the person decided.

    What it waits for is accepted by that, as far as nothing else is said (`accepting`).

    Args:
        home: The home.
        import_id: The import.
        column_mapping: The mapping, instead of the one in the spec.
        reading: What was not said about the file before, such as its `date_format`.
        accepts: Whether it goes on whatever it waits for; else it may have to ask again.
        keep_seconds: How long it is left to this process, which means to run it itself.
        **changes: Other parts of the spec.

    Raises:
        StateError: The import does not wait for anybody, or another decision came first.
    """
    record = imports.get(home.registry, import_id)
    if record.status is not Status.NEEDS_REVIEW:
        raise StateError(import_id, record.status, "confirmed", [])
    spec = ImportSpec.model_validate(record.spec)
    if accepts:
        changes = (record.accepting or {}) | changes
    if column_mapping is not None:
        changes |= {"column_mapping": without_unmapped(column_mapping), "mapping_direction": None}
    if reading is not None:
        changes["reading"] = spec.reading.model_dump() | reading
    spec = spec.replaced(**changes)
    remember_decision(home, record, spec)

    return transitions.confirm(home, record, spec.model_dump(mode="json"), keep_seconds=keep_seconds).one()
