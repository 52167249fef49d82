"""Drafts over HTTP: an import that was not started, or that waits for a person, is changed part by part."""

from typing import Any

from fastapi import APIRouter

from import_pipeline.api import page_001_models as models
from import_pipeline.api.answers import WRITING, errors_of
from import_pipeline.api.background import InBackground
from import_pipeline.api.callers import Service, Writer
from import_pipeline.api.drafting_models import ImportChanges, in_words_of_spec
from import_pipeline.api.idempotency import OnceOnly
from import_pipeline.api.import_objects import ImportId, shown
from import_pipeline.api.json_route import JsonRoute
from import_pipeline.api.links import ImportLinks
from import_pipeline.api.reach import check_changes
from import_pipeline.home import Home
from import_pipeline.service import drafting, imports, sessions
from import_pipeline.stores.import_record import ImportRecord

router = APIRouter(prefix="/v1/imports", tags=["imports"], route_class=JsonRoute)


@router.patch("/{import_id}", summary="Change an import", responses=errors_of(*WRITING))
def change(
    import_id: ImportId, body: ImportChanges, caller: Writer, home: Service, links: ImportLinks
) -> models.ImportObject:
    """Give an import another name; of a draft, or of one that needs review, change what is asked of it.

    Nothing starts by it. A preview counts no more once what it was made of has changed.
    """
    record = imports.get(home, import_id, caller.organization)
    check_changes(caller.token, sessions.link_of(home, caller.token), body.model_fields_set)
    changes = in_words_of_spec(body)
    if changes.keys() <= {"name"}:
        return shown(_renamed(home, record, changes, caller.name), links)
    return shown(drafting.revise(home, import_id, changes, by=caller.name), links)


@router.post("/{import_id}/preview", summary="Preview an import", responses=errors_of(*WRITING))
def preview(
    import_id: ImportId, caller: Writer, home: Service, links: ImportLinks, background: InBackground, once: OnceOnly
) -> models.ImportObject:
    """Find out what an import would write: a draft whose file is there, or one that needs review. Nothing is written.

    The answer comes at once. When all is checked, the import has the state needs_review and `is_preview`, its counts
    say what would be written, and `rows` every row of it. Then confirm it, or change it and preview it again.
    """

    def work() -> str:
        imports.get(home, import_id, caller.organization)
        queued = drafting.preview(home, import_id, keep_seconds=background.keep_seconds, by=caller.name)
        background.run(queued)
        return import_id

    return shown(imports.get(home, once.do({}, work)), links)


def _renamed(home: Home, record: ImportRecord, changes: dict[str, Any], by: str) -> ImportRecord:
    return imports.update(home, record.id, **changes, updated_by=by) if changes else record
