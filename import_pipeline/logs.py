"""Lines of the log as JSON, each with what it is about: import, run, phase, organization.

What a line is about is said once, around the work (`about`), and belongs to every line that is written in it. Values of
rows are in none: of an error that we did not write, and that may quote one, a line has the kind and the place.
"""

import json
import logging
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import ImportPipelineError

if TYPE_CHECKING:
    from import_pipeline.settings import Settings

OURS = "import_pipeline"
_SERVER = "uvicorn"
_FRAMES = 30
_about: ContextVar[Mapping[str, Any]] = ContextVar("about", default={})  # noqa: B039 - it is replaced, never changed


@contextmanager
def about(**words: Any) -> Iterator[None]:
    """Say what all lines are about that are written while the block runs.

    Args:
        **words: `imports` (the ids), `run`, `phase`, `organization`; None says nothing.
    """
    token = _about.set({**_about.get(), **{name: word for name, word in words.items() if word is not None}})
    try:
        yield
    finally:
        _about.reset(token)


class JsonLines(logging.Formatter):
    """Makes one object of each line: time, level, logger, message, what it is about, and an error."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without a line break in it."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_shown(_about.get()),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = _error(record.exc_info[1], record.exc_info[2])
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(settings: "Settings") -> None:
    """Let this process write its log as the settings say; as text it is left as it is.

    Args:
        settings: Of the process.
    """
    if settings.log_format != "json":
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name, level in ((OURS, settings.log_level), (_SERVER, "debug" if settings.log_level == "debug" else "warning")):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level.upper())
        logger.propagate = False  # the process may have a handler for all, which would say it again


def _shown(words: Mapping[str, Any]) -> dict[str, Any]:
    """One import under the name `import`, several under `imports`; words as their texts."""
    shown = {name: word if isinstance(word, list) else str(word) for name, word in words.items()}
    if len(ids := shown.get("imports", ())) == 1:
        shown["import"] = shown.pop("imports")[0]
    elif not ids:
        shown.pop("imports", None)
    return shown


def _error(error: BaseException, trace: TracebackType | None) -> dict[str, Any]:
    frames = [f"{one.filename}:{one.lineno} {one.name}" for one in traceback.extract_tb(trace)[-_FRAMES:]]
    told = {"message": error.message} if isinstance(error, ImportPipelineError) else {}
    return {"kind": type(error).__name__, **told, "trace": frames}
