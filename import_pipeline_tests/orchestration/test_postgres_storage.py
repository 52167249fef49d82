"""Dagster's storage in PostgreSQL, as several hosts open it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from import_pipeline.orchestration.postgres_storage import PostgresStorage
from import_pipeline_tests.servers import PostgresServer

AT_ONCE = 6


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
