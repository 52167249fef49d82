"""The engine lets go of its files, whatever happens to what it was doing."""

import signal
import threading
from collections.abc import Iterator

import duckdb
import pytest

from import_pipeline.settings import Settings
from import_pipeline.stores.engine import has_workspace, idle_instance, kept_open, working_on, working_on_several
from import_pipeline.stores.workspace import workspace_path

LONG = "CREATE TABLE long AS SELECT i, md5(i::VARCHAR) AS text FROM range(100000000) AS r(i)"


@pytest.fixture(autouse=True)
def ctrl_c() -> Iterator[None]:
    """Have an interruption mean what it means in a program, whatever other tests of this process made of it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt() -> None:
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def work_until_interrupted(settings: Settings, payload_bytes: int | None = None) -> None:
    with working_on(settings, "imp_0", "acme", payload_bytes=payload_bytes) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        threading.Timer(0.5, interrupt).start()
        connection.execute(LONG)


def work_until_it_breaks(settings: Settings) -> None:
    with working_on(settings, "imp_0", "acme", payload_bytes=100) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        connection.execute("BEGIN")
        connection.execute("SELECT CAST('no number' AS INTEGER)").fetchall()


def test_a_workspace_whose_statement_was_interrupted_is_free_at_once(settings: Settings) -> None:
    with pytest.raises(RuntimeError, match="interrupted"):
        work_until_interrupted(settings)
    with working_on(settings, "imp_0", "acme") as connection:
        assert connection.execute("SELECT one FROM kept").fetchall() == [(1,)]


def test_a_workspace_that_is_kept_and_fits_is_in_memory_and_tells_what_it_held_when_something_broke(
    settings: Settings,
) -> None:
    with kept_open():
        with pytest.raises(duckdb.ConversionException):
            work_until_it_breaks(settings)
        assert has_workspace(settings, "imp_0")
        assert not workspace_path(settings, "imp_0").exists()
        with working_on(settings, "imp_0", "acme") as connection:
            assert connection.execute("SELECT one FROM kept").fetchall() == [(1,)]
    assert not has_workspace(settings, "imp_0")
    assert not workspace_path(settings, "imp_0").exists()


def test_a_workspace_in_memory_outlives_an_interruption(settings: Settings) -> None:
    with kept_open():
        with pytest.raises(RuntimeError, match="interrupted"):
            work_until_interrupted(settings, payload_bytes=100)
        with working_on(settings, "imp_0", "acme") as connection:
            assert connection.execute("SELECT one FROM kept").fetchall() == [(1,)]


@pytest.mark.parametrize("payload_bytes", [None, 10_000_000_000])
def test_a_workspace_that_may_not_fit_into_memory_is_a_file(settings: Settings, payload_bytes: int | None) -> None:
    with kept_open():
        with working_on(settings, "imp_0", "acme", payload_bytes=payload_bytes) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        assert workspace_path(settings, "imp_0").exists()
    with working_on(settings, "imp_0", "acme") as connection:
        assert connection.execute("SELECT one FROM kept").fetchall() == [(1,)]


def test_a_short_file_gets_one_thread_and_what_comes_after_it_all_of_them(settings: Settings) -> None:
    several = settings.model_copy(update={"threads": 3})
    asked = "SELECT current_setting('threads')"
    for payload_bytes, threads in ((100, 1), (100_000_000, 3), (100, 1)):
        with working_on(several, f"imp_{payload_bytes}", "acme", payload_bytes=payload_bytes) as connection:
            assert connection.execute(asked).fetchall() == [(threads,)]
    with working_on_several(several, "acme") as connection:
        assert connection.execute(asked).fetchall() == [(3,)]


def test_the_store_is_looked_at_in_the_instance_that_is_idle_and_never_in_one_at_work_or_of_somebody_else(
    settings: Settings,
) -> None:
    with working_on(settings, "imp_0", "acme") as worked, idle_instance(settings, "acme") as other:
        assert other is not worked
    with idle_instance(settings, "acme") as looked:
        assert looked is worked
    with idle_instance(settings, "other") as looked:
        assert looked is not worked
    with working_on(settings, "imp_0", "acme") as connection:
        assert connection is worked
