"""The locks that all processes of one registry have in common, on SQLite and on PostgreSQL."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from import_pipeline.errors import RegistryError
from import_pipeline.stores.registry import Registry

HOLDER = """
import sys
from import_pipeline.stores.registry import Registry
with Registry(sys.argv[1]).held("one"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_lock_is_waited_for_while_another_process_has_it_and_is_free_once_that_one_is_killed(registry_url: str):
    taken = threading.Event()

    def take() -> None:
        with Registry(registry_url).held("one"):
            taken.set()

    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, registry_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        waiting = threading.Thread(target=take)
        waiting.start()
        with Registry(registry_url).held("another"):
            assert not taken.wait(0.3)
        holder.kill()
        waiting.join(20)
    assert taken.is_set()


def test_threads_of_one_process_hold_a_lock_one_after_the_other_and_an_error_gives_it_back(registry_url: str) -> None:
    registry, inside, most = Registry(registry_url), [], []

    def work() -> None:
        try:
            with registry.held("one"):
                inside.append(1)
                most.append(len(inside))
                threading.Event().wait(0.01)
                inside.pop()
                raise ValueError
        except ValueError:
            pass

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert most == [1] * 8


def test_a_place_in_which_no_lock_can_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "registry.sqlite-locks").write_text("in the way")
    with (
        pytest.raises(RegistryError, match=r"registry\.sqlite-locks"),
        Registry(f"sqlite:///{tmp_path}/registry.sqlite").held("one"),
    ):
        pass
