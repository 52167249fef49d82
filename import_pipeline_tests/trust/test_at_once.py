"""Imports that want the same store at the same time wait for each other in the order in which they came."""

import threading
import time
from pathlib import Path

from import_pipeline.stores.file_lock import fair_lock
from import_pipeline_tests.benchmarks.at_once import people, run_at_once


def test_imports_at_once_into_one_table_are_all_stored_and_nobody_sees_a_lock(settings, tmp_path):
    files = [people(tmp_path, number, 300) for number in range(4)]
    found = run_at_once(settings, files, ["shared"] * 4)
    assert (set(found.statuses), found.records, found.errors) == ({"completed"}, 1_200, "")


def test_writers_have_their_turn_in_the_order_in_which_they_asked(tmp_path: Path):
    served: list[int] = []

    def write(number: int) -> None:
        with fair_lock(tmp_path / "lock", exclusive=True, wait_seconds=30) as held:
            assert held
            served.append(number)

    with fair_lock(tmp_path / "lock", exclusive=True, wait_seconds=1) as held:
        assert held
        writers = [threading.Thread(target=write, args=(number,)) for number in range(6)]
        for asked, writer in enumerate(writers, start=2):
            writer.start()
            while not any(ticket.name.startswith(f"{asked:016d}") for ticket in (tmp_path / "lock").iterdir()):
                time.sleep(0.001)
    for writer in writers:
        writer.join()
    assert served == list(range(6))


def test_a_reader_does_not_pass_a_writer_that_asked_before(tmp_path: Path):
    served: list[str] = []

    def use(name: str, exclusive: bool) -> None:
        with fair_lock(tmp_path / "lock", exclusive=exclusive, wait_seconds=30) as held:
            assert held
            served.append(name)

    with fair_lock(tmp_path / "lock", exclusive=False, wait_seconds=1) as held:
        assert held
        users = [threading.Thread(target=use, args=one) for one in (("writer", True), ("reader", False))]
        for asked, user in enumerate(users, start=2):
            user.start()
            while not any(ticket.name.startswith(f"{asked:016d}") for ticket in (tmp_path / "lock").iterdir()):
                time.sleep(0.001)
    for user in users:
        user.join()
    assert served == ["writer", "reader"]
