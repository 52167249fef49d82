"""What a warm worker process does: imports that a caller waits for, and reading that should not weigh on the server.

A worker opens its home once, then takes one task after the other. Processes and not threads: see `runs`. The server
names these functions, so nothing slow is imported before a worker opens.
"""

import logging
import os
import signal
import threading
from multiprocessing import parent_process
from pathlib import Path
from typing import TYPE_CHECKING, Any

from import_pipeline.service import transitions
from import_pipeline.settings import Settings
from import_pipeline.stores import imports
from import_pipeline.words import Phase, Source, UploadMode

if TYPE_CHECKING:
    from import_pipeline.orchestration.prompt_runs import PromptRun
    from import_pipeline.orchestration.runs import ImportRunner
    from import_pipeline.run_config.spec import ImportSpec, ReadOptions

log = logging.getLogger(__name__)

_LAST_PHASE = {UploadMode.SYNC: Phase.CLEANUP, UploadMode.MIXED: Phase.VALIDATION}

_runners: "list[ImportRunner]" = []
_untold: "list[PromptRun]" = []
"""Runs whose imports have ended, and of which Dagster is told next."""


def open_worker(settings: Settings) -> None:
    """Open what every task needs; the first thing a worker does."""
    os.setpgrp()  # Ctrl-C is for the server, which then closes its workers
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_server, daemon=True).start()
    from import_pipeline import logs, record_types
    from import_pipeline.orchestration.runs import ImportRunner

    logs.configure(settings)
    runner = ImportRunner(settings)
    runner.warm_up()
    for name in record_types.names():
        record_types.get(name)
    _runners.append(runner)


def _end_with_server() -> None:
    """A worker whose server was killed has nobody to work for."""
    server = parent_process()
    if server is not None:
        server.join()
        os._exit(1)


def is_open() -> bool:
    """Whether the worker is ready: the answer comes when it is."""
    return bool(_runners)


def run_import(import_id: str) -> None:
    """Run the phases of an uploaded import for which its caller waits; the rest of a mixed one is left queued.

    `tell_runs` is to be called next, when the caller is answered.
    """
    from import_pipeline.orchestration.prompt_runs import PromptRun

    runner = _runners[0]
    record = imports.get(runner.home.registry, import_id)
    last = _LAST_PHASE.get(record.upload_mode, Phase.CLEANUP)
    run = PromptRun(runner.home, runner.instance, runner.batch_job, record)
    _untold.append(run)
    run.execute(last)
    if last is not Phase.CLEANUP:  # unless it ended before, or was cancelled a moment ago
        transitions.hand_over(runner.home, [import_id], Phase.PROCESSING)


def tell_runs() -> None:
    """Tell Dagster of the runs that have ended; what it is not told, it finds out when this process ends."""
    while _untold:
        run = _untold.pop(0)
        try:
            run.tell()
        except Exception:  # whatever it is, the worker goes on: nobody waits for this, and the import has ended
            log.exception("Dagster was not told how run %s ended.", run.run.run_id)


def preview_upload(import_id: str) -> dict[str, Any]:
    """What an uploaded file holds."""
    from import_pipeline.service.previewing import preview_upload as preview

    return preview(_runners[0].home, import_id)


def look_at(import_id: str, spec: "ImportSpec", strict: bool) -> dict[str, Any]:
    """What an uploaded file holds, with constants and sample records."""
    from import_pipeline.service.first_look import look_at as look

    return look(_runners[0].home, import_id, spec, strict=strict)


def inspect(import_id: str, options: "ReadOptions | None", record_type: str | None) -> dict[str, Any]:
    """What an uploaded file holds and how it is read."""
    from import_pipeline.service.inspecting import inspect as look

    return look(_runners[0].home, import_id, options, record_type)


def choice_values(import_id: str, mapping: dict[str, str] | None) -> list[dict[str, Any]]:
    """Which values the columns of choice fields hold."""
    from import_pipeline.service.choice_values import choice_values as look

    return look(_runners[0].home, import_id, mapping)


def replay(import_id: str, created_by: str) -> str:
    """Make a draft of the failed rows of an import; gives its id."""
    from import_pipeline.service.replaying import replay as make

    return make(_runners[0].home, import_id, source=Source.API, created_by=created_by, is_draft=True).id


def undo(import_id: str, dry_run: bool, created_by: str) -> str:
    """Undo an import for which its caller waits, or say what that would do; gives the id of the undo."""
    from import_pipeline.orchestration.records import report_undo
    from import_pipeline.service import undoing

    runner = _runners[0]
    undo_id = undoing.undo(runner.home, import_id, dry_run=dry_run, source=Source.API, created_by=created_by).id
    report_undo(runner.instance, runner.home, undo_id)
    return undo_id


def make_download(import_id: str, file: str, to: Path) -> None:
    """Make a file that is not stored in the form that is asked for."""
    from import_pipeline.service.downloads import make_download as make

    make(_runners[0].home, import_id, file, to)
