"""Why an import failed, in words for the person who has to mend it: the thing, the culprit, the remedy."""

import errno

from import_pipeline.errors import ImportPipelineError
from import_pipeline.settings import Settings
from import_pipeline.words import Phase

_FULL = ("no space left on device", "disk quota exceeded", "file too large", "database or disk is full")
_FULL_NUMBERS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def reason_of(error: BaseException, phase: Phase, settings: Settings) -> str:
    """Why a phase failed.

    Args:
        error: What it raised.
        phase: The phase: after the sixth, the records are written already.
        settings: Of the process.
    """
    said = f"{_told(error, settings)}".strip()
    if phase is Phase.CLEANUP:
        return f"{said} The rows of the file are written already; run the import again to finish it."
    return said


def _told(error: BaseException, settings: Settings) -> str:
    if isinstance(error, ImportPipelineError):
        return error.message
    if _is_full(error):
        return (
            f"The disk has no room: {_first_line(error)}. "
            f"Free some space below {str(settings.home_path)!r}, then run the import again."
        )
    if type(error).__name__ == "OutOfMemoryException":
        return (
            f"The import needs more memory than it may use: {_first_line(error)}. "
            "Raise IMPORT_PIPELINE_MEMORY_LIMIT, or split the file."
        )
    return f"{type(error).__name__}: {error}"


def _is_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in _FULL_NUMBERS:
        return True
    return any(words in str(error).lower() for words in _FULL)


def _first_line(error: BaseException) -> str:
    """What is told first, or in the line that names the original error."""
    lines = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    originals = [line.partition("Original error: ")[2] for line in lines if "Original error: " in line]
    return (originals or lines)[0].rstrip(". ")[:500]
