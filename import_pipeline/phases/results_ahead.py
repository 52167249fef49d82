"""Results of an import that are written while its records are: what they say is settled once the plan is carried out.

The store's transaction leaves one core idle now and then, and waits for the disk; the results are read from the
workspace alone, in which nothing is written meanwhile. What is in them is `results.py`'s affair.
"""

import logging
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from import_pipeline.phases.results import DEFECTS_FILE, ROWS_FILE, Written, columns_of_file, write_results
from import_pipeline.phases.slices import rows_in_memory
from import_pipeline.phases.work import Work
from import_pipeline.words import Action

log = logging.getLogger(__name__)

_COMPLETE = "complete"
"""A file beside the results that says that all of them are there."""
_WORTH_ROWS = 10_000
"""For fewer rows the thread takes as long as it saves."""


def results_folder(work: Work) -> Path:
    """The folder in which results are written before they go to the bucket."""
    return work.settings.workspaces / f"{work.import_id}.results"


def forget_results(work: Work) -> None:
    """What was written ahead does not count any more."""
    shutil.rmtree(results_folder(work), ignore_errors=True)


def results_written_ahead(work: Work) -> list[Written] | None:
    """The results that were written ahead; None where none were."""
    folder = results_folder(work)
    if not (folder / _COMPLETE).exists():
        return None
    rows, defects = (path if path.exists() else None for path in (folder / ROWS_FILE, folder / DEFECTS_FILE))
    return [Written(work.import_id, rows, defects, work.total_rows())]


def writes_results(work: Work) -> bool:
    """Whether the results of this import are written ahead.

    They are not for few rows, nor for so many that both at once would not fit into memory, for several imports that
    share a workspace, and where a later phase deletes records.
    """
    if work.several is not None or work.spec.action is not Action.MERGE:
        return False
    return _WORTH_ROWS <= work.total_rows() <= rows_in_memory(work)


@contextmanager
def writing_results(work: Work) -> Iterator[None]:
    """Write the results while the block runs, which changes none of them and nothing in the workspace, if at all."""
    import duckdb

    forget_results(work)
    if not writes_results(work):
        yield
        return
    own = replace(work, connection=work.second_connection())
    folder = results_folder(work)
    is_written = threading.Event()

    def write() -> None:
        try:
            folder.mkdir()
            [one] = write_results(own, folder, columns_of_file(own))
            for name, path in ((ROWS_FILE, one.rows), (DEFECTS_FILE, one.defects)):
                if path is None:
                    (folder / name).unlink(missing_ok=True)
            is_written.set()
        except (duckdb.OutOfMemoryException, duckdb.InterruptException):  # memory does not do for both, or both end
            log.info("The results of import %s were not written ahead.", work.import_id)
        except Exception:  # the records are written all the same, and the results are written anew when the import ends
            log.warning("The results of import %s were not written ahead.", work.import_id, exc_info=True)

    thread = threading.Thread(target=write, name="results")
    thread.start()
    try:
        yield
    except BaseException:
        own.connection.interrupt()
        raise
    finally:
        thread.join()
        own.connection.close()
    if is_written.is_set():
        (folder / _COMPLETE).touch()
