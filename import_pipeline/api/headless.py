"""The headless imports of page 004: by a saved schema or inline fields, with a file to come or the rows themselves."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from import_pipeline.api.answers import CREATING, READING, errors_of
from import_pipeline.api.bodies import takes_rows
from import_pipeline.api.callers import Caller, Creator, Reader, Service
from import_pipeline.api.idempotency import OnceOnly
from import_pipeline.api.inline import write_inline
from import_pipeline.api.json_route import JsonRoute
from import_pipeline.api.links import ImportLinks, Links
from import_pipeline.api.reasons import reason_of
from import_pipeline.api.refusals import RefusedError
from import_pipeline.api.schemas import AllSchemas
from import_pipeline.errors import WorkspaceBusyError
from import_pipeline.imports import ImportService
from import_pipeline.record_types.inline import inline_name
from import_pipeline.run_config.page_004 import HeadlessBody, HeadlessRequest, read_page_004
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.run_config.status_words import for_page_004
from import_pipeline.service.uploading import (
    finish_upload,
    incoming_path,
    receive_file,
    remove_incoming,
    request_upload,
    settle,
    start,
)
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.schemas import Schemas
from import_pipeline.words import Status

router = APIRouter(prefix="/api/v1/headless/imports", tags=["headless"], route_class=JsonRoute)

PAGE = "page_004"
_SHOWN_ERRORS = 100
_INLINE_FILE = "initial_data.json"


class HeadlessError(BaseModel):
    """What is wrong with a row, or with all of it."""

    row_number: int | None = Field(description="From 1; none where the whole import is meant.", examples=[2])
    field: str | None = Field(examples=["email"])
    code: str = Field(examples=["invalid_email"])
    level: str = Field(examples=["error"])
    message: str = Field(examples=["'joe@' is no e-mail address: the part after @ is missing."])


class HeadlessImport(BaseModel):
    """A headless import."""

    id: str = Field(examples=["imp_9f2c4e8a1b6d3f5072c9"])
    schema_id: str | None = Field(examples=["sch_0b5e7c1d9a2f4e6380ab"])
    status: str = Field(
        description="AWAITING_UPLOAD, PENDING, RUNNING, NEEDS_REVIEW, SUCCESSFUL or FAILED.",
        examples=["AWAITING_UPLOAD"],
    )
    original_filename: str | None = Field(examples=["user.csv"])
    upload_url: str | None = Field(
        description="PUT the file here; the import then starts by itself.", examples=["https://…/uploads/WyJpbXBf…"]
    )
    review_url: str = Field(
        description="Where failing rows are shown and corrected once it needs review.",
        examples=["https://…/v1/imports/imp_9f2c4e8a1b6d3f5072c9/review"],
    )
    number_of_rows: int | None = Field(examples=[100])
    resource: str = Field(description="What its records are called.", examples=["custom_attendees"])
    created_count: int
    updated_count: int
    failed_count: int
    reason: str | None
    errors: list[HeadlessError] | None = Field(description="The first hundred; none while it goes on.")
    user: dict[str, Any] | None
    created_at: int = Field(description="Epoch seconds.")
    updated_at: int = Field(description="Epoch seconds.")


class HeadlessImports(BaseModel):
    """Headless imports, newest first."""

    data: list[HeadlessImport]
    page: int
    limit: int
    has_more: bool
    total_count: int


@router.post("", status_code=201, include_in_schema=False, response_model=HeadlessImport)
@router.post("/", status_code=201, summary="Create a headless import", responses=errors_of(*CREATING))
@takes_rows
def create(
    body: HeadlessBody, caller: Creator, service: Service, links: ImportLinks, once: OnceOnly, schemas: AllSchemas
) -> HeadlessImport:
    """Create an import by a saved schema (`schema_id`) or inline `fields`, for a file or with its rows.

    Settings and hooks given beside a schema_id replace those keys of the schema, for this import. With
    `original_filename`, PUT the file to `upload_url`: the import starts by itself. With `initial_data` it has started.
    """
    asked = body.model_dump(mode="json", exclude_unset=True)

    def work() -> str:
        request = read_page_004(asked)
        spec = _spec(request, "rowHooks" in asked.get("hooks", {}), caller, schemas)
        return _requested(service, request, spec, caller).id

    return _shown(service, service.registry.get(once.do(asked, work)), links)


@router.get("", include_in_schema=False, response_model=HeadlessImports)
@router.get("/", summary="List headless imports", responses=errors_of(*READING))
def list_imports(
    caller: Reader,
    service: Service,
    links: ImportLinks,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
) -> HeadlessImports:
    """The headless imports of the organization, newest first."""
    found = service.registry.list(caller.organization, page=page, limit=limit, detail=PAGE)
    return HeadlessImports(
        data=[_shown(service, record, links, with_errors=False) for record in found.items],
        page=found.page,
        limit=found.limit,
        has_more=found.has_more,
        total_count=found.total_count,
    )


@router.get("/{import_id}", include_in_schema=False, response_model=HeadlessImport)
@router.get("/{import_id}/", summary="Show a headless import", responses=errors_of(*READING))
def get(
    import_id: Annotated[str, Path(description="The import.", examples=["imp_9f2c4e8a1b6d3f5072c9"], max_length=64)],
    caller: Reader,
    service: Service,
    links: ImportLinks,
) -> HeadlessImport:
    """One headless import, with what is wrong with its rows once it has ended or needs review."""
    return _shown(service, settle(service, service.registry.get(import_id, caller.organization)), links)


def _spec(request: HeadlessRequest, has_hooks: bool, caller: Caller, schemas: Schemas) -> ImportSpec:
    """The spec, with the saved schema under what was given."""
    settings, hooks = request.settings, list(request.row_hooks)
    if request.schema_id is not None:
        saved = schemas.get(request.schema_id, caller.organization)
        fields, name = saved.fields, saved.record_type
        settings = saved.settings | settings
        hooks = hooks if has_hooks else saved.hooks.get("rowHooks", [])
    else:
        fields = list(request.fields or ())
        name = inline_name(fields, settings.get("importIdentifier"))
    spec = request.spec(record_type=name, organization=caller.organization, created_by=caller.name, settings=settings)
    return spec.replaced(schema_id=request.schema_id, schema_fields=fields, row_hooks=hooks)


def _requested(service: ImportService, request: HeadlessRequest, spec: ImportSpec, caller: Caller) -> ImportRecord:
    record = request_upload(
        service,
        spec,
        file_name=request.original_filename or _INLINE_FILE,
        starts=request.initial_data is None,
        created_by=caller.name,
        details={PAGE: {"user": request.user}},
    )
    if request.initial_data is None:
        return record
    path = incoming_path(service)
    try:
        service.registry.update(record.id, content_type=write_inline(request.initial_data, path))
        receive_file(service, record.id, path)
        finish_upload(service, record.id)
    except RefusedError as error:
        service.fail(record.id, error.message)
        raise
    finally:
        remove_incoming(path)
    return start(service, record.id)


def _shown(service: ImportService, record: ImportRecord, links: Links, *, with_errors: bool = True) -> HeadlessImport:
    return HeadlessImport(
        id=record.id,
        schema_id=record.spec.get("schema_id"),
        status=for_page_004(record.status),
        original_filename=record.file_name,
        upload_url=links.upload_url(record),
        review_url=links.review_url(record),
        number_of_rows=record.total_rows,
        resource=record.record_type,
        created_count=record.created_count,
        updated_count=record.updated_count,
        failed_count=record.failed_count,
        reason=reason_of(record),
        errors=_errors(service, record) if with_errors else None,
        user=(record.details.get(PAGE) or {}).get("user"),
        created_at=record.created_at,
        updated_at=record.updated_at,
    )


def _errors(service: ImportService, record: ImportRecord) -> list[HeadlessError] | None:
    if not record.status.is_final and record.status is not Status.NEEDS_REVIEW:
        return None
    try:
        found = service.defects(record.id, limit=_SHOWN_ERRORS)
    except WorkspaceBusyError:
        return None  # somebody looks at it in this moment
    errors = [HeadlessError(**{name: one[name] for name in HeadlessError.model_fields}) for one in found]
    if not errors and record.reason and record.status is not Status.COMPLETED:
        errors = [
            HeadlessError(row_number=None, field=None, code="import", level="error", message=reason_of(record) or "")
        ]
    return errors or None
