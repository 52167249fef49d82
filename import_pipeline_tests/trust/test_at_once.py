"""Imports that want the same store at the same time wait for each other in the order in which they came."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from import_pipeline.errors import StoreBusyError
from import_pipeline.stores.file_lock import fair_lock
from import_pipeline_tests.benchmarks.at_once import people, run_at_once
from import_pipeline_tests.importing import Importing


def test_imports_at_once_into_one_table_are_all_stored_and_nobody_sees_a_lock(settings, tmp_path):
    files = [people(tmp_path, number, 300) for number in range(4)]
    found = run_at_once(settings, files, ["shared"] * 4)
    assert (set(found.statuses), found.records, found.errors) == ({"completed"}, 1_200, "")


@pytest.mark.file_store(reason="the queue of ticket files; locks of other kinds are in stores/test_record_stores.py")
def test_writers_have_their_turn_in_the_order_in_which_they_asked(tmp_path: Path):
    served: list[int] = []

    def write(number: int) -> None:
        with fair_lock(tmp_path / "lock", exclusive=True, wait_seconds=30) as turn:
            assert turn.held
            served.append(number)

    with fair_lock(tmp_path / "lock", exclusive=True, wait_seconds=1) as turn:
        assert turn.held
        writers = [threading.Thread(target=write, args=(number,)) for number in range(6)]
        for asked, writer in enumerate(writers, start=2):
            writer.start()
            while not any(ticket.name.startswith(f"{asked:016d}") for ticket in (tmp_path / "lock").iterdir()):
                time.sleep(0.001)
    for writer in writers:
        writer.join()
    assert served == list(range(6))


@pytest.mark.file_store(reason="the queue of ticket files; locks of other kinds are in stores/test_record_stores.py")
def test_a_reader_does_not_pass_a_writer_that_asked_before(tmp_path: Path):
    served: list[str] = []

    def use(name: str, exclusive: bool) -> None:
        with fair_lock(tmp_path / "lock", exclusive=exclusive, wait_seconds=30) as turn:
            assert turn.held
            served.append(name)

    with fair_lock(tmp_path / "lock", exclusive=False, wait_seconds=1) as turn:
        assert turn.held
        users = [threading.Thread(target=use, args=one) for one in (("writer", True), ("reader", False))]
        for asked, user in enumerate(users, start=2):
            user.start()
            while not any(ticket.name.startswith(f"{asked:016d}") for ticket in (tmp_path / "lock").iterdir()):
                time.sleep(0.001)
    for user in users:
        user.join()
    assert served == ["writer", "reader"]


@pytest.mark.file_store(reason="the holder of ticket files; locks of other kinds are in stores/test_record_stores.py")
def test_who_waits_for_too_long_is_told_which_process_has_the_store(settings, tmp_path):
    importing = Importing(settings.model_copy(update={"store_wait_seconds": 0.2, "retry_seconds": 0.0}), tmp_path)
    importing.run("email\nann@example.com\n")
    with (
        fair_lock(settings.records / ".default.lock", exclusive=True, wait_seconds=1),
        pytest.raises(StoreBusyError, match=f"by process {os.getpid()}"),
    ):
        importing.run("email\nbob@example.com\n")


@pytest.mark.file_store(reason="only a file is held by who opens it without the lock")
def test_a_notebook_that_keeps_the_store_open_is_named_by_its_process(settings, tmp_path):
    importing = Importing(settings.model_copy(update={"store_wait_seconds": 0.2, "retry_seconds": 0.0}), tmp_path)
    importing.run("email\nann@example.com\n")
    code = "import duckdb, sys; kept = duckdb.connect(sys.argv[1], read_only=True); print('open', flush=True); input()"
    path = settings.records / "default.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as notebook:
        assert notebook.stdout is not None
        assert notebook.stdout.readline() == "open\n"
        with pytest.raises(StoreBusyError, match=f"by process {notebook.pid}.*import-pipeline snapshot"):
            importing.run("email\nbob@example.com\n")
        notebook.communicate("\n")
