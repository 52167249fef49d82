"""Results of an import that are written while its records are: what they say is settled once the plan is carried out.

The store's transaction leaves one core idle now and then, and waits for the disk; the results are read from the
workspace alone, in which nothing is written meanwhile. What is in them is `results.py`'s affair.
Makes `results_ahead(has_rows, has_defects, total_rows)`: one line where the folder of results holds all of them.
"""

import logging
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from import_pipeline.phases.results import DEFECTS_FILE, ROWS_FILE, Written, columns_of_file, write_results
from import_pipeline.phases.work import Work
from import_pipeline.stores.workspace import has_table
from import_pipeline.words import Action

log = logging.getLogger(__name__)

AHEAD = "results_ahead"
_WORTH_ROWS = 10_000
"""For fewer rows the thread takes as long as it saves."""


def results_folder(work: Work) -> Path:
    """The folder in which results are written before they go to the bucket."""
    return work.settings.workspaces / f"{work.import_id}.results"


def forget_results(work: Work) -> None:
    """What was written ahead does not count any more."""
    if work.several is None:
        work.execute(f"DROP TABLE IF EXISTS {AHEAD}")


def results_written_ahead(work: Work) -> list[Written] | None:
    """The results that were written ahead; None where none were."""
    folder = results_folder(work)
    if work.several is not None or not folder.exists() or not has_table(work.connection, AHEAD):
        return None
    found = work.execute(f"SELECT has_rows, has_defects, total_rows FROM {AHEAD}").fetchall()
    return [
        Written(work.import_id, folder / ROWS_FILE if rows else None, folder / DEFECTS_FILE if defects else None, total)
        for rows, defects, total in found
    ]


@contextmanager
def writing_results(work: Work) -> Iterator[None]:
    """Write the results while the block runs, which changes none of them and nothing in the workspace.

    Nothing happens for few rows, for several imports that share a workspace, and where a later phase deletes records.
    """
    if work.several is not None or work.spec.action is not Action.MERGE or work.total_rows() < _WORTH_ROWS:
        yield
        return
    own = replace(work, connection=work.second_connection())
    written: list[Written] = []

    def write() -> None:
        folder = results_folder(work)
        try:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            written.extend(write_results(own, folder, columns_of_file(own)))
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
    for one in written:
        has = f"{one.rows is not None} AS has_rows, {one.defects is not None} AS has_defects"
        work.create(AHEAD, f"SELECT {has}, {one.total_rows} AS total_rows")
