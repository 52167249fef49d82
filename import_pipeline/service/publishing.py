"""Publishing results: when an import stops, its rows and its defects go to the bucket, where everybody reads them.

A version of them is complete before the registry names it, and never changes; the one before it goes then. What is in
the files is `phases/results.py`'s affair, how they are read `published.py`'s.
"""

import secrets
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from import_pipeline.phases.results import columns_of_file, write_results
from import_pipeline.phases.work import Work
from import_pipeline.run_config.declared import record_type_of
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.stores import published
from import_pipeline.stores.engine import has_workspace, working_on
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.published import Published
from import_pipeline.stores.workspace import has_table

if TYPE_CHECKING:
    from pathlib import Path

    from import_pipeline.home import Home

_AT_ONCE = 8
"""So many objects are put at the same time."""
_OTHERS_SECONDS = 30.0
"""How long to wait for another process that publishes the same workspace."""


def publish(home: "Home", work: Work, run_id: str | None) -> None:
    """Publish what the workspace says of its imports, in the place of what was published of them before.

    To be called before the registry says that they stopped. Of imports that another run has taken up meanwhile nothing
    is published: a host that was cut off, and comes back, knows less than who did its work.

    Args:
        home: The home.
        work: One import at work, or several that share a workspace; no store need be attached.
        run_id: The run that works on them.
    """
    folder = work.settings.workspaces / f"{work.import_id}.results"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir()
        columns = columns_of_file(work)
        written = write_results(work, folder, columns)
        version, now = secrets.token_hex(8), home.registry.now()
        named = [(column.name, column.correctable) for column in columns]
        puts: list[tuple[Path, str]] = []
        new: list[Published] = []
        for one in written:
            has_rows, has_defects = one.rows is not None, one.defects is not None
            new.append(Published(one.import_id, version, named, one.total_rows, has_rows, has_defects, now))
            given = ((one.rows, new[-1].rows_key), (one.defects, new[-1].defects_key))
            puts += [(path, key) for path, key in given if path is not None]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(lambda put: home.bucket.move_in(*put), puts))
        for one in published.note(home.registry, new, run_id):
            for key in one.keys:
                home.bucket.delete(key)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish_stopped(home: "Home", record: ImportRecord) -> None:
    """Publish how far an import came that stopped on its way; nothing happens where its workspace is not here.

    Args:
        home: The home.
        record: The import, as it was when the process had it whose workspace is here.

    Raises:
        WorkspaceBusyError: Another process has the workspace.
    """
    if not has_workspace(home.settings, record.id):
        return
    spec = ImportSpec.model_validate(record.spec)
    with working_on(home.settings, record.id, record.organization, _OTHERS_SECONDS) as connection:
        was_read = has_table(connection, "source_text") and has_table(connection, "source_columns")
        if was_read or connection.execute("SELECT 1 FROM defects LIMIT 1").fetchone():
            publish(home, Work(connection, record.id, spec, record_type_of(spec), home.settings), record.run_id)


def unpublish(home: "Home", import_ids: Sequence[str]) -> None:
    """Remove all objects of the results of some imports; what the registry says of them goes with their rows."""
    for import_id in import_ids:
        for obj in home.bucket.find(published.folder_of(import_id)):
            home.bucket.delete(obj.key)
