"""Confirming an import that waits for a person: what the person decided is noted in its spec, and it goes on."""

from typing import TYPE_CHECKING, Any

from import_pipeline.errors import StateError
from import_pipeline.run_config.declared import record_type_of
from import_pipeline.run_config.mapping import resolve
from import_pipeline.run_config.plain import from_plain, without_unmapped
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import transitions
from import_pipeline.service.remembering import remember_decision, remember_preview
from import_pipeline.stores import imports
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import Status

if TYPE_CHECKING:
    from import_pipeline.home import Home


def answer(
    home: "Home",
    import_id: str,
    changes: dict[str, Any],
    where: str,
    *,
    accepts: bool = True,
    keep_seconds: float | None = None,
) -> ImportRecord:
    """Confirm an import with what a person typed: it is checked as a part of the whole spec.

    Args:
        home: The home.
        import_id: The import.
        changes: Parts of the spec, in its own words.
        where: What they are called in a refusal.
        accepts: Whether it goes on whatever it waits for; else it may have to ask again.
        keep_seconds: How long it is left to this process, which means to run it itself.

    Raises:
        SpecError: Something of it cannot be used.
        MappingError: The mapping does not fit the columns of the file.
        StateError: The import does not wait for anybody, or another decision came first.
    """
    record = imports.get(home.registry, import_id)
    spec = record.spec
    if "column_mapping" in changes:
        changes = {"mapping_direction": None} | changes
    if isinstance(changes.get("reading"), dict):
        changes = changes | {"reading": spec["reading"] | changes["reading"]}
    checked = from_plain(spec | changes, where)
    if changes.get("column_mapping") and record.details.get("suggestions"):
        # A slip is refused while the import still waits: with it, it would fail for good.
        resolve(checked, [found["column"] for found in record.details["suggestions"]], record_type_of(checked))
    decided = {name: getattr(checked, name) for name in changes}
    if "reading" in decided:
        decided["reading"] = decided["reading"].model_dump()
    return confirm(home, import_id, accepts=accepts, keep_seconds=keep_seconds, **decided)


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
    if record.is_preview and not spec.preview:
        remember_preview(home, record, spec)

    return transitions.confirm(home, record, spec.model_dump(mode="json"), keep_seconds=keep_seconds).one()
