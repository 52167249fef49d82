"""Confirming an import that waits for a person: what the person decided is noted in its spec, and it goes on."""

from typing import TYPE_CHECKING, Any

from import_pipeline.errors import StateError
from import_pipeline.run_config.plain import without_unmapped
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service.remembering import remember_decision
from import_pipeline.service.running import lasting_details
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
    **changes: Any,
) -> ImportRecord:
    """Let an import that waits for a person go on, with what the person decided.

    What it waits for is accepted by that, as far as nothing else is said (`accepting` in its details).

    Args:
        home: The home.
        import_id: The import.
        column_mapping: The mapping, instead of the one in the spec.
        reading: What was not said about the file before, such as its `date_format`.
        accepts: Whether it goes on whatever it waits for; else it may have to ask again.
        **changes: Other parts of the spec.

    Raises:
        StateError: The import does not wait for anybody, or another decision came first.
    """
    record = imports.get(home.registry, import_id)
    if record.status is not Status.NEEDS_REVIEW:
        raise StateError(import_id, record.status, "confirmed", [])
    spec = ImportSpec.model_validate(record.spec)
    if accepts:
        changes = record.details.get("accepting", {}) | changes
    if column_mapping is not None:
        changes |= {"column_mapping": without_unmapped(column_mapping), "mapping_direction": None}
    if reading is not None:
        changes["reading"] = spec.reading.model_dump() | reading
    spec = spec.replaced(**changes)
    remember_decision(home, record, spec)

    def decided_before(now: ImportRecord) -> StateError | None:
        is_same = now.status is Status.NEEDS_REVIEW and now.spec == record.spec
        return None if is_same else StateError(import_id, now.status, "confirmed", [])

    return imports.move(
        home.registry,
        import_id,
        Status.QUEUED,
        unless=decided_before,
        spec=spec.model_dump(mode="json"),
        details=lasting_details(record),
    )
