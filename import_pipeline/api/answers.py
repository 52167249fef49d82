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
    410: "The time of the URL is over.",
    413: "The body or the file is too large.",
    422: "The request does not fit its description, or the file cannot be read.",
    429: "Too many imports within a minute; Retry-After says when to try again.",
    503: "The service cannot do this right now; Retry-After says when to try again.",
}


def errors_of(*statuses: int, model: type[BaseModel] = ErrorAnswer) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a call that can end with these statuses."""
    return {status: {"model": model, "description": MEANINGS[status]} for status in statuses}


READING = (401, 404, 422, 503)
"""What every call that reads may answer."""
WRITING = (400, 401, 403, 404, 409, 413, 422, 429, 503)
"""What every call that writes may answer."""
