"""Transactions of the registry see one state and are as if there were no others, on SQLite and on PostgreSQL."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, func, select, text

from import_pipeline.errors import RegistryError, SettingsError
from import_pipeline.stores import imports, leases, rate_limits, tokens
from import_pipeline.stores.import_record import NewImport
from import_pipeline.stores.new_import_rows import insert_one, row_of
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.registry_database import checked_url
from import_pipeline.stores.tables import imports as table
from import_pipeline.words import Source
from import_pipeline_tests.servers import PostgresServer


def new(import_id: str) -> NewImport:
    return NewImport(id=import_id, organization="default", record_type="contact", source=Source.API)


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_what_is_stored_meanwhile_is_not_seen_by_a_transaction_that_reads(registry_url: str) -> None:
    with Registry(registry_url) as registry, Registry(registry_url) as other:
        imports.create(registry, new("first"))

        def look(connection: Connection) -> tuple[int, int]:
            before = count(connection)
            imports.create(other, new(f"later{before}"))
            return before, count(connection)

        assert registry.read(look) == (1, 1)
        assert registry.read(count) == 2


def test_of_two_that_write_by_what_they_read_one_sees_what_the_other_wrote(registry_url: str) -> None:
    met = threading.Barrier(2)

    def write(connection: Connection) -> None:
        seen = count(connection)
        with contextlib.suppress(threading.BrokenBarrierError):  # where one waits for the other, they do not meet
            met.wait(timeout=0.5)
        insert_one(connection, row_of(new(f"after-{seen}"), 0))

    with Registry(registry_url) as registry, ThreadPoolExecutor(2) as threads:
        registry.read(count)
        for done in [threads.submit(registry.write, write, repeatable=False) for _ in range(2)]:
            done.result()
        assert {one.id for one in imports.list_imports(registry).items} == {"after-0", "after-1"}


def test_of_many_that_count_for_one_token_at_once_no_more_are_let_in_than_may(registry_url: str) -> None:
    with Registry(registry_url) as registry, ThreadPoolExecutor(8) as threads:
        token = tokens.create(registry, "acme", name="many")[1]
        taken = list(threads.map(lambda _: rate_limits.take(registry, token.id, 5), range(12)))
        assert taken.count(None) == 5


def test_a_process_takes_no_more_connections_than_its_setting_says(postgres_server: PostgresServer) -> None:
    with Registry(postgres_server.new_database(), pool=2) as registry, ThreadPoolExecutor(6) as threads:
        ask = text("SELECT count(*) FROM pg_stat_activity, pg_sleep(0.05) WHERE datname = current_database()")
        seen = threads.map(lambda _: registry.read(lambda one: one.execute(ask).scalar_one()), range(12))
        assert max(seen) <= 2


def test_a_pool_is_never_larger_than_the_server_allows(postgres_server: PostgresServer) -> None:
    with Registry(postgres_server.new_database(), pool=100_000) as registry:
        pool = registry.read(lambda connection: connection.engine.pool)
        most = registry.read(
            lambda one: one.execute(text("SELECT current_setting('max_connections')::int")).scalar_one()
        )
        assert pool.size() < most  # pyright: ignore[reportAttributeAccessIssue] - a QueuePool


def test_time_is_told_by_the_clock_of_the_server(postgres_server: PostgresServer) -> None:
    ask = text("SELECT extract(epoch FROM clock_timestamp())")
    with Registry(postgres_server.new_database()) as registry:
        told = registry.clock()
        assert abs(told - float(registry.read(lambda one: one.execute(ask).scalar_one()))) < 2


def test_a_url_that_names_no_driver_means_the_one_that_is_shipped() -> None:
    assert checked_url("postgresql://someone@db/registry").drivername == "postgresql+psycopg"


def test_where_the_driver_is_missing_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    for name in [name for name in sys.modules if name.partition(".")[0] == "psycopg"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises((SettingsError, RegistryError)) as refused:
        Registry("postgresql://someone:s3cret@127.0.0.1:1/registry").read(count)
    assert "import-pipeline[postgres]" in refused.value.message
    assert "s3cret" not in refused.value.message


def test_what_an_import_asks_of_the_registry_is_counted(settings, tmp_path) -> None:
    from import_pipeline_tests.benchmarks.registry_queries import MOST, of_one_import

    found = of_one_import(settings, tmp_path)
    assert found.transactions <= MOST.transactions, found.callers
    assert found.statements <= MOST.statements, found.callers


def test_no_lease_counts_as_run_out_as_long_as_nobody_could_renew_it(postgres_server: PostgresServer) -> None:
    with Registry(postgres_server.new_database()) as registry:
        registry.read(count)
        assert registry.has_answered_for(leases.LEASE_SECONDS)
        postgres_server.stop()
        postgres_server.start()
        registry.read(count)
        assert not registry.has_answered_for(leases.LEASE_SECONDS)
        assert registry.has_answered_for(0)
