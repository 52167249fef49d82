"""Uploads as page 004 lists them: its headless imports once more, with the file and the places of failed rows."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from import_pipeline.api import page_004_models as models
from import_pipeline.api.answers import READING, WRITING, errors_of
from import_pipeline.api.callers import Reader, Service, Writer
from import_pipeline.api.headless import (
    PAGE,
    ImportId,
    delete_import,
    errors_of_rows,
    headless_import,
    moment,
    result_url,
    user_of,
)
from import_pipeline.api.json_route import JsonRoute
from import_pipeline.api.links import ImportLinks
from import_pipeline.run_config.status_words import for_page_004
from import_pipeline.service import imports
from import_pipeline.service.downloads import UPLOAD_CSV
from import_pipeline.service.uploading import upload_key
from import_pipeline.stores.import_record import ImportRecord

router = APIRouter(prefix="/api/v1", tags=["headless"], route_class=JsonRoute)

_MOST = 10_000
_SHOWN_ERRORS = 1_000
_STATUSES: dict[str, models.UploadStatus] = {
    "AWAITING_UPLOAD": "PENDING_UPLOAD",
    "RUNNING": "PROCESSING",
    "NEEDS_REVIEW": "PROCESSING",
    "SUCCESSFUL": "PROCESSED",
    "FAILED": "FAILED",
}


@router.get("/uploads", include_in_schema=False, response_model=models.Uploads, response_model_exclude_none=True)
@router.get("/uploads/", summary="List uploads", responses=errors_of(*READING), response_model_exclude_none=True)
def list_uploads(
    caller: Reader,
    home: Service,
    start: Annotated[int, Query(ge=0, le=1_000_000_000, description="The place of the first one, from 0.")] = 0,
    end: Annotated[int, Query(ge=0, le=1_000_010_000, description="The place behind the last one.")] = _MOST,
) -> models.Uploads:
    """The headless imports of the organization as uploads, newest first; at most 10,000 at once."""
    limit = max(1, min(end - start, _MOST))
    found = imports.list_imports(home, caller.organization, start=start, limit=limit, api_page=PAGE)
    items = found.items if end > start else ()
    return models.Uploads(
        start=start,
        end=start + len(items),
        total_num_uploads=found.total_count,
        data=[_shown(record) for record in items],
    )


@router.get("/upload/{import_id}/metadata", include_in_schema=False, response_model_exclude_none=True)
@router.get(
    "/upload/{import_id}/metadata/",
    summary="Show an upload",
    responses=errors_of(*READING),
    response_model_exclude_none=True,
)
def get_metadata(import_id: ImportId, caller: Reader, home: Service, links: ImportLinks) -> models.UploadDetail:
    """One upload, with its file and what is wrong with its rows."""
    record = headless_import(home, import_id, caller)
    upload = _shown(record)
    raw_upload = upload.raw_upload.model_copy(update={"download_url": links.download_url(record, UPLOAD_CSV)})
    errors = errors_of_rows(home, record, _SHOWN_ERRORS) or []
    failed = {one.row_number - 1 for one in errors if one.row_number is not None and one.level == "error"}
    return models.UploadDetail(
        **upload.model_dump(exclude={"raw_upload"}),
        raw_upload=raw_upload,
        invalid_row_indexes=sorted(failed),
        errors=errors,
    )


@router.post("/upload/{import_id}/delete", include_in_schema=False)
@router.post("/upload/{import_id}/delete/", summary="Delete an upload", responses=errors_of(*WRITING))
def delete(import_id: ImportId, caller: Writer, home: Service) -> Response:
    """Forget an import and its file; one that has not ended is cancelled. Records that it brought stay."""
    delete_import(home, import_id, caller)
    return Response(status_code=200)


@router.get("/upload/{import_id}/url", include_in_schema=False, response_model=models.PresignedUrl)
@router.get("/upload/{import_id}/url/", summary="Get the result of an upload", responses=errors_of(409, *READING))
def get_url(import_id: ImportId, caller: Reader, home: Service, links: ImportLinks) -> models.PresignedUrl:
    """A signed URL of the records that the rows became: a JSON list of objects, by the keys of the fields."""
    return result_url(home, import_id, caller, links)


def _shown(record: ImportRecord) -> models.Upload:
    return models.Upload(
        id=record.id,
        import_identifier=record.name,
        raw_upload=models.RawUpload(filename=record.file_name, storage_key=upload_key(record.id)),
        user=user_of(record),
        created_date=moment(record.created_at),
        upload_status=_STATUSES[for_page_004(record.status)],
        total_num_rows=record.total_rows,
        storage_key=record.id,
        field_order=[str(field["key"]) for field in record.spec.get("schema_fields") or ()],
    )
