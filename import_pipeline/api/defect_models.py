"""How a defect is answered, on whichever page."""

from typing import Any

from pydantic import BaseModel, Field


class Defect(BaseModel):
    """One thing that is wrong; `row_number` null means the whole file, 1 the first row after the header."""

    row_number: int | None = Field(examples=[2])
    column: str | None = Field(examples=["Email"])
    field: str | None = Field(examples=["email"])
    phase: str = Field(examples=["prevalidation"])
    code: str = Field(examples=["invalid_email"])
    level: str = Field(examples=["error"])
    message: str = Field(examples=["'joe@' is no e-mail address: the part after @ is missing."])
    value: Any = Field(default=None, examples=["joe@"])
