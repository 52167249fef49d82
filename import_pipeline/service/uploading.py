"""From a request to a payload in the bucket: uploads are requested, finished, started, or expire.

Every import whose bytes come later, or with the request itself, goes this way. Who may ask, and the signed URL that is
handed out, is the interface's affair.
"""

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from import_pipeline.errors import LimitExceededError, NotFoundError, StateError, UploadMissingError
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import transitions
from import_pipeline.service.checking import check_spec
from import_pipeline.service.creating import register
from import_pipeline.service.incoming import one_at_a_time
from import_pipeline.stores import imports
from import_pipeline.stores.import_record import ImportRecord, UploadKind
from import_pipeline.words import PAYLOADS, Source, Status

if TYPE_CHECKING:
    from import_pipeline.home import Home

_LONGEST_UPLOAD_SECONDS = 3_600
"""So long an upload that was begun in time may go on after it."""


def request_upload(
    home: "Home",
    spec: ImportSpec,
    *,
    import_id: str | None = None,
    file_name: str | None = None,
    content_type: str | None = None,
    kind: UploadKind = "starts",
    created_by: str | None = None,
    retry_of: str | None = None,
    source: Source = Source.API,
    page: str | None = None,
    page_state: dict[str, Any] | None = None,
) -> ImportRecord:
    """Register an import whose file is yet to come.

    Args:
        home: The home.
        spec: What is asked, as far as it is known.
        import_id: The id that the import gets, if the interface wants one of its own form.
        file_name: What the file is called, for people.
        content_type: What the caller says the file is.
        kind: Whether the import is queued as soon as the file is there, without another word, or waits for one.
        created_by: Who asked.
        retry_of: The import whose repaired errors these are.
        source: The way in.
        page: The page of the API that alone shows it.
        page_state: What its calls keep with it.

    Raises:
        UnknownRecordTypeError: Nobody declared the record type.
        SpecError: A row hook is no JavaScript function, or the fields declare no record type.
        NotFoundError: There is no such import to retry in this organization.
    """
    check_spec(home.settings, spec)
    if retry_of is not None:
        retry_of = imports.get(home.registry, retry_of, spec.organization).id
    return register(
        home,
        spec,
        source,
        import_id,
        created_by,
        upload_kind=kind,
        upload_expires_at=int(time.time()) + home.settings.upload_url_seconds,
        page=page,
        page_state=page_state,
        retry_of=retry_of,
        file_name=file_name,
        content_type=content_type,
    )


def upload_key(import_id: str) -> str:
    """Where the file of a requested import is put."""
    return f"{PAYLOADS}/{import_id}/payload"


def direct_origin(home: "Home") -> str | None:
    """Where signed URLs for uploads lead, as scheme://host[:port]; None where they lead to ourselves."""
    url = home.bucket.signed_url("PUT", upload_key("origin"), 1)
    return None if url is None else "{0.scheme}://{0.netloc}".format(urlsplit(url))


def begin_upload(home: "Home", import_id: str) -> None:
    """Note that the file of a requested import has begun to come, in time: it does not expire meanwhile.

    The file of a draft may be replaced as long as the draft was not started.

    Raises:
        StateError: It waits for no file.
    """
    if imports.get(home.registry, import_id).is_draft:
        reopen_upload(home, import_id)
    _note_begun(home, import_id, int(time.time()))


def give_up_upload(home: "Home", import_id: str) -> None:
    """Note that the upload that had begun came to nothing."""
    with suppress(StateError):  # another one was faster
        _note_begun(home, import_id, None)


def _note_begun(home: "Home", import_id: str, begun_at: int | None) -> None:
    _awaiting(imports.get(home.registry, import_id))
    transitions.note_upload(home, [import_id], begun_at).one()


def receive_file(home: "Home", import_id: str, path: Path, given_by: str | None = None) -> ImportRecord:
    """Put a file that was received into the bucket as the payload of a requested import.

    Args:
        home: The home.
        import_id: The import.
        path: Where the file was gathered; it may be gone from there then.
        given_by: Who gave it, where that may be another than who asked for the import.

    Returns:
        The import: uploaded where it is a draft, queued where it starts by itself; still requested where its caller
        says when it is complete.
    """
    with one_at_a_time(home, import_id):
        return _receive(home, import_id, path, given_by)


def _receive(home: "Home", import_id: str, path: Path, given_by: str | None) -> ImportRecord:
    if imports.get(home.registry, import_id).is_draft:
        reopen_upload(home, import_id)
    record = _awaiting(imports.get(home.registry, import_id))
    obj = home.bucket.move_in(path, upload_key(import_id))
    if given_by is not None:
        record = imports.update(home.registry, import_id, updated_by=given_by)
    try:
        if record.upload_kind == "draft":
            return _finish(home, import_id)
        return _go_on(home, record) if record.upload_kind == "starts" else record
    except StateError:
        record = imports.get(home.registry, import_id)
        if record.object_version != obj.version:
            raise
        return _with_others(home, record)


def _with_others(home: "Home", record: ImportRecord) -> ImportRecord:
    """Queue an import whose file somebody else noted, unless they did that as well."""
    if _is_to_start(record):
        with suppress(StateError):
            return start(home, record.id)
    return imports.get(home.registry, record.id)


def finish_upload(home: "Home", import_id: str) -> ImportRecord:
    """Note that the file is in the bucket, and pin its version; nothing happens where that was noted before.

    Of a draft the version that is there now counts, for its file may be replaced until it starts.

    Raises:
        UploadMissingError: Nothing was uploaded.
        LimitExceededError: The file is too large; it is removed, and the import fails.
        StateError: The import is past that.
    """
    with one_at_a_time(home, import_id):
        return _finish(home, import_id)


def _finish(home: "Home", import_id: str) -> ImportRecord:
    record = imports.get(home.registry, import_id)
    if record.status is Status.UPLOADED:
        if not record.is_draft or _is_pinned(home, record):
            return record
        reopen_upload(home, import_id)
        record = imports.get(home.registry, import_id)
    _awaiting(record)
    try:
        obj = home.bucket.stat(upload_key(import_id))
    except NotFoundError:
        raise UploadMissingError(import_id) from None
    if obj.size > home.settings.max_file_bytes:
        limit = home.settings.max_file_bytes
        error = LimitExceededError("a size in bytes of", obj.size, limit, "IMPORT_PIPELINE_MAX_FILE_BYTES")
        home.bucket.delete(obj.key)
        transitions.fail(home, {import_id: error.message})
        raise error
    file = {"object_key": obj.key, "object_version": obj.version, "size_bytes": obj.size}
    return transitions.receive(home, [import_id], **file).one()


def noted_upload(home: "Home", record: ImportRecord) -> ImportRecord:
    """The import with the file that it has now, for whoever wants to look into it.

    Raises:
        UploadMissingError: It has none yet.
        LimitExceededError: The file is too large.
    """
    if record.is_draft:
        return _finish(home, record.id)
    if record.object_key is None:
        raise UploadMissingError(record.id)
    return record


def _is_pinned(home: "Home", record: ImportRecord) -> bool:
    """Whether what is in the bucket is the version that was noted; one that is gone is told when it is read."""
    try:
        return home.bucket.stat(upload_key(record.id)).version == record.object_version
    except NotFoundError:
        return True


def reopen_upload(home: "Home", import_id: str) -> None:
    """Wait for another file in the place of one that cannot be read, as long as the time of its upload is not over."""
    transitions.reopen(home, [import_id])  # nothing happens where it was started, or has ended


def start(home: "Home", import_id: str, *, keep_seconds: float | None = None, **changes: Any) -> ImportRecord:
    """Queue an import whose file is there; the sensor `queued_imports` starts it.

    Args:
        home: The home.
        import_id: The import.
        keep_seconds: How long it is left to this process, which means to run it itself.
        **changes: Fields of the import to set, for example its spec.

    Raises:
        StateError: It has no file yet, or was started before.
    """
    return transitions.start(home, [import_id], keep_seconds=keep_seconds, **changes).one()


def is_settled(home: "Home", record: ImportRecord) -> bool:
    """Whether nothing happened to a requested upload that `settle` would note."""
    if _is_to_start(record):
        return False
    if not _is_awaited(record):
        return True
    if time.time() > _may_come_until(home, record):
        return False
    return record.upload_kind == "guided" or not home.bucket.exists(upload_key(record.id))


def settle(home: "Home", record: ImportRecord) -> ImportRecord:
    """Note what happened to a requested upload without anybody telling us: the file came, or its time is over.

    Files that go to S3 directly do not pass through here, so the bucket is asked. What a process that died had noted,
    and not yet started, is started.
    """
    if is_settled(home, record):
        return record
    if _is_to_start(record):
        return _with_others(home, record)
    is_over = time.time() > _may_come_until(home, record)
    try:
        has_come = home.bucket.exists(upload_key(record.id))
        if has_come and record.upload_kind == "starts":
            return _go_on(home, record)
        if has_come and record.upload_kind == "draft":
            return _finish(home, record.id)
        if is_over:
            late = (
                "Nobody said in time that its upload is complete" if has_come else "The upload URL was not used in time"
            )
            return transitions.expire(home, [record.id], f"{late}. Request a new import.").one()
    except (StateError, LimitExceededError):
        return imports.get(home.registry, record.id)  # somebody else noted it first, or the file was refused
    return record


def _may_come_until(home: "Home", record: ImportRecord) -> float:
    """When a file that was begun to be uploaded in time must be there; S3 tells nobody when it was begun."""
    expires_at = record.upload_expires_at or 0
    if time.time() <= expires_at:
        return expires_at
    goes_past_us = home.bucket.signed_url("PUT", upload_key("imp_0"), 60) is not None
    begun = expires_at if goes_past_us else record.upload_begun_at
    return expires_at if begun is None else max(expires_at, begun + _LONGEST_UPLOAD_SECONDS)


def _go_on(home: "Home", record: ImportRecord) -> ImportRecord:
    _finish(home, record.id)
    return start(home, record.id)


def _is_to_start(record: ImportRecord) -> bool:
    return record.status is Status.UPLOADED and record.upload_kind == "starts" and record.waits_for is None


def _is_awaited(record: ImportRecord) -> bool:
    return record.status is Status.REQUESTED and record.upload_kind is not None


def _awaiting(record: ImportRecord) -> ImportRecord:
    if not _is_awaited(record):
        raise StateError(record.id, record.status, Status.UPLOADED, [])
    return record
