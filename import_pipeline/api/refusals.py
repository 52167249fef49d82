"""From an exception to an answer: its HTTP status, its code, and the shape that errors have in its vocabulary.

The messages of expected errors are written where the errors are raised; here they are only shown. What the inside of
the house looks like (paths, addresses, tracebacks) goes to the log, not to the caller.
"""

import logging
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from import_pipeline import errors

log = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 5
MOST_TOLD = 100
"""So many problems of one request are told, with the count of all."""
_LONGEST_TOLD = 2_000
_LONGEST_NAME = 200

_STATUSES: tuple[tuple[type[errors.ImportPipelineError], int, str], ...] = (
    (errors.UnknownRecordTypeError, 400, "unknown_record_type"),
    (errors.MappingError, 400, "invalid_mapping"),
    (errors.UploadMissingError, 409, "upload_missing"),
    (errors.DuplicateImportError, 409, "import_exists"),
    (errors.InvalidNameError, 400, "invalid_name"),
    (errors.SettingsError, 500, "internal_error"),
    (errors.MisuseError, 400, "invalid_request"),
    (errors.NotFoundError, 404, "not_found"),
    (errors.ChangesGoneError, 410, "changes_gone"),
    (errors.ResultsMissingError, 410, "results_missing"),
    (errors.StateError, 409, "wrong_state"),
    (errors.SchemaInUseError, 409, "schema_in_use"),
    (errors.WorkspaceBusyError, 409, "import_at_work"),
    (errors.ReviewNeededError, 409, "review_needed"),
    (errors.LimitExceededError, 413, "too_large"),
    (errors.ObjectChangedError, 409, "object_changed"),
    (errors.PayloadError, 422, "unreadable_file"),
)
"""The first class that fits decides; the transient rest is 503, all else 500."""


_OF_ADDRESSES = {
    404: ("not_found", "There is nothing at this address. /docs shows every call."),
    405: ("method_not_allowed", "This address does not take this method; the header Allow names those it takes."),
}
"""What is wrong with an address that no call has: code and message by status."""


class RefusedError(errors.ImportPipelineError):
    """A request that the interface itself refuses, before any import is touched.

    Attributes:
        status: The HTTP status.
        code: The word for programs.
        headers: What the answer says besides, for example Retry-After.
    """

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None, **culprits: Any
    ) -> None:
        super().__init__(message, **culprits)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})


@dataclass(frozen=True)
class Refusal:
    """What an error answer says."""

    status: int
    code: str
    message: str
    details: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


def refusal_of(error: Exception) -> Refusal:
    """What is said about an error to the caller; what is not theirs to know is logged instead."""
    if isinstance(error, RefusedError):
        return Refusal(error.status, error.code, error.message, error.culprits, error.headers)
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException) and error.status_code == 400:  # what FastAPI says of bytes that are no text
        return Refusal(422, "invalid_request", "The request does not fit. The body: No JSON in UTF-8.")
    if isinstance(error, HTTPException):
        code, message = _OF_ADDRESSES.get(error.status_code, ("invalid_request", str(error.detail)))
        return Refusal(error.status_code, code, message, headers=dict(error.headers or {}))
    if isinstance(error, errors.ImportPipelineError):
        for kind, status, code in _STATUSES:
            if isinstance(error, kind) and status < 500:
                return Refusal(status, code, _for_callers(error), error.culprits)
        if error.transient:
            log.warning("Refused for now: %s", error.message)
            retry = {"Retry-After": str(RETRY_AFTER_SECONDS)}
            message = f"The service cannot do this right now. Try again in {RETRY_AFTER_SECONDS} seconds."
            return Refusal(503, "unavailable", message, headers=retry)
    reference = secrets.token_hex(6)
    log.error("Unexpected error %s", reference, exc_info=error)
    message = f"Something unexpected happened. It is in the server's log as {reference}."
    return Refusal(500, "internal_error", message, {"reference": reference})


def add_error_handlers(app: FastAPI) -> None:
    """Let every error of every call end as an answer in the shape of its vocabulary."""

    def answer(request: Request, error: Exception) -> JSONResponse:
        refusal = refusal_of(error)
        if refusal.status == 405 and (methods := _methods_of(app, request.url.path)):
            refusal.headers["Allow"] = ", ".join(methods)
        return answer_of(request.url.path, refusal)

    kinds: tuple[type[Exception], ...] = (
        errors.ImportPipelineError,
        RequestValidationError,
        HTTPException,
        Exception,
    )
    for kind in kinds:
        app.add_exception_handler(kind, answer)


def _methods_of(app: FastAPI, path: str) -> list[str]:
    """What can be done with a path of the API: the framework itself names the methods of one of its calls only."""
    found = {
        method.upper()
        for template, calls in app.openapi()["paths"].items()
        if re.fullmatch(re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(template)), path)
        for method in calls
    }
    return sorted(found)


def answer_of(path: str, refusal: Refusal) -> JSONResponse:
    """The answer to a call on `path` that was refused."""
    content = _bounded(jsonable_encoder(shape_of(path)(refusal), custom_encoder={bytes: repr}))
    return JSONResponse(content, refusal.status, refusal.headers)


Shape = Callable[[Refusal], dict[str, Any]]


def in_own_words(refusal: Refusal) -> dict[str, Any]:
    """`{error: {code, message, details}}`: everywhere that no page says otherwise."""
    return {"error": {"code": refusal.code, "message": refusal.message, "details": refusal.details}}


def for_page_000(refusal: Refusal) -> dict[str, Any]:
    """`{ok: false, error: {code, message, details}}`."""
    return {"ok": False, **in_own_words(refusal)}


SHAPES: dict[str, Shape] = {"/api/imports-": for_page_000}
"""Beginning of the path → shape of its errors; a router of another vocabulary adds its own."""


def shape_of(path: str) -> Shape:
    """The shape of the errors of a path."""
    return next((shape for prefix, shape in SHAPES.items() if path.startswith(prefix)), in_own_words)


def _for_callers(error: errors.ImportPipelineError) -> str:
    if isinstance(error, errors.NotFoundError):
        # The remedy that the terminal tells (a command) helps nobody here.
        return f"There is no {error.culprits.get('what')} {error.culprits.get('key')!r}."
    return error.message


def _problem(detail: Mapping[str, Any]) -> dict[str, str]:
    if detail["type"] == "json_invalid":  # its place is the number of a letter, not the name of a field
        return {"field": "", "problem": f"No JSON: {detail.get('ctx', {}).get('error', detail['msg'])}"}
    return {"field": ".".join(str(part) for part in detail["loc"][1:])[:_LONGEST_NAME], "problem": detail["msg"]}


def _invalid(error: RequestValidationError) -> Refusal:
    found = error.errors()
    problems = [_problem(detail) for detail in found[:MOST_TOLD]]
    told = " ".join(f"{one['field'] or 'The body'}: {one['problem']}." for one in problems[:5])
    more = f" There are {len(found):,} problems." if len(found) > 5 else ""
    details = {"fields": problems, "count": len(found)}
    return Refusal(422, "invalid_request", f"The request does not fit. {told}{more}", details)


def _bounded(value: Any) -> Any:
    """What is told of a value: the beginning of a long text, and the first of many things."""
    if isinstance(value, str) and len(value) > _LONGEST_TOLD:
        return f"{value[:_LONGEST_TOLD]}… ({len(value):,} characters)"
    if isinstance(value, dict):
        return {_bounded(key): _bounded(one) for key, one in list(value.items())[:MOST_TOLD]}
    if isinstance(value, list):
        more = [f"… ({len(value):,} in all)"] if len(value) > MOST_TOLD else []
        return [_bounded(one) for one in value[:MOST_TOLD]] + more
    return value
