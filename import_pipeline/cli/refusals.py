"""From an exception to a message and an exit status; no traceback reaches the terminal.

The messages of expected errors are written where the errors are raised; here they are only shown. The exit status is 2
where what was asked is wrong, so that nothing was done, and 1 where it was right and could not be done.
"""

import errno
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from import_pipeline.cli import screen
from import_pipeline.errors import ImportPipelineError, MisuseError, NotFoundError, StateError

COMPLETED = 0
NOT_COMPLETED = 1
MISUSE = 2
INTERRUPTED = 130


@contextmanager
def told_in_words() -> Iterator[None]:
    """Turn any error of the block into a message on standard error and an exit status."""
    try:
        yield
    except ImportPipelineError as error:
        screen.complain(error.message)
        raise typer.Exit(status_of(error)) from error
    except KeyboardInterrupt as error:
        screen.complain("Interrupted.")
        raise typer.Exit(INTERRUPTED) from error
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise  # who reads our output has had enough: typer ends quietly
        screen.complain(_about_file(error))
        raise typer.Exit(NOT_COMPLETED) from error
    except Exception as error:  # whatever it is, a person gets a sentence and the details lie in a file
        if isinstance(error, typer.Exit | typer.Abort) or type(error).__module__.startswith("typer."):
            _without_library_words(error)
            raise  # typer's own ways to end
        screen.complain(_about_unexpected(error))
        raise typer.Exit(NOT_COMPLETED) from error


def status_of(error: ImportPipelineError) -> int:
    """The exit status that an error ends with."""
    return MISUSE if isinstance(error, MisuseError | NotFoundError | StateError) else NOT_COMPLETED


def _without_library_words(error: Exception) -> None:
    """Typer has pydantic judge values, and shows its words."""
    message = getattr(error, "message", None)
    if isinstance(message, str) and message:
        from import_pipeline.checked import reworded

        error.message = reworded(message)  # pyright: ignore[reportAttributeAccessIssue] - it was just found to be there


def _about_file(error: OSError) -> str:
    name = f" {str(error.filename)!r}" if error.filename else ""
    what = error.strerror or str(error) or type(error).__name__
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
        remedy = "Change its permissions, or set IMPORT_PIPELINE_HOME to a folder that this user may write."
    elif error.errno in (errno.ENOSPC, errno.EDQUOT):
        remedy = "Free some space, or set IMPORT_PIPELINE_HOME to a folder on another disk."
    else:
        remedy = f"Details: {_kept(error)}"
    return f"The system refuses{name}: {what}. {remedy}"


def _about_unexpected(error: Exception) -> str:
    first_line = (str(error).splitlines() or [""])[0]
    return f"Something unexpected happened: {type(error).__name__}: {first_line[:300]}\nDetails: {_kept(error)}"


def _kept(error: Exception) -> Path:
    """Write the traceback to a file of the home, or where that is impossible, to the folder for temporary files."""
    from import_pipeline.cli.home import logs_folder
    from import_pipeline.private_files import make_private

    make_private()
    text = "".join(traceback.format_exception(error))
    name = time.strftime("error-%Y%m%d-%H%M%S.txt")
    folder = logs_folder()
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError:
            pass
        else:
            return folder / name
    with tempfile.NamedTemporaryFile(
        "w", prefix="import-pipeline-", suffix=".txt", delete=False, encoding="utf-8", errors="backslashreplace"
    ) as file:
        file.write(text)
    return Path(file.name)
