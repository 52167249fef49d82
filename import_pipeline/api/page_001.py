"""The import model of pages 001 and 002: imports are created, listed, shown, named, confirmed and cancelled."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from import_pipeline import record_types
from import_pipeline.api import page_001_models as models
from import_pipeline.api.answers import CREATING, READING, WRITING, errors_of
from import_pipeline.api.background import InBackground
from import_pipeline.api.bodies import takes_rows
from import_pipeline.api.callers import Caller, Creator, Reader, Service, Writer
from import_pipeline.api.defect_models import Defect
from import_pipeline.api.idempotency import OnceOnly
from import_pipeline.api.import_objects import ImportId, shown
from import_pipeline.api.inline import mapping_of_rows, write_inline
from import_pipeline.api.json_route import JsonRoute
from import_pipeline.api.links import ImportLinks
from import_pipeline.api.polling import answer_poll
from import_pipeline.api.refusals import RefusedError
from import_pipeline.api.workers import SharedWorkers, Workers, busy
from import_pipeline.checked import checked
from import_pipeline.errors import ImportPipelineError, SpecError, UnknownRecordTypeError
from import_pipeline.home import Home
from import_pipeline.run_config.directions import turned_round
from import_pipeline.run_config.page_001 import WHERE
from import_pipeline.run_config.plain import without_unmapped
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.run_config.status_words import from_page_001
from import_pipeline.run_config.translate import from_page_001 as spec_of
from import_pipeline.service import confirming, imports, queries, resuming, transitions
from import_pipeline.service.incoming import incoming_path, remove_incoming
from import_pipeline.service.uploading import finish_upload, receive_file, request_upload, start
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import Status, UploadMode

router = APIRouter(prefix="/v1/imports", tags=["imports"], route_class=JsonRoute)

_OF_SPEC = (
    "dry_run", "keep_unmapped", "confirm_deletions", "tag_delimiter", "match_by", "on_possible_duplicate",
    "on_referenced", "clear_token", "on_bad_optional", "empty_words",
)  # fmt: skip
_OWN = ("retry_of", "file_name", "start", *_OF_SPEC)


@router.post("", status_code=201, summary="Create an import", responses=errors_of(*CREATING))
@takes_rows
def create(
    body: models.NewImport,
    caller: Creator,
    home: Service,
    links: ImportLinks,
    workers: SharedWorkers,
    once: OnceOnly,
) -> models.ImportObject:
    """Create an import, with its rows or for a file that is uploaded next.

    With `data` and upload_mode sync, the answer shows the finished import (or, after a minute, one that goes on by
    itself). Without `data`, PUT the file to `_upload_url`: the import then starts by itself, unless it is a draft
    (`start` false), which its preview starts.
    """

    def work() -> str:
        record = _requested(body, caller, home)
        if body.data is not None:
            _take_inline(home, record, body.data)
            once.made(record.id)
            _run(home, workers, record)
        return record.id

    return shown(imports.get(home, once.do(_as_json(body), work)), links)


@router.get("", summary="List imports", responses=errors_of(400, *READING))
def list_imports(
    caller: Reader,
    home: Service,
    links: ImportLinks,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
    resource: Annotated[str | None, Query(description="Only imports of this.", examples=["contact"])] = None,
    status: Annotated[
        str | None, Query(description="Only imports of this status or state.", examples=["completed"])
    ] = None,
    q: Annotated[
        str | None,
        Query(
            max_length=200,
            pattern=r"^[^\x00]*$",
            description="Only imports whose name, file name or id holds this.",
            examples=["leads"],
        ),
    ] = None,
) -> models.ImportPage:
    """The imports of the organization, newest first."""
    _refuse_unknown_resource(home, caller, resource)
    found = imports.list_imports(home, caller.organization, resource, _statuses(status), page, limit, text=q)
    return models.ImportPage(
        data=[shown(record, links) for record in found.items],
        page=found.page,
        limit=found.limit,
        has_more=found.has_more,
        total_count=found.total_count,
    )


@router.get("/{import_id}", summary="Show an import", responses=errors_of(*READING))
async def get(
    import_id: ImportId, request: Request, caller: Reader, home: Service, links: ImportLinks
) -> models.ImportObject:
    """One import, with its phases and counters as they are now, and fresh signed URLs."""
    return await answer_poll(request, home, import_id, caller.organization, lambda record: shown(record, links))


@router.post("/{import_id}/cancel", summary="Cancel an import", responses=errors_of(*WRITING))
def cancel(import_id: ImportId, caller: Writer, home: Service, links: ImportLinks) -> models.ImportObject:
    """Stop an import that has not ended. Records are written in one step: all of it stays, or none."""
    imports.get(home, import_id, caller.organization)
    transitions.cancel(home, [import_id]).one()
    return shown(imports.update(home, import_id, updated_by=caller.name), links)


@router.post("/{import_id}/confirm", summary="Let an import go on", responses=errors_of(*WRITING))
def confirm(
    import_id: ImportId,
    body: models.Decision,
    caller: Writer,
    home: Service,
    links: ImportLinks,
    background: InBackground,
    once: OnceOnly,
) -> models.ImportObject:
    """Decide what an import with the state needs_review waits for; its reason says what that is.

    Of a preview: write it. What it was made of must not have changed since, else it is previewed again.
    """

    def work() -> str:
        record = imports.get(home, import_id, caller.organization)
        changes: dict[str, Any] = {}
        if body.column_mapping is not None:
            changes["column_mapping"] = turned_round(without_unmapped(body.column_mapping))
        decided = body.model_dump(mode="json", exclude_none=True)
        changes |= {name: decided[name] for name in _OF_SPEC if name in decided}
        if body.reading is not None:
            changes["reading"] = body.reading.model_dump(exclude_unset=True)
        imports.update(home, import_id, updated_by=caller.name)
        is_by_hand = record.is_by_hand
        keep_seconds = background.keep_seconds if is_by_hand else None
        confirmed = confirming.confirm(home, import_id, keep_seconds=keep_seconds, **changes)
        if is_by_hand:
            background.run(confirmed)
        return import_id

    return shown(imports.get(home, once.do(body.model_dump(mode="json"), work)), links)


@router.post("/{import_id}/resume", summary="Resume an import", responses=errors_of(*WRITING))
def resume(import_id: ImportId, caller: Writer, home: Service, links: ImportLinks) -> models.ImportObject:
    """Start again an import that ended without records and whose file is still there, or finish one that is not."""
    resuming.resume(home, import_id, caller.organization)
    return shown(imports.update(home, import_id, updated_by=caller.name), links)


@router.post("/{import_id}/undo", summary="Undo an import", responses=errors_of(*WRITING))
def undo(
    import_id: ImportId,
    caller: Writer,
    home: Service,
    links: ImportLinks,
    workers: SharedWorkers,
    once: OnceOnly,
    dry_run: Annotated[bool, Query(description="Only say what would be taken back and what kept.")] = False,
) -> models.ImportObject:
    """Give every record back what it was before an import, unless it changed since: those are kept, and are defects.

    The answer is the undo, an import of its own that can be undone, too. What takes longer than a minute goes on by
    itself.
    """
    imports.get(home, import_id, caller.organization)

    def work() -> str:
        found = workers.undo(import_id, caller.organization, dry_run=dry_run, created_by=caller.name)
        begun = None if dry_run else imports.get(home, import_id).undone_by
        if found is None and begun is None:
            raise busy()
        return found or str(begun)

    return shown(imports.get(home, once.do({"dry_run": dry_run}, work)), links)


@router.get("/{import_id}/defects", summary="See what is wrong with rows", responses=errors_of(410, *READING))
def defects(
    import_id: ImportId,
    caller: Reader,
    home: Service,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    after: Annotated[int, Query(ge=0, le=2**53, description="How many to pass over.")] = 0,
) -> models.Defects:
    """Defects by row; those of the whole file come first."""
    imports.get(home, import_id, caller.organization)
    found = queries.defects(home, import_id, limit=limit + 1, after=after)
    return models.Defects(data=[Defect(**one) for one in found[:limit]], has_more=len(found) > limit)


def _as_json(body: models.NewImport, *, exclude_unset: bool = False) -> dict[str, Any]:
    """The body as JSON values; its rows, which are such already, are not copied."""
    values = body.model_dump(mode="json", exclude={"data"}, exclude_unset=exclude_unset)
    return values | ({"data": body.data} if "data" in body.model_fields_set or not exclude_unset else {})


def _requested(body: models.NewImport, caller: Caller, home: Home) -> ImportRecord:
    asked = _as_json(body, exclude_unset=True)
    own = {name: asked.pop(name) for name in _OWN if name in asked}
    if body.data is not None and not body.start:
        raise SpecError(
            f"{WHERE}: start is false and `data` is given. Either the rows are imported with this call (leave start "
            "out), or they are uploaded to the URL of the answer and looked at first (leave `data` out).",
            readings=["start", "data"],
        )
    if body.data is None:
        if asked.get("upload_mode", "async") != UploadMode.ASYNC:
            raise SpecError(
                f"upload_mode is {body.upload_mode.value!r} and `data` is missing. Either the rows come with this call "
                "(give `data`), or they are uploaded to the URL of the answer (set upload_mode to async).",
                readings=[body.upload_mode.value, "async"],
            )
        asked["upload_mode"] = UploadMode.ASYNC
    if isinstance(body.data, list) and body.column_mapping is None:
        asked["column_mapping"] = mapping_of_rows(body.data, body.resource)
    spec = spec_of(asked, organization=caller.organization, created_by=caller.name)
    file_name, retry_of = own.pop("file_name", None), own.pop("retry_of", None)
    kind = "guided" if body.data is not None else "starts" if own.pop("start", True) else "draft"
    given = {name: value for name, value in own.items() if value is not None}
    spec = checked(ImportSpec, spec.model_dump() | given, WHERE)
    return request_upload(home, spec, file_name=file_name, kind=kind, created_by=caller.name, retry_of=retry_of)


def _take_inline(home: Home, record: ImportRecord, data: list[dict[str, Any]] | str) -> None:
    path = incoming_path(home)
    try:
        content_type = write_inline(data, path)
        imports.update(home, record.id, content_type=content_type)
        receive_file(home, record.id, path)
        finish_upload(home, record.id)
    except ImportPipelineError as error:  # it would be awaited for an hour
        transitions.fail(home, {record.id: error.message})
        raise
    finally:
        remove_incoming(path)


def _run(home: Home, workers: Workers, record: ImportRecord) -> None:
    """Have a worker run an import that is queued: where none does, or this server ends, a run goes on with it."""
    start(home, record.id, keep_seconds=home.settings.sync_wait_seconds)
    if not workers.run_import(record.id, record.organization):
        transitions.release(home, [record.id])


def _refuse_unknown_resource(home: Home, caller: Caller, resource: str | None) -> None:
    """A list of a resource that nobody has is a mistyped word; an inline one is known by the imports that it has."""
    if resource is None or resource in record_types.names():
        return
    if not imports.list_imports(home, caller.organization, resource, limit=1).total_count:
        raise UnknownRecordTypeError(resource, record_types.names())


def _statuses(word: str | None) -> tuple[Status, ...] | None:
    if word is None:
        return None
    states = from_page_001(word)
    if word in list(Status):
        states = states or (Status(word),)
    if not states:
        raise RefusedError(400, "invalid_request", f"There is no status {word!r}. Use one of: {', '.join(Status)}.")
    return states
