"""Record stores of every kind: what their instances may touch, who may write, and what is said where one cannot."""

import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from pydantic import SecretStr

from import_pipeline.errors import StoreAwayError, StoreBusyError, StoreError
from import_pipeline.settings import Settings
from import_pipeline.stores.engine import working_on
from import_pipeline.stores.records import attached_store, organizations, store_exists, transaction
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.servers import PostgresServer, S3Server

KINDS = ("file", "postgres", "ducklake")
MakeSettings = Callable[..., Settings]


@pytest.fixture
def make_settings(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Callable[..., Settings]:
    """Gives the settings of an empty home with an empty store of a kind."""

    def make(kind: str, **others: Any) -> Settings:
        if kind == "file":
            return settings.model_copy(update=others)
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.new_database().replace("+psycopg", "")
        if kind == "postgres":
            return Settings(home=tmp_path / "home", store_url=SecretStr(url), **others)
        s3: S3Server = request.getfixturevalue("s3_server")
        return Settings(
            home=tmp_path / "home",
            store_url=SecretStr(f"ducklake:{url}"),
            store_data=f"s3://{s3.bucket}/{secrets.token_hex(8)}",
            store_data_endpoint=s3.endpoint,
            store_data_key=SecretStr(s3.key),
            store_data_secret=SecretStr(s3.secret),
            **others,
        )

    return make


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of store."""
    return request.param


@pytest.fixture(params=KINDS[1:])
def server_kind(request: pytest.FixtureRequest) -> str:
    """Each kind of store on a server."""
    return request.param


@pytest.fixture
def writing() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection."""
    with duckdb.connect() as connection:
        yield connection


def server_of(settings: Settings) -> psycopg.Connection:
    assert settings.store_url is not None
    return psycopg.connect(settings.store_url.get_secret_value().removeprefix("ducklake:"), autocommit=True)


def with_password(url: str, password: str) -> SecretStr:
    user, rest = url.split("@")
    return SecretStr(f"{user.rsplit(':', 1)[0]}:{password}@{rest}")


def end_locks(settings: Settings) -> None:
    """End the sessions that hold locks."""
    with server_of(settings) as server:
        ended = server.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'").fetchall()
    assert ended == [(True,)]


def test_an_instance_reaches_its_own_store_and_nothing_else(make_settings: MakeSettings, kind: str, tmp_path: Path):
    settings = make_settings(kind)
    outside = tmp_path / "outside.csv"
    outside.write_text("a\n1\n")
    with working_on(settings, "imp_0", "acme") as connection, attached_store(connection, settings, "acme"):
        assert connection.execute("SELECT count(*) FROM store.contacts").fetchall() == [(0,)]
        for refused in (
            f"FROM read_csv('{outside}')",
            f"ATTACH '{tmp_path}/other.duckdb' AS other",
            f"ATTACH '{settings.records}/globex.duckdb' AS other",
            "ATTACH 'host=127.0.0.1' AS other (TYPE postgres)",
            "COPY (SELECT 1) TO 's3://imports/elsewhere/x.parquet'",
            "FROM read_text('https://example.com/')",
            "FROM read_text('http://169.254.169.254/latest')",
            "SET enable_external_access = true",
            "INSTALL httpfs",
            "CREATE SECRET other (TYPE s3)" if kind == "file" else "SET allowed_directories = ['/']",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(refused)


def test_no_password_is_shown_by_an_instance(make_settings: MakeSettings, server_kind: str):
    settings = make_settings(server_kind)
    assert settings.store_url is not None
    hidden = [settings.store_url.get_secret_value().split(":")[-2].split("@")[0]]
    hidden += [settings.store_data_secret.get_secret_value()] if settings.store_data_secret else []
    with working_on(settings, "imp_0", "acme") as connection:
        shown = str(connection.execute("SELECT * FROM duckdb_secrets()").fetchall())
        shown += str(connection.execute("SELECT * FROM duckdb_databases()").fetchall())
        shown += str(connection.execute("SELECT * FROM duckdb_settings()").fetchall())
    assert len(hidden[0]) > 10
    assert [one for one in hidden if one in shown] == []


def test_a_write_whose_lock_was_lost_on_the_way_is_refused(
    make_settings: MakeSettings, server_kind: str, writing: duckdb.DuckDBPyConnection
):
    settings = make_settings(server_kind)
    layout = "UPDATE store.layout SET version = version"
    with attached_store(writing, settings, "acme"):
        pass
    with attached_store(writing, settings, "acme", write=True):
        with server_of(settings) as server:
            ended = server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            ).fetchall()
        assert ended == [(True,)]
        with (
            duckdb.connect() as other,
            attached_store(other, settings, "acme", write=True),
            transaction(other),
        ):
            other.execute(layout)
        with pytest.raises(StoreAwayError, match="lock of the record store was lost"), transaction(writing):
            writing.execute(layout)


def test_of_two_writes_at_once_one_is_refused(make_settings: MakeSettings, server_kind: str):
    settings = make_settings(server_kind)
    marks = "store.applied_imports"
    insert = f"INSERT INTO {marks} (sequence) SELECT coalesce(max(sequence), 0) + 1 FROM {marks}"
    refused: list[StoreAwayError] = []
    locked, lost, written = threading.Event(), threading.Event(), threading.Barrier(2, timeout=60)

    def write(then: Callable[[], object]) -> None:
        with (
            duckdb.connect() as connection,
            suppress_into(refused),
            attached_store(connection, settings, "acme", write=True),
        ):
            then()
            with transaction(connection):
                connection.execute(insert)

    def wait_for_both() -> None:
        locked.set()
        lost.wait(60)
        written.wait()

    first = threading.Thread(target=write, args=[wait_for_both])
    first.start()
    assert locked.wait(60)
    end_locks(settings)
    lost.set()
    write(written.wait)
    first.join()
    assert len(refused) == 1
    with duckdb.connect() as connection, attached_store(connection, settings, "acme"):
        assert connection.execute(f"SELECT sequence FROM {marks}").fetchall() == [(1,)]


@contextmanager
def suppress_into(refused: list[StoreAwayError]) -> Iterator[None]:
    try:
        yield
    except StoreAwayError as error:
        refused.append(error)


def test_who_holds_a_busy_store_is_named(make_settings: MakeSettings, kind: str, writing: duckdb.DuckDBPyConnection):
    settings = make_settings(kind, store_wait_seconds=0.3)
    with attached_store(writing, settings, "acme", write=True):
        with (
            pytest.raises(StoreBusyError, match=f"'acme' stayed in use for 0.3 seconds by .*process {os.getpid()}"),
            duckdb.connect() as other,
            attached_store(other, settings, "acme"),
        ):
            pass
        with duckdb.connect() as other, attached_store(other, settings, "globex"):
            pass
    assert organizations(settings) == ["acme", "globex"]
    assert [store_exists(settings, name) for name in ("acme", "initech")] == [True, False]


def test_an_import_goes_on_after_its_server_ended_every_session(
    make_settings: MakeSettings, server_kind: str, tmp_path: Path
):
    importing = Importing(make_settings(server_kind), tmp_path)
    importing.run("external_id,email\n1,ann@example.com\n")
    with server_of(importing.settings) as server:
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    done = importing.run("external_id,email\n2,bob@example.com\n")
    assert done["reason"] is None
    assert [record["external_id"] for record in importing.stored()] == ["1", "2"]


def test_a_server_that_refuses_or_is_away_is_named_without_its_password(make_settings: MakeSettings):
    settings = make_settings("postgres")
    assert settings.store_url is not None
    url = settings.store_url.get_secret_value()
    wrong = settings.model_copy(update={"store_url": with_password(url, "wr0ngPassw0rd")})
    with pytest.raises(StoreError, match=r"refuses: .*authentication failed") as refused:
        store_exists(wrong, "acme")
    assert not refused.value.transient
    away = Settings(home=settings.home, store_url=SecretStr("postgresql://importer:wr0ngPassw0rd@127.0.0.1:1/records"))
    with pytest.raises(StoreAwayError, match=r"127\.0\.0\.1:1/records does not answer") as absent:
        store_exists(away, "acme")
    for error in (refused.value, absent.value):
        causes = [str(one) for one in (error, error.__cause__, error.__context__)]
        assert "wr0ngPassw0rd" not in " ".join(causes)
