"""The headless imports of page 004: by a saved schema or inline fields, with a file to come or the rows themselves."""

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import APIRouter, Path, Query, Response

from import_pipeline.api import page_004_models as models
from import_pipeline.api.answers import CREATING, READING, WRITING, errors_of
from import_pipeline.api.bodies import takes_rows
from import_pipeline.api.callers import Caller, Creator, Reader, Service, Writer
from import_pipeline.api.idempotency import OnceOnly
from import_pipeline.api.inline import write_inline
from import_pipeline.api.json_route import JsonRoute
from import_pipeline.api.links import ImportLinks, Links
from import_pipeline.api.reasons import reason_of
from import_pipeline.errors import ImportPipelineError, NotFoundError, ResultsMissingError, StateError
from import_pipeline.home import Home
from import_pipeline.record_types.inline import inline_name
from import_pipeline.run_config.page_004 import HeadlessRequest, read_page_004
from import_pipeline.run_config.page_004_body import HeadlessBody
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.run_config.status_words import for_page_004
from import_pipeline.service import imports, queries, schemas, transitions
from import_pipeline.service.downloads import RECORDS_JSON
from import_pipeline.service.incoming import incoming_path, remove_incoming
from import_pipeline.service.retention import clear_payload_of
from import_pipeline.service.uploading import finish_upload, receive_file, request_upload, settle, start
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import Status

PATH = "/api/v1/headless/imports/"
router = APIRouter(prefix=PATH.rstrip("/"), tags=["headless"], route_class=JsonRoute)

PAGE = "page_004"
"""The page of a headless import; one that was deleted here has none: these calls do not show it any more."""
_SHOWN_ERRORS = 100
_COUNTS = ("created_count", "updated_count", "failed_count")
ImportId = Annotated[
    str, Path(description="The import.", examples=["94187d21-9820-420f-b08c-a80cbbf52604"], max_length=64)
]


@router.post("", status_code=201, include_in_schema=False, response_model=models.HeadlessImportFull)
@router.post("/", status_code=201, summary="Create a headless import", responses=errors_of(*CREATING))
@takes_rows
def create(
    body: HeadlessBody, caller: Creator, home: Service, links: ImportLinks, once: OnceOnly
) -> models.HeadlessImportFull:
    """Create an import by a saved schema (`schema_id`) or inline `fields`, for a file or with its rows.

    Settings and hooks given beside a schema_id replace those keys of the schema, for this import. With
    `original_filename`, PUT the file to `upload`: the import starts by itself. With `initial_data` it has started.
    """
    asked = body.model_dump(mode="json", exclude_unset=True)

    def work() -> str:
        request = read_page_004(asked)
        spec = _spec(request, "rowHooks" in (asked.get("hooks") or {}), caller, home)
        return _requested(home, request, spec, caller).id

    return _shown_in_full(home, imports.get(home, once.do(asked, work)), links)


@router.get("", include_in_schema=False, response_model=models.HeadlessImports)
@router.get("/", summary="List headless imports", responses=errors_of(*READING))
def list_imports(
    caller: Reader,
    home: Service,
    links: ImportLinks,
    offset: Annotated[int, Query(ge=0, le=1_000_000_000, description="How many to pass over.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> models.HeadlessImports:
    """The headless imports of the organization, newest first."""
    found = imports.list_imports(home, caller.organization, start=offset, limit=limit, api_page=PAGE)

    def at(place: int) -> str:
        return f"{links.address(PATH)}?{urlencode({'limit': limit, 'offset': place})}"

    return models.HeadlessImports(
        count=found.total_count,
        next=at(offset + limit) if found.has_more else None,
        previous=at(max(0, offset - limit)) if offset else None,
        results=[models.HeadlessImport(**_shown(record)) for record in found.items],
    )


@router.get("/{import_id}", include_in_schema=False, response_model=models.HeadlessImportFull)
@router.get("/{import_id}/", summary="Show a headless import", responses=errors_of(*READING))
def get(import_id: ImportId, caller: Reader, home: Service, links: ImportLinks) -> models.HeadlessImportFull:
    """One headless import, with what is wrong with its rows once it has ended or needs review."""
    return _shown_in_full(home, settle(home, headless_import(home, import_id, caller)), links)


@router.delete("/{import_id}", status_code=204, include_in_schema=False)
@router.delete("/{import_id}/", status_code=204, summary="Delete a headless import", responses=errors_of(*WRITING))
def delete(import_id: ImportId, caller: Writer, home: Service) -> Response:
    """Forget an import and its file; one that has not ended is cancelled. Records that it brought stay.

    `POST /v1/imports/{id}/undo` takes the records back, before or after.
    """
    delete_import(home, import_id, caller)
    return Response(status_code=204)


@router.get("/{import_id}/url", include_in_schema=False, response_model=models.PresignedUrl)
@router.get("/{import_id}/url/", summary="Get the result of a headless import", responses=errors_of(409, *READING))
def get_url(import_id: ImportId, caller: Reader, home: Service, links: ImportLinks) -> models.PresignedUrl:
    """A signed URL of the records that the rows became: a JSON list of objects, by the keys of the fields."""
    return result_url(home, import_id, caller, links)


def headless_import(home: Home, import_id: str, caller: Caller) -> ImportRecord:
    """A headless import of the caller's organization that was not deleted.

    Raises:
        NotFoundError: There is none of this id.
    """
    record = imports.get(home, import_id, caller.organization)
    if record.page != PAGE:
        raise NotFoundError("headless import", import_id)
    return record


def delete_import(home: Home, import_id: str, caller: Caller) -> None:
    """Take a headless import, and its file, out of sight.

    Raises:
        NotFoundError: There is none of this id.
        StateError: Its records are being written in this moment.
    """
    record = headless_import(home, import_id, caller)
    if not record.status.is_final:
        record = transitions.cancel(home, [import_id], "Deleted on request.").one()
    imports.update(home, import_id, page=None, updated_by=caller.name)
    clear_payload_of(home, record)


def result_url(home: Home, import_id: str, caller: Caller, links: Links) -> models.PresignedUrl:
    """Where the records that a headless import brought can be read.

    Raises:
        NotFoundError: There is no such import.
        StateError: It was not successful.
    """
    record = headless_import(home, import_id, caller)
    url = links.download_url(record, RECORDS_JSON)
    if url is None:
        raise StateError(record.id, record.status, "read", [])
    return models.PresignedUrl(presigned_url=url)


def errors_of_rows(home: Home, record: ImportRecord, limit: int) -> list[models.HeadlessError] | None:
    """What is wrong with the rows of an import that has ended or needs review; None where nothing is, or is known."""
    if not record.status.is_final and record.status is not Status.NEEDS_REVIEW:
        return None
    try:
        found = queries.defects(home, record.id, limit=limit)
    except ResultsMissingError as error:  # the import can be shown all the same
        missing = {"row_number": None, "field": None, "level": "error", "message": error.message}
        return [models.HeadlessError(code="results_missing", **missing)]
    shown = [models.HeadlessError(**{name: one[name] for name in models.HeadlessError.model_fields}) for one in found]
    if not shown and record.reason and record.status is not Status.COMPLETED:
        reason = reason_of(record) or ""
        shown = [models.HeadlessError(row_number=None, field=None, code="import", level="error", message=reason)]
    return shown or None


def moment(seconds: int) -> datetime:
    """Epoch seconds as these pages write a time."""
    return datetime.fromtimestamp(seconds, UTC)


def user_of(record: ImportRecord) -> dict[str, Any] | None:
    """Who a headless import is for."""
    return (record.page_state or {}).get("user")


def _spec(request: HeadlessRequest, has_hooks: bool, caller: Caller, home: Home) -> ImportSpec:
    """The spec, with the saved schema under what was given."""
    settings, hooks = request.settings, list(request.row_hooks)
    if request.schema_id is not None:
        saved = schemas.get(home, request.schema_id, caller.organization)
        fields, name = saved.fields, saved.record_type
        settings = saved.settings | settings
        hooks = hooks if has_hooks else saved.hooks.get("rowHooks", [])
    else:
        fields = list(request.fields or ())
        name = inline_name(fields, settings.get("importIdentifier"))
    spec = request.spec(record_type=name, organization=caller.organization, created_by=caller.name, settings=settings)
    return spec.replaced(schema_id=request.schema_id, schema_fields=fields, row_hooks=hooks)


def _requested(home: Home, request: HeadlessRequest, spec: ImportSpec, caller: Caller) -> ImportRecord:
    record = request_upload(
        home,
        spec,
        import_id=str(uuid4()),
        file_name=request.original_filename,
        kind="starts" if request.initial_data is None else "guided",
        created_by=caller.name,
        page=PAGE,
        page_state={"user": request.user},
    )
    if request.initial_data is None:
        return record
    path = incoming_path(home)
    try:
        imports.update(home, record.id, content_type=write_inline(request.initial_data, path))
        receive_file(home, record.id, path)
        finish_upload(home, record.id)
    except ImportPipelineError as error:  # it would be awaited for an hour
        transitions.fail(home, {record.id: error.message})
        raise
    finally:
        remove_incoming(path)
    return start(home, record.id)


def _shown(record: ImportRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "schema_id": record.spec.get("schema_id"),
        "status": for_page_004(record.status),
        "original_filename": record.file_name,
        "created_date": moment(record.created_at),
        "modified_date": moment(record.updated_at),
        "number_of_rows": record.total_rows,
        "resource": record.record_type,
        **{name: getattr(record, name) for name in _COUNTS},
        "reason": reason_of(record),
        "user": user_of(record),
    }


def _shown_in_full(home: Home, record: ImportRecord, links: Links) -> models.HeadlessImportFull:
    counts = {"number_of_rows": record.total_rows, **{name: getattr(record, name) for name in _COUNTS}}
    return models.HeadlessImportFull(
        **_shown(record),
        upload=links.upload_url(record),
        review_url=links.review_url(record),
        result_metadata=counts if for_page_004(record.status) == "SUCCESSFUL" else None,
        import_errors=errors_of_rows(home, record, _SHOWN_ERRORS),
    )
