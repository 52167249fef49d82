"""The multipart imports of page 003: a file with attributes, shown in a preview until in_preview becomes false."""

import shutil
from datetime import UTC, datetime
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from import_pipeline.api import multipart_models as models
from import_pipeline.api.answers import CREATING, READING, WRITING, errors_of
from import_pipeline.api.bodies import takes_file
from import_pipeline.api.callers import Caller, Creator, Reader, Service, Writer
from import_pipeline.api.idempotency import OnceOnly
from import_pipeline.api.json_route import JsonRoute
from import_pipeline.api.links import ImportLinks, Links
from import_pipeline.api.multipart_form import read_body
from import_pipeline.api.reasons import reason_of
from import_pipeline.api.refusals import RefusedError
from import_pipeline.api.workers import SharedWorkers, Workers
from import_pipeline.checked import checked
from import_pipeline.errors import ImportPipelineError, StateError
from import_pipeline.home import Home
from import_pipeline.run_config.page_003 import WHERE, ImportBody
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.run_config.status_words import in_preview_for_page_003
from import_pipeline.run_config.translate import from_page_003
from import_pipeline.service import imports, transitions
from import_pipeline.service.downloads import UPLOAD_CSV
from import_pipeline.service.incoming import incoming_path, remove_incoming
from import_pipeline.service.uploading import finish_upload, receive_file, request_upload, start
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import Status

_calls = APIRouter(tags=["multipart with preview"], route_class=JsonRoute)
_OF_CLIENTS = "/account_lists/{organization}/imports"
"""Where clients of page 003 look for these calls; what comes by /csv waits in preview, unless it says otherwise."""

PAGE = "page_003"
_ASKED, _LOOK = "asked", "look"
_OF_THIS_CALL = ("updated_in_db_at", "overwrite")
_WORDS = ("file_constants_mappings", "file_headers_mappings", "group_tags", "groups", "override", "source", "tag_list")

Organization = Annotated[str, Path(description="The organization of the token.", examples=["acme"], max_length=63)]
ImportId = Annotated[str, Path(description="The import.", examples=["imp_9f2c4e8a1b6d3f5072c9"], max_length=64)]


@_calls.post("", status_code=201, summary="Import a file", responses=errors_of(*CREATING), openapi_extra=models.FORM)
@takes_file
async def create(
    organization: Organization,
    request: Request,
    caller: Creator,
    home: Service,
    links: ImportLinks,
    workers: SharedWorkers,
    once: OnceOnly,
) -> models.Document:
    """Send a file with attributes. It is imported at once, unless `in_preview` is true."""
    caller.must_be(organization)
    asked, file = await read_body(request, home.settings.max_body_bytes)
    if request.url.path.endswith("/csv"):
        asked = {"in_preview": True} | asked
    if file is None:
        raise RefusedError(422, "invalid_request", "The form has no file. Send it as the field `file`.")
    path = await run_in_threadpool(incoming_path, home)
    try:
        await run_in_threadpool(_keep, file, path)
        name = FilePath(file.filename or "upload").name[:255]

        def work() -> str:
            return _created(home, workers, caller, asked, path, name)

        said = [asked, name, file.size]
        record = imports.get(home, await run_in_threadpool(once.do, said, work))
    finally:
        await run_in_threadpool(remove_incoming, path)
    return _document(record, links)


@_calls.get("", summary="List imports of files", responses=errors_of(*READING))
def list_imports(
    organization: Organization,
    caller: Reader,
    home: Service,
    links: ImportLinks,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
) -> models.Documents:
    """The imports that came this way, newest first."""
    caller.must_be(organization)
    found = imports.list_imports(home, organization, page=page, limit=limit, api_page=PAGE)
    shown = [_shown(record, links) for record in found.items]
    meta = {"page": page, "limit": limit, "has_more": found.has_more, "total_count": found.total_count}
    return models.Documents(data=shown, meta=meta)


@_calls.get("/{import_id}", summary="Show an import of a file", responses=errors_of(*READING))
def get(
    organization: Organization, import_id: ImportId, caller: Reader, home: Service, links: ImportLinks
) -> models.Document:
    """One import, with its preview."""
    caller.must_be(organization)
    return _document(imports.get(home, import_id, organization), links)


@_calls.put(
    "/{import_id}", summary="Change or start an import", responses=errors_of(*WRITING), openapi_extra=models.CHANGE
)
async def change(
    organization: Organization,
    import_id: ImportId,
    request: Request,
    caller: Writer,
    home: Service,
    links: ImportLinks,
    workers: SharedWorkers,
    once: OnceOnly,
) -> models.Document:
    """Change the attributes of an import that is in preview; with `in_preview` false it starts.

    It starts only if every value of a mapped column of constants is a constant, or is mapped to one.
    """
    caller.must_be(organization)
    asked, _ = await read_body(request, home.settings.max_body_bytes)

    def work() -> str:
        return _changed(home, workers, caller, import_id, asked)

    record = imports.get(home, await run_in_threadpool(once.do, asked, work))
    return _document(record, links)


def _keep(file: UploadFile, path: FilePath) -> None:
    with path.open("wb") as kept:
        shutil.copyfileobj(file.file, kept, 1024 * 1024)
    if not path.stat().st_size:
        raise RefusedError(400, "empty_file", "The file is empty. Send one with a header and rows.")


def _created(home: Home, workers: Workers, caller: Caller, asked: dict[str, Any], path: FilePath, name: str) -> str:
    spec = from_page_003(asked, organization=caller.organization, created_by=caller.name)
    record = request_upload(
        home, spec, file_name=name, kind="guided", created_by=caller.name, page=PAGE, page_state={_ASKED: asked}
    )
    try:
        receive_file(home, record.id, path)
        finish_upload(home, record.id)
        if spec.column_mapping and "file_headers" not in asked:
            look = workers.look_at(record.id, spec, strict=False)
            spec = _by_keys(asked, look, caller.organization, caller.name)
        _look_and_start(home, workers, record.id, spec, {_ASKED: asked})
    except ImportPipelineError as error:
        transitions.fail(home, {record.id: error.message})
        raise
    return record.id


def _changed(home: Home, workers: Workers, caller: Caller, import_id: str, given: dict[str, Any]) -> str:
    record = imports.get(home, import_id, caller.organization)
    page = record.page_state
    if record.status is not Status.UPLOADED or record.page != PAGE or page is None:
        raise StateError(record.id, record.status, "changed", [])
    seen, overwrites = given.get("updated_in_db_at"), checked(ImportBody, given, WHERE).overwrite
    if seen is not None and seen != _moment(record.updated_at) and not overwrites:
        message = (
            f"The import was changed at {_moment(record.updated_at)}, after {seen}. Read it again, then change it."
        )
        raise RefusedError(409, "changed_since", message)
    asked = page[_ASKED] | {name: value for name, value in given.items() if name not in _OF_THIS_CALL}
    spec = _by_keys(asked, page.get(_LOOK), caller.organization, record.created_by)
    _look_and_start(home, workers, record.id, spec, page | {_ASKED: asked}, updated_by=caller.name)
    return record.id


def _by_keys(
    asked: dict[str, Any], look: dict[str, Any] | None, organization: str, created_by: str | None
) -> ImportSpec:
    """The spec of attributes whose mappings may name the headers by the keys that a first look found for them."""
    found = {"file_headers": look["file_headers"]} if look is not None else {}
    return from_page_003(found | asked, organization=organization, created_by=created_by)


def _look_and_start(
    home: Home,
    workers: Workers,
    import_id: str,
    spec: ImportSpec,
    page_state: dict[str, Any],
    **changes: Any,
) -> None:
    """Look at the file as the spec says; only if nothing is refused, keep what was asked, and start if it says so."""
    look = workers.look_at(import_id, spec, strict=not spec.dry_run)
    changes |= {
        "page_state": page_state | {_LOOK: look},
        "total_rows": look["total_rows"],
        "spec": spec.model_dump(mode="json"),
    }
    if spec.dry_run:
        imports.update(home, import_id, **changes)
    else:
        start(home, import_id, **changes)


def _document(record: ImportRecord, links: Links) -> models.Document:
    resource = _shown(record, links)
    return models.Document(data=resource, included=resource.relationships.sample_contacts.data)


def _shown(record: ImportRecord, links: Links) -> models.Resource:
    page = record.page_state or {}
    body = ImportBody.model_validate(page.get(_ASKED, {}))
    look = page.get(_LOOK) or {"file_headers": {}, "file_constants": {}, "sample": [], "problem": None}
    words = body.model_dump(mode="json", include=set(_WORDS))
    words["tag_list"], words["groups"] = ",".join(body.tag_list), ",".join(body.groups)
    waits = in_preview_for_page_003(record.status, dry_run=bool(record.spec.get("dry_run")))
    attributes = models.Attributes(
        account_list_id=record.organization,
        created_at=_moment(record.created_at),
        updated_at=_moment(record.updated_at),
        updated_in_db_at=_moment(record.updated_at),
        file_url=links.download_url(record, UPLOAD_CSV),
        file_headers=look["file_headers"],
        file_constants=look["file_constants"],
        import_by_group=body.import_by_group,
        in_preview=waits and not record.status.is_final,
        **words,
    )
    sample = [
        models.SampleContact(id=f"row-{one['row_number']}", attributes=one["attributes"], errors=one["errors"])
        for one in look["sample"]
    ]
    user = models.Reference(id=body.user.id) if body.user is not None else None
    return models.Resource(
        id=record.id,
        attributes=attributes,
        relationships=models.Relationships(
            sample_contacts=models.SampleContacts(data=sample), user=models.User(data=user)
        ),
        meta=models.Meta(
            status=str(record.status),
            reason=reason_of(record),
            problem=look["problem"],
            total_rows=record.total_rows,
            created_count=record.created_count,
            updated_count=record.updated_count,
            failed_count=record.failed_count,
        ),
    )


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


router = APIRouter()
router.include_router(_calls, prefix="/v1/organizations/{organization}/imports")
for _prefix in (f"{_OF_CLIENTS}/csv", _OF_CLIENTS):  # else "csv" would be taken for an import
    router.include_router(_calls, prefix=_prefix, include_in_schema=False)
    router.include_router(_calls, prefix=f"/api/v2{_prefix}", include_in_schema=False)
