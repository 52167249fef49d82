"""Dagster's storage in PostgreSQL, as several hosts open it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from dagster import DagsterEvent, DagsterRun, DagsterRunStatus
from sqlalchemy import text

from import_pipeline.orchestration.postgres_storage import KeptPostgresRuns, PostgresStorage
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


def test_what_two_hosts_write_of_one_run_at_once_is_all_kept(postgres_server: PostgresServer) -> None:
    with postgres_server.temporary_database("dagster") as url:
        hosts = [PostgresStorage(url).run_storage for _ in range(3)]
        hosts[0].add_run(DagsterRun("job", "one"))
        together = Barrier(len(hosts))

        def write(host: int) -> None:
            for number in range(15):
                together.wait()
                if host:
                    hosts[host].add_run_tags("one", {f"{host}-{number}": "given"})
                else:
                    event = DagsterEvent("PIPELINE_STARTING" if number < 14 else "PIPELINE_START", "job")
                    hosts[host].handle_run_event("one", event)

        try:
            with ThreadPoolExecutor(len(hosts)) as threads:
                list(threads.map(write, range(len(hosts))))
            (run,) = hosts[0].get_runs()
            assert run.status is DagsterRunStatus.STARTED
            assert set(run.tags) == {f"{host}-{number}" for host in (1, 2) for number in range(15)}
            assert len({host.get_run_storage_id() for host in hosts if isinstance(host, KeptPostgresRuns)}) == 1
        finally:
            for host in hosts:
                host.dispose()


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
