"""Why an import failed, in words for the person who has to mend it: the thing, the culprit, the remedy."""

import errno

from import_pipeline.errors import ImportPipelineError
from import_pipeline.settings import Settings

_FULL = ("no space left on device", "disk quota exceeded", "file too large", "database or disk is full")
_FULL_NUMBERS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def reason_of(error: BaseException, settings: Settings) -> str:
    """Why a phase failed before anything was written.

    Args:
        error: What it raised.
        settings: Of the process.
    """
    return _told(error, settings).strip()


def told_after_writing(error: BaseException, import_id: str, settings: Settings) -> str:
    """Why an import is not finished though its records are written, and how it goes on.

    Args:
        error: What the phase raised.
        import_id: The import.
        settings: Of the process.
    """
    return (
        f"{_told(error, settings).strip()} The rows of the file are written already; what is left is tried again by "
        f"itself, and `import-pipeline resume {import_id}` does it now."
    )


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
