"""Remembering what a person confirmed of a header row, and using it where the same header row comes again.

It is used only where somebody would be asked otherwise, and the import tells that it was. A mapping that does not fit
any more, because the fields of its record type have changed, is passed over: the person is asked again.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import MappingError, ReviewNeededError, SpecError
from import_pipeline.run_config.declared import record_type_of
from import_pipeline.run_config.mapping import resolve
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.stores import mappings, published
from import_pipeline.stores.mappings import RememberedMapping

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.phases.report import Notice
    from import_pipeline.stores.import_record import ImportRecord

__all__ = [
    "REMEMBERED",
    "RememberedMapping",
    "forget",
    "get",
    "list_mappings",
    "notices_of",
    "recall",
    "remember",
    "remember_decision",
    "remember_preview",
]

REMEMBERED = "remembered_mapping"
"""Key in the details of an import that a remembered mapping was used for, and the code of the notice about it."""


def remember(
    home: "Home",
    spec: ImportSpec,
    columns: Sequence[str],
    import_id: str,
    *,
    suggested: Mapping[str, str] | None = None,
    by: str | None = None,
) -> None:
    """Keep what a person confirmed of these columns; what cannot be a mapping of them is not kept.

    Args:
        home: The home.
        spec: What is asked from now on.
        columns: The header row.
        import_id: The import for which it was confirmed.
        suggested: What was suggested, which is confirmed where the spec has no mapping.
        by: Who confirmed it.
    """
    mapping = spec.column_mapping if spec.column_mapping is not None else dict(suggested or {})
    if not mapping:
        return
    try:
        mapping = resolve(spec.replaced(column_mapping=mapping), columns, record_type_of(spec))
    except (MappingError, SpecError):
        return  # the import says what is wrong with it
    mappings.keep(
        home.registry,
        spec.organization,
        spec.record_type,
        columns,
        mapping,
        keep_unmapped=spec.keep_unmapped,
        import_id=import_id,
        confirmed_by=by,
    )


def remember_decision(home: "Home", record: "ImportRecord", spec: ImportSpec) -> None:
    """Keep what a person decided of an import that waited for its mapping.

    Args:
        home: The home.
        record: The import as it waited, with the suggestions in its details.
        spec: What is asked from now on.
    """
    suggestions = record.details.get("suggestions")
    if not suggestions:
        return
    suggested = {one["column"]: one["field"] for one in suggestions if one["field"]}
    columns = [one["column"] for one in suggestions]
    remember(home, spec, columns, record.id, suggested=suggested, by=record.updated_by or record.created_by)


def remember_preview(home: "Home", record: "ImportRecord", spec: ImportSpec) -> None:
    """Keep the mapping of an import whose preview a person has confirmed."""
    about = published.find(home.registry, record.id)
    if about is not None:
        columns = [name for name, is_of_file in about.columns if is_of_file]
        remember(home, spec, columns, record.id, by=record.updated_by or record.created_by)


def recall(home: "Home", spec: ImportSpec, review: ReviewNeededError) -> tuple[ImportSpec, dict[str, Any]] | None:
    """The spec with the mapping that was confirmed for the same header row before, where a person is asked for one.

    Args:
        home: The home.
        spec: What was asked.
        review: What the import waits for.

    Returns:
        The spec, and what the details of the import say of it; None where nothing was remembered.
    """
    suggestions = review.culprits.get("suggestions")
    if not suggestions:
        return None
    columns = [one["column"] for one in suggestions]
    found = mappings.find(home.registry, spec.organization, spec.record_type, columns)
    if found is None:
        return None
    changes: dict[str, Any] = {"column_mapping": found.column_mapping, "mapping_direction": "column_to_field"}
    if found.keep_unmapped:
        changes["keep_unmapped"] = True
    recalled = spec.replaced(**changes)
    try:
        resolve(recalled, columns, record_type_of(spec))
    except (MappingError, SpecError):
        return None
    mappings.note_use(home.registry, found.id)
    return recalled, {REMEMBERED: {"id": found.id, "import_id": found.import_id}}


def notices_of(record: "ImportRecord") -> "list[Notice]":
    """What an import tells of the remembered mapping that it was mapped by."""
    used = record.details.get(REMEMBERED)
    if used is None:
        return []
    told = (
        f"The columns were mapped as a person confirmed it for import {used['import_id']}, whose header row was the "
        f"same (remembered mapping {used['id']})."
    )
    return [{"code": REMEMBERED, "count": 1, "message": told}]


def list_mappings(home: "Home", organization: str) -> list[RememberedMapping]:
    """The mappings that an organization confirmed, the last one first."""
    return mappings.list_mappings(home.registry, organization)


def get(home: "Home", mapping_id: str, organization: str) -> RememberedMapping:
    """One of them.

    Raises:
        NotFoundError: There is none, or it is another organization's.
    """
    return mappings.get(home.registry, mapping_id, organization)


def forget(home: "Home", mapping_id: str, organization: str) -> None:
    """Forget one: the next file with that header row is asked about again.

    Raises:
        NotFoundError: There is none, or it is another organization's.
    """
    mappings.remove(home.registry, mapping_id, organization)
