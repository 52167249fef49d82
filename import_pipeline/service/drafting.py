"""Drafts: what is asked of an import may change, part by part, until it starts and while it waits for a person.

What a draft begins with can be said in advance, too (`spec_of_preset`). Nothing starts by that. Each change is checked
as a part of the whole spec, so that a slip is refused while it can still be mended; whether columns exist is known when
the file is read.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from import_pipeline.checked import checked
from import_pipeline.errors import MappingError, MisuseError
from import_pipeline.nearest import did_you_mean
from import_pipeline.run_config.contradictions import refuse_contradictions
from import_pipeline.run_config.declared import record_type_of
from import_pipeline.run_config.directions import known_fields
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import transitions
from import_pipeline.service.checking import check_spec
from import_pipeline.service.uploading import finish_upload
from import_pipeline.stores import imports
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import MappingDirection

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.record_types.record_type import RecordType

_WHERE = "The import"
_OF_RECORD_TYPE = ("column_mapping", "mapping_direction", "value_mappings", "match_by")
"""What means nothing for the rows of another record type."""


def revise(home: "Home", import_id: str, changes: Mapping[str, Any], *, by: str | None = None) -> ImportRecord:
    """Change what is asked of a draft, or of an import that waits for a person.

    Args:
        home: The home.
        import_id: The import.
        changes: Parts of the spec in its own words; None is what a part is by default. `column_mapping` goes from
            column to field, `reading` keeps what is not named in it. `file_name` may be among them.
        by: Who changes it.

    Returns:
        The import as it is then, in the same status.

    Raises:
        StartedError: It is no draft, and waits for nobody.
        SpecError: A part cannot be used, or contradicts another one.
        MappingError: A field is named that there is not.
        MisuseError: The record type of an import that was started is to change.
    """
    asked = dict(changes)
    file = {"file_name": asked.pop("file_name")} if "file_name" in asked else {}

    def respecify(record: ImportRecord) -> dict[str, Any]:
        spec = _usable(home, _changed(record, asked))
        who = {} if by is None else {"updated_by": by}
        return {"spec": spec.model_dump(mode="json"), "record_type": spec.record_type, "name": spec.name} | file | who

    return transitions.revise(home, import_id, respecify).one()


def spec_of_preset(
    home: "Home", organization: str, preset: Mapping[str, Any], created_by: str | None = None
) -> ImportSpec:
    """What is asked of a draft that begins later: checked now, as changes of a draft are.

    Args:
        home: The home.
        organization: Whose import it will be.
        preset: Parts of the spec as `revise` takes them, `record_type` among them and no `file_name`.
        created_by: Who asks for it.

    Raises:
        UnknownRecordTypeError: Nobody declared the record type.
        SpecError: A part cannot be used, or contradicts another one.
        MappingError: A field is named that there is not.
    """
    begun = {"organization": organization, "created_by": created_by}
    return _usable(home, _with_parts(begun, preset))


def preview(home: "Home", import_id: str, *, keep_seconds: float | None = None, by: str | None = None) -> ImportRecord:
    """Let a draft start, or an import that waits for a person go on, up to where it is known what would be written.

    Args:
        home: The home.
        import_id: The import.
        keep_seconds: How long it is left to this process, which means to run it itself.
        by: Who asks for it.

    Raises:
        UploadMissingError: A draft has no file yet.
        StateError: It is no draft, and waits for nobody.
    """
    record = imports.get(home.registry, import_id)
    if record.is_draft:
        finish_upload(home, import_id)
    return transitions.preview(home, [import_id], keep_seconds=keep_seconds, updated_by=by).one()


def take_queued(home: "Home", limit: int) -> list[ImportRecord]:
    """Keep imports for this process that a person brings on by hand, and that wait for a process to run them."""
    waiting = imports.queued(home.registry, limit, "draft")
    return transitions.keep(home, [record.id for record in waiting]).records if waiting else []


def _changed(record: ImportRecord, changes: Mapping[str, Any]) -> ImportSpec:
    new_type = changes.get("record_type", record.record_type)
    if new_type != record.record_type and not record.is_draft:
        raise MisuseError(
            f"Import {record.id!r} was started as one of {record.record_type!r}: only a draft can become another one. "
            "Cancel it, and begin a new one.",
            import_id=record.id,
        )
    spec: dict[str, Any] = record.spec | {"name": record.name}
    if new_type != record.record_type:
        spec = {name: value for name, value in spec.items() if name not in _OF_RECORD_TYPE}
    return _with_parts(spec, changes)


def _with_parts(spec: dict[str, Any], changes: Mapping[str, Any]) -> ImportSpec:
    spec = dict(spec)
    if "column_mapping" in changes:
        spec["mapping_direction"] = MappingDirection.COLUMN_TO_FIELD
        mapped = set((changes["column_mapping"] or {}).values())
        values = spec.get("value_mappings") or {}
        spec["value_mappings"] = {field: pairs for field, pairs in values.items() if field in mapped}
    for name, value in changes.items():
        if value is None:
            spec.pop(name, None)
        elif name == "reading":
            spec[name] = _reading(spec.get(name) or {}, value)
        else:
            spec[name] = value
    asked = checked(ImportSpec, spec, _WHERE)
    refuse_contradictions(asked, _WHERE)
    return asked


def _reading(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """What is said about the file: parts that are named change, and None takes one back."""
    return {name: value for name, value in {**before, **changes}.items() if value is not None}


def _usable(home: "Home", spec: ImportSpec) -> ImportSpec:
    check_spec(home.settings, spec)
    _refuse_unknown_fields(spec, record_type_of(spec))
    return spec


def _refuse_unknown_fields(spec: ImportSpec, record_type: "RecordType") -> None:
    known = known_fields(record_type)
    named = [*(spec.column_mapping or {}).values(), *spec.value_mappings]
    unknown = [name for name in named if name not in known]
    unknown += [name for name in spec.match_by if name not in known]
    if unknown:
        raise MappingError(
            f"A {record_type.name} has no field {unknown[0]!r}. {did_you_mean(unknown[0], known)}",
            field=unknown[0],
            known=list(known),
        )
