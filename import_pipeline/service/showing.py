"""What interfaces show: the import object and records. Read only; every reader names the organization it reads for."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from import_pipeline import record_types
from import_pipeline.phases.records_file import written_columns
from import_pipeline.record_types.inline import is_inline_name
from import_pipeline.record_types.record_type import RecordType
from import_pipeline.run_config.declared import record_type_of
from import_pipeline.run_config.spec import ImportSpec, ReadOptions
from import_pipeline.settings import Settings
from import_pipeline.sql import literal, quoted_list
from import_pipeline.stores import imports
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.record_stores.extensions import new_instance
from import_pipeline.stores.records import attached_store, shown_columns, store_exists, store_table
from import_pipeline.stores.references import shown
from import_pipeline.words import Outcome

if TYPE_CHECKING:
    import duckdb

    from import_pipeline.stores.registry import Registry


def import_object(record: ImportRecord) -> dict[str, Any]:
    """The import object of a record: the same JSON at every interface."""
    spec, counts = record.spec, counts_of(record)
    return {
        "object": "import",
        "id": record.id,
        "organization_id": record.organization,
        "resource": record.record_type,
        "name": record.name,
        "status": str(record.status),
        "reason": record.reason,
        "details": record.details,
        "source": str(record.source),
        "dry_run": bool(spec.get("dry_run")),
        "action": "undo" if record.undoes is not None else spec.get("action"),
        "duplicate_strategy": spec.get("duplicate_strategy"),
        "duplicate_handling": spec.get("duplicate_handling"),
        "upload_mode": str(record.upload_mode),
        "column_mapping": spec.get("column_mapping") or {},
        "file_name": record.file_name,
        "content_type": record.content_type,
        "checksum": record.checksum,
        "size_bytes": record.size_bytes,
        "total_rows": record.total_rows,
        "processed_rows": sum(counts.values()) if record.is_preview else record.processed_rows,
        "created_count": counts["created"],
        "updated_count": counts["updated"],
        "unchanged_count": counts["unchanged"],
        "skipped_count": counts["skipped"],
        "deleted_count": counts["deleted"],
        "failed_count": counts["failed"],
        "overwritten_count": overwritten_of(record),
        "phases": [
            {
                "name": str(phase.name),
                "mode": str(phase.mode),
                "status": str(phase.status),
                "total": phase.total,
                "processed": phase.processed,
                "success": phase.success,
                "error": phase.error,
                "started_at": phase.started_at,
                "ended_at": phase.ended_at,
                "seconds": phase.seconds,
            }
            for phase in record.phases
        ],
        "stats": {
            "created": counts["created"],
            "updated": counts["updated"],
            "deleted": counts["deleted"],
            "overwritten": overwritten_of(record),
        },
        "has_upload_file": record.has_upload_file,
        "has_errors_file": record.has_errors_file,
        "supersedes": record.supersedes,
        "retry_of": record.retry_of,
        "undoes": record.undoes,
        "undo": undo_counts(counts) if record.undoes is not None else None,
        "run_id": record.run_id,
        "created_by": record.created_by,
        "updated_by": record.updated_by,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
    }


def undo_counts(counts: Mapping[str, int]) -> dict[str, int]:
    """The outcomes of an undo in its own words: reverted, kept, errored; records that were gone already are neither."""
    reverted = sum(int(counts.get(name, 0)) for name in ("created", "updated", "deleted"))
    return {"reverted": reverted, "kept": int(counts.get("skipped", 0)), "errored": int(counts.get("failed", 0))}


def counts_of(record: ImportRecord) -> dict[str, int]:
    """The rows of an import by outcome; of one that waits with a preview, as that predicts them."""
    if record.is_preview:
        return {str(outcome): int(record.details["preview"][outcome]) for outcome in Outcome}
    return {str(outcome): getattr(record, f"{outcome}_count") for outcome in Outcome}


def overwritten_of(record: ImportRecord) -> int:
    """How many records an overwrite deletes, or did, which its file does not name."""
    return int(record.details["preview"]["overwritten"]) if record.is_preview else record.overwritten_count


def records(
    settings: Settings, record_type: RecordType, organization: str, limit: int | None = 100
) -> list[dict[str, Any]]:
    """Stored records of one type, in the order in which they came."""
    with opened_store(settings, record_type, organization) as connection:
        if connection is None:
            return []
        return dictionaries(connection, _records(record_type, limit))


def write_records_csv(
    settings: Settings, record_type: RecordType, organization: str, to: Path, limit: int | None = None
) -> int:
    """Write stored records as CSV that can be imported again; cells that look like formulas are made harmless.

    Returns:
        The number of records written.
    """
    columns = shown_columns(record_type)
    with opened_store(settings, record_type, organization) as connection:
        if connection is None:
            to.write_text(",".join(columns) + "\n", encoding="utf-8")
            return 0
        select = f"SELECT {written_columns(columns)} FROM ({_records(record_type, limit)})"
        # All cells are quoted, so that apostrophes at their beginnings are not taken for quotes on the way back.
        form = "FORMAT csv, HEADER true, FORCE_QUOTE *"
        copied = connection.execute(f"COPY ({select}) TO {literal(str(to))} ({form})").fetchone()
        return int(copied[0]) if copied else 0


def record_count(settings: Settings, record_type: RecordType, organization: str) -> int:
    """How many records of one type are stored."""
    with opened_store(settings, record_type, organization) as connection:
        return 0 if connection is None else count_records(connection, record_type)


def count_records(connection: "duckdb.DuckDBPyConnection", record_type: RecordType) -> int:
    """How many records of one type the attached store holds."""
    found = connection.execute(f"SELECT count(*) FROM {store_table(record_type.table)}").fetchone()
    return int(found[0]) if found else 0


def preview_file(
    settings: Settings, path: Path, record_type: str | None, options: ReadOptions, sample: int = 10
) -> dict[str, Any]:
    """What a file holds and how it would be read: dialect, headers, types, samples, suggested mapping.

    Args:
        settings: The limits.
        path: A file on this machine.
        record_type: What the rows are; without it every record type is tried and the best is named.
        options: What a person says about the file by hand.
        sample: How many rows are shown.
    """
    from import_pipeline.intake import preview
    from import_pipeline.intake.local_file import check_local_file
    from import_pipeline.run_config.mapping import suggest

    check_local_file(path)
    found = preview(path, options, settings, sample)
    suggested = {
        name: suggest(found.reading.columns, record_types.get(name), found.values)
        for name in ([record_type] if record_type else record_types.names())
    }
    best = max(suggested, key=lambda name: sum(one.score for one in suggested[name] if one.field))
    return {
        "file_name": path.name,
        "size_bytes": path.stat().st_size,
        **found.reading.as_dict(),
        "column_types": dict(zip(found.reading.columns, found.column_types, strict=True)),
        "sample_rows": found.sample_rows,
        "record_type": best,
        "suggested_mapping": {one.column: one.field for one in suggested[best] if one.field},
        "suggestions": [one.as_dict() for one in suggested[best]],
        "available_fields": [{"value": field.name, "label": field.label} for field in record_types.get(best).fields],
    }


def record_type_named(registry: "Registry", name: str, organization: str) -> RecordType:
    """The record type of that name: one of `models/`, or one whose fields an import of the organization brought along.

    Raises:
        UnknownRecordTypeError: There is none.
    """
    newest = imports.list_imports(registry, organization, name, limit=1).items if is_inline_name(name) else ()
    return record_type_of(ImportSpec.model_validate(newest[0].spec)) if newest else record_types.get(name)


def _records(record_type: RecordType, limit: int | None) -> str:
    order = "ORDER BY created_at, created_by_import, length(id), id"
    bound = f"{order} LIMIT {int(limit)}" if limit is not None else ""
    columns = quoted_list(shown_columns(record_type))
    return f"{shown(record_type, f'SELECT {columns} FROM {store_table(record_type.table)} {bound}')} {order}"


@contextmanager
def opened_store(
    settings: Settings,
    record_type: RecordType,
    organization: str,
    instance: "AbstractContextManager[duckdb.DuckDBPyConnection] | None" = None,
) -> Iterator["duckdb.DuckDBPyConnection | None"]:
    """A connection with the organization's store attached, or None where nothing was ever stored.

    Args:
        settings: Where it is.
        record_type: What is looked for in it.
        organization: Whose.
        instance: Where it is attached; to a new instance by itself.
    """
    if not store_exists(settings, organization):
        yield None
        return
    with (
        instance or new_instance() as connection,
        attached_store(connection, settings, organization, declared=record_type),
    ):
        yield connection


def dictionaries(
    connection: "duckdb.DuckDBPyConnection", select: str, parameters: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The rows of a SELECT as dictionaries."""
    cursor = connection.execute(select, parameters)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
