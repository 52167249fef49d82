"""A registry of an earlier version keeps what its imports decide by: it moves from their details into columns."""

import json

from alembic import command
from sqlalchemy import create_engine, text

from import_pipeline.stores import imports
from import_pipeline.stores.registry import Registry
from import_pipeline.words import Phase, Status
from import_pipeline_tests.migrating import migrate

DETAILS = {
    "queued": {"resume_from": "transforming", "attempts": 3, "retry_at": 99, "writing": True, "resumed_after": "run"},
    "uploaded": {"waits_for": "queued", "suggestions": [1]},
    "cancelled": {"same_bytes_as": "queued"},
    "needs_review": {"same_bytes_before": "queued", "accepting": {"import_again": True}},
    "requested": {"upload": {"starts": False, "expires_at": 5, "begun_at": 4}, "page_003": {"asked": {"a": 1}}},
    "failed": {"refused_sidecar": True, "deleted_page_004": {"user": {"id": "u"}}},
    "completed": {"undoes": "queued", "undone_by": "x", "retry_of": "y", "columns": ["Email"], "reading": {"rows": 1}},
    "processing": {},
}


def details_of(url: str) -> dict[str, dict]:
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT id, details FROM imports")).all()
    engine.dispose()
    return {row.id: json.loads(row.details) if isinstance(row.details, str) else row.details for row in rows}


def fill(url: str) -> None:
    engine = create_engine(url)
    counts = "processed_rows, created_count, updated_count, unchanged_count, skipped_count, deleted_count, failed_count"
    insert = text(
        f"INSERT INTO imports (id, status, details, organization, record_type, spec, source, upload_mode, {counts}, "
        "overwritten_count, has_upload_file, has_errors_file, created_at, updated_at) VALUES (:id, :id, :details, "
        "'acme', 'contact', '{}', 'api', 'async', 0, 0, 0, 0, 0, 0, 0, 0, :no, :no, 7, 7)"
    )
    with engine.connect() as connection, connection.begin():
        for status, details in DETAILS.items():
            connection.execute(insert, {"id": status, "details": json.dumps(details), "no": False})
    engine.dispose()


def test_what_imports_decide_by_moves_into_columns_and_back(registry_url: str) -> None:
    migrate(registry_url, command.upgrade, "0010")
    fill(registry_url)
    with Registry(registry_url) as registry:
        found = {status: imports.get(registry, status) for status in DETAILS}
    queued, requested, failed, done = (found[one] for one in ("queued", "requested", "failed", "completed"))
    assert (queued.resume_phase, queued.attempts, queued.retry_at) == (Phase.TRANSFORMING, 3, 99)
    assert (queued.writing_since, queued.details) == (7, {})
    assert (found["uploaded"].waits_for, found["uploaded"].details) == ("queued", {"suggestions": [1]})
    assert found["cancelled"].repeat_of == found["needs_review"].asked_repeat_of == "queued"
    assert found["needs_review"].accepting == {"import_again": True}
    assert (requested.upload_kind, requested.upload_expires_at, requested.upload_begun_at) == ("guided", 5, 4)
    assert (requested.page, requested.page_state) == ("page_003", {"asked": {"a": 1}})
    assert (failed.sidecar_refused, failed.page, failed.page_state) == (True, None, {"user": {"id": "u"}})
    assert (done.undoes, done.undone_by, done.retry_of) == ("queued", "x", "y")
    assert (done.page_state, done.details) == ({"columns": ["Email"]}, {"reading": {"rows": 1}})
    assert found["processing"].lease_until == 0, "nobody has it any more"
    assert found["processing"].status is Status.PROCESSING
    migrate(registry_url, command.downgrade, "0010")
    again = details_of(registry_url)
    assert again["queued"] == {name: value for name, value in DETAILS["queued"].items() if name != "resumed_after"}
    assert again["requested"] == DETAILS["requested"]
    assert again["completed"] == DETAILS["completed"]
    assert again["failed"] == DETAILS["failed"]
