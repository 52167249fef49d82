"""Dagster's storage in PostgreSQL, as several hosts open it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import text

from import_pipeline.orchestration.postgres_storage import PostgresStorage
from import_pipeline.stores.keepalives import SERVER
from import_pipeline.stores.registry_database import checked_url, open_engine
from import_pipeline_tests.servers import PostgresServer

AT_ONCE = 6
_ASKED = ("idle", "interval", "count")


def test_hosts_that_start_at_the_same_moment_with_an_empty_database_all_start(postgres_server: PostgresServer) -> None:
    """None of them fails because another one makes the same table."""
    for _ in range(3):
        with postgres_server.temporary_database("dagster") as url, ThreadPoolExecutor(AT_ONCE) as threads:
            together = Barrier(AT_ONCE)

            def runs_in(url: str = url, together: Barrier = together) -> int:
                together.wait()
                storage = PostgresStorage(url)
                try:
                    return storage.run_storage.get_runs_count()
                finally:
                    storage.dispose()

            assert [one.result() for one in [threads.submit(runs_in) for _ in range(AT_ONCE)]] == [0] * AT_ONCE


def test_a_host_that_is_cut_off_loses_what_it_holds_within_a_minute(postgres_server: PostgresServer) -> None:
    """The server asks after it in the registry's sessions as in those of Dagster; else that would be two hours."""
    databases = postgres_server.temporary_database
    with databases("dagster") as dagster, databases("registry") as url:
        storage, registry = PostgresStorage(dagster), open_engine(checked_url(url))
        try:
            for engine in (storage._engine, registry):
                with engine.connect() as connection:
                    told = {name: connection.scalar(text(f"SHOW {name}")) for name in SERVER}
                assert told == SERVER
                idle, interval, count = (int(SERVER[f"tcp_keepalives_{name}"]) for name in _ASKED)
                assert idle + interval * count < 60
        finally:
            storage.dispose()
            registry.dispose()
