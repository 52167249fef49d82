"""The engine lets go of its files, whatever happens to what it was doing."""

import signal
import threading
from collections.abc import Iterator

import pytest

from import_pipeline.settings import Settings
from import_pipeline.stores.engine import working_on

LONG = "CREATE TABLE long AS SELECT i, md5(i::VARCHAR) AS text FROM range(100000000) AS r(i)"


@pytest.fixture(autouse=True)
def ctrl_c() -> Iterator[None]:
    """Have an interruption mean what it means in a program, whatever other tests of this process made of it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt() -> None:
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def work_until_interrupted(settings: Settings) -> None:
    with working_on(settings, "imp_0", "acme") as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        threading.Timer(0.5, interrupt).start()
        connection.execute(LONG)


def test_a_workspace_whose_statement_was_interrupted_is_free_at_once(settings: Settings) -> None:
    with pytest.raises(RuntimeError, match="interrupted"):
        work_until_interrupted(settings)
    with working_on(settings, "imp_0", "acme") as connection:
        assert connection.execute("SELECT one FROM kept").fetchall() == [(1,)]
