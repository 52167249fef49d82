"""What the documentation says of error answers: their shape in each vocabulary, and when each status comes."""

from typing import Any

from pydantic import BaseModel, Field


class Problem(BaseModel):
    """What went wrong."""

    code: str = Field(description="A word for programs.", examples=["not_found"])
    message: str = Field(
        description="What is wrong, with what, and what to do.", examples=["There is no import 'imp_1'."]
    )
    details: dict[str, Any] = Field(default_factory=dict, description="The culprits.")


class ErrorAnswer(BaseModel):
    """An error, in all calls that no page words otherwise."""

    error: Problem


class ErrorAnswer000(BaseModel):
    """An error of the guided flow."""

    ok: bool = Field(examples=[False])
    error: Problem


MEANINGS = {
    400: "The request contradicts itself, or names what does not exist.",
    401: "The token is missing, unknown, expired or revoked.",
    403: "The token may only read.",
    404: "There is no such thing, or it is another organization's.",
    409: "The import is not in a state that allows this, or a first request is still at work.",
    410: "The time of the URL is over, or what it or a cursor names is no longer there (results, changes).",
    413: "The body or the file is too large.",
    416: "The file has no such range of bytes.",
    422: "The request does not fit its description, or the file cannot be read.",
    429: "Too many imports within a minute; Retry-After says when to try again.",
    503: "The service cannot do this right now; Retry-After says when to try again.",
}


CODES = {
    400: "invalid_mapping",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    409: "wrong_state",
    410: "url_expired",
    413: "too_large",
    416: "no_such_range",
    422: "invalid_request",
    429: "too_many_requests",
    503: "unavailable",
}
"""For each status the code, or the one of its codes that comes most often."""


def errors_of(*statuses: int, model: type[BaseModel] = ErrorAnswer) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a call that can end with these statuses."""
    return {status: _error(status, model) for status in statuses}


def _error(status: int, model: type[BaseModel]) -> dict[str, Any]:
    problem = {"error": {"code": CODES[status], "message": MEANINGS[status], "details": {}}}
    example = problem if model is ErrorAnswer else {"ok": False} | problem
    return {
        "model": model,
        "description": MEANINGS[status],
        "content": {"application/json": {"example": example}},
    }


READING = (401, 404, 422, 503)
"""What every call that reads may answer."""
WRITING = (400, 401, 403, 404, 409, 413, 422, 503)
"""What every call that writes may answer."""
CREATING = (*WRITING, 429)
"""What every call that begins an import may answer."""
