"""Record stores of every kind: what their instances may touch, who may write, and what is said where one cannot."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from pydantic import SecretStr

from import_pipeline.cli.home import read_settings
from import_pipeline.errors import SettingsError, StoreAwayError, StoreBusyError, StoreError
from import_pipeline.record_types.inline import TABLE_PREFIX, record_type_of_fields
from import_pipeline.settings import Settings
from import_pipeline.sql import quote
from import_pipeline.stores.engine import working_on
from import_pipeline.stores.record_stores.choosing import open_store
from import_pipeline.stores.record_stores.extensions import new_instance
from import_pipeline.stores.records import attached_store, keep_in_order, organizations, store_exists, transaction
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.servers import PostgresServer, S3Server
from import_pipeline_tests.store_kinds import KINDS, Kind, Stores

MakeSettings = Callable[..., Settings]


@pytest.fixture
def make_settings(settings: Settings, postgres_server: PostgresServer, s3_server: S3Server) -> Iterator[MakeSettings]:
    """Gives the settings of an empty home with an empty store of a kind."""
    with ExitStack() as stack:

        def make(kind: Kind, **others: Any) -> Settings:
            stores = Stores(kind, lambda: postgres_server, lambda: s3_server)
            return stack.enter_context(stores.new_settings(settings.home)).model_copy(update=others)

        yield make


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each kind of store."""
    return request.param


@pytest.fixture(params=("postgres", "ducklake"))
def server_kind(request: pytest.FixtureRequest) -> Kind:
    """Each kind of store on a server."""
    return request.param


@pytest.fixture
def writing() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection."""
    with new_instance() as connection:
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


def test_an_instance_reaches_its_own_store_and_nothing_else(make_settings: MakeSettings, kind: Kind, tmp_path: Path):
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
            f"LOAD '{tmp_path}/unsigned.duckdb_extension'",
            "CREATE SECRET other (TYPE s3)" if kind == "file" else "SET allowed_directories = ['/']",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(refused)


def test_no_password_is_shown_by_an_instance(make_settings: MakeSettings, server_kind: Kind):
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
    make_settings: MakeSettings, server_kind: Kind, writing: duckdb.DuckDBPyConnection
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
            new_instance() as other,
            attached_store(other, settings, "acme", write=True),
            transaction(other),
        ):
            other.execute(layout)
        with pytest.raises(StoreAwayError, match="lock of the record store was lost"), transaction(writing):
            writing.execute(layout)


def test_of_two_writes_at_once_one_is_refused(make_settings: MakeSettings, server_kind: Kind):
    settings = make_settings(server_kind)
    marks = "store.applied_imports"
    insert = f"INSERT INTO {marks} (sequence) SELECT coalesce(max(sequence), 0) + 1 FROM {marks}"
    refused: list[StoreAwayError] = []
    locked, lost, written = threading.Event(), threading.Event(), threading.Barrier(2, timeout=60)

    def write(then: Callable[[], object]) -> None:
        with (
            new_instance() as connection,
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
    with new_instance() as connection, attached_store(connection, settings, "acme"):
        assert connection.execute(f"SELECT sequence FROM {marks}").fetchall() == [(1,)]


def test_a_writer_whose_lock_was_lost_in_its_transaction_is_not_waited_for_without_end(
    make_settings: MakeSettings, writing: duckdb.DuckDBPyConnection
):
    settings = make_settings("postgres", store_wait_seconds=0.5)
    with (
        suppress_into([]),
        attached_store(writing, settings, "acme", write=True),
        transaction(writing),
    ):
        end_locks(settings)
        with (
            pytest.raises(StoreBusyError, match=r"'acme' stayed in use for 0\.5 seconds"),
            new_instance() as other,
            attached_store(other, settings, "acme", write=True),
            transaction(other),
        ):
            pass
    with new_instance() as other, attached_store(other, settings, "acme", write=True), transaction(other):
        other.execute("INSERT INTO store.layout VALUES (0)")


@contextmanager
def suppress_into(refused: list[StoreAwayError]) -> Iterator[None]:
    try:
        yield
    except StoreAwayError as error:
        refused.append(error)


def test_who_holds_a_busy_store_is_named(make_settings: MakeSettings, kind: Kind, writing: duckdb.DuckDBPyConnection):
    settings = make_settings(kind, store_wait_seconds=0.3)
    with attached_store(writing, settings, "acme", write=True):
        with (
            pytest.raises(StoreBusyError, match=f"'acme' stayed in use for 0.3 seconds by .*process {os.getpid()}"),
            new_instance() as other,
            attached_store(other, settings, "acme"),
        ):
            pass
        with new_instance() as other, attached_store(other, settings, "globex"):
            pass
    assert organizations(settings) == ["acme", "globex"]
    assert [store_exists(settings, name) for name in ("acme", "initech")] == [True, False]


def test_an_import_goes_on_after_its_server_ended_every_session(
    make_settings: MakeSettings, server_kind: Kind, tmp_path: Path
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


def test_house_keeping_joins_what_many_writes_left(make_settings: MakeSettings, writing: duckdb.DuckDBPyConnection):
    settings = make_settings("ducklake")
    for first in (1, 3_001, 6_001):
        with attached_store(writing, settings, "acme", write=True), transaction(writing):
            writing.execute(
                "INSERT INTO store.sources (id) SELECT 'rec_' || i FROM range(?, ? + 3000) AS r(i)", [first] * 2
            )
    for number in range(5):
        with attached_store(writing, settings, "acme", write=True), transaction(writing):
            writing.execute("INSERT INTO store.sources (id) VALUES (?)", [f"rec_x{number}"])
    assert data_files(settings, writing) == 3
    keep_in_order(settings, "acme")
    assert data_files(settings, writing) == 1
    with attached_store(writing, settings, "acme"):
        assert writing.execute("SELECT count(DISTINCT id) FROM store.sources").fetchall() == [(9_005,)]


def data_files(settings: Settings, connection: duckdb.DuckDBPyConnection) -> int:
    with attached_store(connection, settings, "acme"):
        return len(connection.execute("FROM ducklake_list_files('store', 'sources')").fetchall())


def test_organizations_whose_first_records_come_at_once_all_find_a_place_on_a_new_server(make_settings: MakeSettings):
    for _ in range(3):
        settings, at_once = make_settings("postgres"), threading.Barrier(6)

        def make_place(organization: str, settings: Settings = settings, at_once: threading.Barrier = at_once) -> None:
            store = open_store(settings, organization)
            with store.held(exclusive=True):
                at_once.wait()
                store.make_place()

        names = [f"org{number}" for number in range(6)]
        with ThreadPoolExecutor(6) as threads:
            list(threads.map(make_place, names))
        assert organizations(settings) == names


def test_applications_read_views_through_which_nothing_is_written(make_settings: MakeSettings, tmp_path: Path):
    importing = Importing(make_settings("postgres"), tmp_path)
    importing.run("external_id,email,first_name\n1,ann@example.com,Ann\n", organization="acme")
    with server_of(importing.settings) as server:
        found = server.execute("SELECT external_id, email, created_at IS NOT NULL FROM org_acme.contacts").fetchall()
        assert found == [("1", "ann@example.com", True)]
        columns = server.execute("SELECT * FROM org_acme.contacts LIMIT 0").description or []
        assert {"digest", "created_by_import"} & {column.name for column in columns} == set()
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
            server.execute("UPDATE org_acme.contacts SET email = 'x'")
        bare = server.execute(
            "SELECT relname FROM pg_class WHERE relnamespace IN ('store_acme'::regnamespace, 'org_acme'::regnamespace) "
            "AND relkind IN ('r', 'v') AND obj_description(oid, 'pg_class') IS NULL"
        ).fetchall()
        assert bare == []


def test_a_table_gets_a_column_and_its_view_follows(
    make_settings: MakeSettings, server_kind: Kind, writing: duckdb.DuckDBPyConnection
):
    settings = make_settings(server_kind)
    part = record_type_of_fields(f"{TABLE_PREFIX}part", [{"label": "Code", "key": "code"}])
    fields = [{"label": "Size", "key": "size", "type": "number"}, {"label": "Code", "key": "code"}]
    wider = record_type_of_fields(part.name, fields)
    table = quote(part.table)
    with attached_store(writing, settings, "acme", declared=part):
        pass
    with new_instance() as other, attached_store(other, settings, "acme", write=True, declared=wider):
        other.execute(f"INSERT INTO store.{table} (id, code, size) VALUES ('rec_1', 'A', 3)")
    with attached_store(writing, settings, "acme", declared=wider):
        assert writing.execute(f"SELECT code, size FROM store.{table}").fetchall() == [("A", 3)]
    if server_kind == "postgres":
        with server_of(settings) as server:
            assert server.execute(f"SELECT code, size FROM org_acme.{table}".encode()).fetchall() == [("A", 3)]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"STORE_URL": "mysql://a:s3cretword@b/c"}, r"STORE_URL cannot be used: it names no kind .*postgresql://"),
        (
            {"STORE_URL": "ducklake:postgresql://a:s3cretword@b/c"},
            r"STORE_DATA cannot be used: .*needs a place .*s3://",
        ),
        ({"STORE_DATA": "s3://bucket/records"}, r"STORE_DATA cannot be used: only a store on DuckLake"),
        (
            {"STORE_URL": "ducklake:postgresql://a:s3cretword@b/c", "STORE_DATA": "file:///tmp"},
            r"STORE_DATA cannot be used: 'file:///tmp' is no place on S3",
        ),
        ({"STORE_DATA_KEY": "k"}, r"STORE_DATA_SECRET cannot be used: only one"),
    ],
)
def test_settings_that_name_no_store_say_what_is_wrong(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, values: dict[str, str], told: str
):
    for name, value in values.items():
        monkeypatch.setenv(f"IMPORT_PIPELINE_{name}", value)
    with pytest.raises(SettingsError, match=told) as refused:
        read_settings()
    assert "s3cretword" not in f"{refused.value}{refused.value.__cause__}"


def test_a_missing_extra_is_named(tmp_path: Path):
    """A Python that sees all packages but that of the extension says what is to be installed."""
    script = (
        "import sys, importlib.abc\n"
        "class Hidden(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'duckdb_extension_ducklake': raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Hidden())\n"
        "from import_pipeline.cli import main\nmain()\n"
    )
    environment = os.environ | {
        "IMPORT_PIPELINE_HOME": str(tmp_path / "home"),
        "IMPORT_PIPELINE_STORE_URL": "ducklake:postgresql://a:b@127.0.0.1:1/c",
        "IMPORT_PIPELINE_STORE_DATA": "s3://bucket/records",
    }
    ended = subprocess.run(
        [sys.executable, "-c", script, "list"], env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1 or ended.returncode == 2
    assert 'Run: pip install "import-pipeline[ducklake]"' in " ".join(ended.stderr.split())


def test_deleted_records_leave_the_file_once_they_are_many_and_not_before(settings: Settings):
    deleted_of_five = "DELETE FROM store.contacts WHERE id[1]::INTEGER < {}"

    def write(statement: str) -> None:
        with new_instance() as connection, attached_store(connection, settings, "default", write=True):
            connection.execute(statement)

    def rows_in_file() -> tuple[int, int]:
        with new_instance() as connection, attached_store(connection, settings, "default"):
            size = "SELECT estimated_size FROM duckdb_tables() WHERE table_name = 'contacts'"
            count = "SELECT count(*) FROM store.contacts"
            return connection.execute(f"SELECT ({size}), ({count})").fetchall()[0]

    write("INSERT INTO store.contacts BY NAME SELECT i % 5 || 'rec_' || i AS id FROM range(500000) AS t(i)")
    write(deleted_of_five.format(1))
    assert rows_in_file() == (500_000, 400_000)
    write(deleted_of_five.format(2))
    assert rows_in_file() == (500_000, 300_000)
    write(deleted_of_five.format(3))
    assert rows_in_file() == (200_000, 200_000)


def test_a_store_whose_making_was_killed_is_made_anew(importing: Importing):
    records = importing.settings.records
    records.mkdir(parents=True)
    (records / "default.duckdb").write_bytes(b"")
    (records / ".default.duckdb.part").write_bytes(b"half of a file")
    (records / ".default.duckdb.part.wal").write_bytes(b"half of a log")
    done = importing.run("external_id,first_name\n1,Ada\n")
    assert (done["status"], importing.stored()) == ("completed", [{"external_id": "1", "first_name": "Ada"}])
    assert [path.name for path in records.iterdir() if path.is_file()] == ["default.duckdb"]
