"""The guided flow of page 000: request an upload, PUT, complete it and see a preview, confirm, look how far it is."""

import base64
import binascii
from typing import Any

from fastapi import APIRouter, Request

from import_pipeline import record_types
from import_pipeline.api import page_000_models as models
from import_pipeline.api.answers import CREATING, READING, WRITING, ErrorAnswer000, errors_of
from import_pipeline.api.callers import Creator, Reader, Service, Writer
from import_pipeline.api.defect_models import Defect
from import_pipeline.api.idempotency import OnceOnly
from import_pipeline.api.json_route import JsonRoute
from import_pipeline.api.links import ImportLinks
from import_pipeline.api.polling import answer_poll
from import_pipeline.api.reasons import CONFIRMING_000, reason_of
from import_pipeline.api.refusals import RefusedError
from import_pipeline.api.workers import SharedWorkers
from import_pipeline.errors import PayloadError
from import_pipeline.run_config.mapping import resolve
from import_pipeline.run_config.page_000 import record_type_of
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.run_config.status_words import counters_for_page_000, for_page_000
from import_pipeline.run_config.translate import from_page_000
from import_pipeline.service import imports, queries
from import_pipeline.service.remembering import remember
from import_pipeline.service.showing import import_object
from import_pipeline.service.uploading import finish_upload, reopen_upload, request_upload, start
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import Status

router = APIRouter(prefix="/api", tags=["guided flow"], route_class=JsonRoute)

_READS = errors_of(413, *READING, model=ErrorAnswer000)
_CREATES = errors_of(*CREATING, model=ErrorAnswer000)
_WRITES = errors_of(*WRITING, model=ErrorAnswer000)
COLUMNS = "columns"
_FURTHEST = 2**53
"""No cursor of ours goes further."""


@router.post("/imports-request-upload", summary="1. Request an upload URL", responses=_CREATES)
def request_url(
    body: models.RequestUpload, caller: Creator, home: Service, links: ImportLinks, once: OnceOnly
) -> models.Done[models.Requested]:
    """Register an import and get a signed URL to PUT its file to."""

    def work() -> str:
        spec = ImportSpec(record_type=record_type_of(body.model_type), organization=caller.organization)
        return request_upload(
            home,
            spec,
            file_name=body.file_name,
            content_type=body.content_type,
            kind="guided",
            created_by=caller.name,
        ).id

    record = imports.get(home, once.do(body.model_dump(), work))
    url = links.upload_url(record)
    if url is None:
        raise RefusedError(409, "wrong_state", f"The file of import {record.id!r} was uploaded already.")
    return models.Done(result=models.Requested(job_id=record.id, signed_url=url))


@router.post("/imports-complete-upload", summary="3. Complete the upload", responses=_WRITES)
def complete_upload(
    body: models.OfImport, caller: Writer, home: Service, workers: SharedWorkers
) -> models.Done[models.Completed]:
    """Say that the file is there; the answer shows what it holds and suggests a mapping. Nothing is imported."""
    record = imports.get(home, body.id, caller.organization)
    if record.status is not Status.NEEDS_REVIEW:
        record = finish_upload(home, body.id)
    try:
        found = workers.preview_upload(body.id, record.organization)
    except PayloadError:
        reopen_upload(home, body.id)
        raise
    state = (record.page_state or {}) | {COLUMNS: list(found["columns"])}
    record = imports.update(home, body.id, page_state=state, total_rows=found["total_rows"])
    preview = models.Preview(
        headers=found["columns"],
        sample_rows=found["sample_rows"],
        total_rows=found["total_rows"],
        suggested_mapping=found["suggested_mapping"],
        available_fields=found["available_fields"],
        column_formats=found["column_formats"],
        tables=found["tables"],
        sheets=found["sheets"],
    )
    return models.Done(result=models.Completed(job=_job(record), preview=preview))


@router.post("/imports-confirm", summary="4. Confirm the import", responses=_WRITES)
def confirm(body: models.Confirm, caller: Writer, home: Service, once: OnceOnly) -> models.Done[models.Started]:
    """Give the mapping {column: field} and start the import."""
    asked = body.model_dump(exclude_unset=True)

    def work() -> str:
        record = imports.get(home, body.id, caller.organization)
        spec = from_page_000(
            asked,
            model_type=record_types.table_of(record.record_type),
            organization=caller.organization,
            created_by=record.created_by,
        )
        columns = (record.page_state or {}).get(COLUMNS)
        if columns is not None:
            resolve(spec, columns, record_types.get(spec.record_type))
            remember(home, spec, columns, record.id, by=caller.name)
        return start(home, body.id, spec=spec.model_dump(mode="json"), updated_by=caller.name).id

    return models.Done(result=models.Started(job=_job(imports.get(home, once.do(asked, work)))))


@router.post("/imports-get", summary="5. Look how far an import is", responses=_READS)
async def get(body: models.OfImport, request: Request, caller: Reader, home: Service) -> models.Done[models.Job]:
    """Status and counters of one import."""
    return models.Done(result=await answer_poll(request, home, body.id, caller.organization, _job))


@router.post("/imports-errors", summary="See what is wrong with rows", responses=_READS | errors_of(410))
def errors(body: models.ErrorsOf, caller: Reader, home: Service) -> models.Done[models.Errors]:
    """Errors by row, from `cursor` on; those of the whole file come first."""
    record = imports.get(home, body.id, caller.organization)
    after = _read_cursor(body.cursor)
    found = queries.defects(home, record.id, limit=body.limit + 1, after=after)
    more = len(found) > body.limit
    return models.Done(
        result=models.Errors(
            errors=[Defect(**one) for one in found[: body.limit]],
            next_cursor=_cursor(after + body.limit) if more else None,
        )
    )


@router.post("/imports-list", summary="List imports", responses=_READS | errors_of(400, model=ErrorAnswer000))
def list_imports(body: models.ListOf, caller: Reader, home: Service) -> models.Done[models.Jobs]:
    """All imports of the organization, newest first."""
    record_type = record_type_of(body.model_type) if body.model_type else None
    page = imports.list_imports(home, caller.organization, record_type, page=body.page, limit=body.limit)
    return models.Done(
        result=models.Jobs(
            jobs=[_job(record) for record in page.items],
            page=page.page,
            limit=page.limit,
            has_more=page.has_more,
            total_count=page.total_count,
        )
    )


def _job(record: ImportRecord) -> models.Job:
    shown: dict[str, Any] = import_object(record)
    return models.Job(
        id=record.id,
        status=for_page_000(record.status),  # pyright: ignore[reportArgumentType]
        model_type=record_types.plural_of(record.record_type),
        file_name=record.file_name,
        reason=reason_of(record, CONFIRMING_000),
        created_at=record.created_at,
        updated_at=record.updated_at,
        **counters_for_page_000(shown),  # pyright: ignore[reportArgumentType]
    )


def _cursor(after: int) -> str:
    return base64.urlsafe_b64encode(str(after).encode()).decode()


def _read_cursor(cursor: str | None) -> int:
    try:
        after = int(base64.b64decode(cursor.encode(), b"-_", validate=True)) if cursor else 0
        if not 0 <= after <= _FURTHEST:
            raise ValueError
        return after
    except (ValueError, binascii.Error):
        raise RefusedError(
            422,
            "invalid_request",
            "The cursor is none of ours. Send `next_cursor` of an answer, or none.",
            cursor=cursor,
        ) from None
