"""How dates and times are written: page 004's format words in strptime's, and the options of the three types."""

import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from import_pipeline.errors import SpecError

_WORDS = {
    "YYYY": "%Y", "yyyy": "%Y", "YY": "%y", "yy": "%y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%m",
    "DD": "%d", "dd": "%d", "D": "%d", "d": "%d", "HH": "%H", "H": "%H", "hh": "%I", "h": "%I", "mm": "%M", "m": "%M",
    "ss": "%S", "s": "%S", "A": "%p", "a": "%p",
}  # fmt: skip
_PART = re.compile(r"([A-Za-z])\1*")


class Options(BaseModel):
    """What may be said about a date, a time, or both."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    displayFormat: str | None = Field(default=None, description="How cells write it, besides ISO 8601.")  # noqa: N815
    outputFormat: Any = Field(default=None, description="How it is given out; not stored.")  # noqa: N815
    locale: str | None = Field(default=None, pattern=r"^en", description="The language of month names: en.")
    withSeconds: bool | None = Field(default=None, description="How it is shown; not stored.")  # noqa: N815
    autofix: bool | None = Field(default=None, description="Not needed: what is plain is read, nothing is guessed.")


def strptime_format(display_format: str | None) -> str | None:
    """Say a format in strptime's words.

    Raises:
        SpecError: A part of it is unknown.

    >>> strptime_format("MM/DD/YYYY hh:mm A")
    '%m/%d/%Y %I:%M %p'
    """
    if display_format is None:
        return None
    unknown = sorted({part[0] for part in _PART.finditer(display_format)} - set(_WORDS) - {"T"})
    if unknown:
        raise SpecError(
            f"displayFormat {display_format!r} has the part {unknown[0]!r}, which nobody knows. "
            "Write it with YYYY, MM, DD, HH, hh, mm, ss and A, for example MM/DD/YYYY.",
            part=unknown[0],
        )
    return _PART.sub(lambda part: _WORDS.get(part[0], part[0]), display_format.replace("%", "%%"))
