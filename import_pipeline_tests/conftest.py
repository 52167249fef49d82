"""The fixtures that all tests share: a home of their own, a real S3 server, and the bucket on a folder and on S3."""

import gc
import os
import secrets
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from import_pipeline.intake.bucket import Bucket
from import_pipeline.intake.buckets import open_bucket
from import_pipeline.settings import Settings
from import_pipeline_tests import examples, servers
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.store_kinds import KINDS, Kind, Stores

STORED = ("cli", "phases", "trust")
"""Folders of tests that `--store` sends to other kinds of record store."""
SHORT = ("intake", "phases", "record_types", "run_config")
"""Folders in which no file of tests takes long."""


examples.declare_profiles()
# Where no byte code is to be written, each of some hundred processes would compile the whole program anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a person choose the kinds of record store."""
    parser.addoption(
        "--store",
        choices=(*KINDS, "all"),
        help="Run the tests in cli/, phases/ and trust/ with their records in a store of this kind. Without it they "
        "run on files, and those marked `every_store` on all kinds.",
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Have nobody look through all that is loaded for tests again and again for objects that nobody needs any more."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put short files last: then no process has a long one when there is none left for the others."""
    items.sort(key=lambda item: item.path.parent.name in SHORT)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on the kinds of record store that are asked for."""
    if "stores" not in metafunc.fixturenames:
        return
    marks = {mark.name for mark in metafunc.definition.iter_markers()}
    asked: str | None = metafunc.config.getoption("--store")
    every = "every_store" in marks
    if "file_store" in marks or not (every or metafunc.definition.path.parent.name in STORED):
        return
    if asked is not None or every:
        kinds = KINDS if asked in (None, "all") else (asked,)
        metafunc.parametrize("stores", kinds, indirect=True, scope="session")


@pytest.fixture(scope="session")
def stores(request: pytest.FixtureRequest) -> Stores:
    """New record stores, of the kind that the test is run on."""
    kind: Kind = getattr(request, "param", "file")
    return Stores(
        kind, lambda: request.getfixturevalue("postgres_server"), lambda: request.getfixturevalue("s3_server")
    )


@pytest.fixture
def settings(stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Settings of an empty home; the environment says the same, so that processes started by the test share it."""
    for name in [name for name in os.environ if name.startswith("IMPORT_PIPELINE_")]:
        monkeypatch.delenv(name)
    with stores.new() as environment:  # whose servers, started before, are no processes of this home
        for name, value in {"IMPORT_PIPELINE_HOME": str(tmp_path / "home"), **environment}.items():
            monkeypatch.setenv(name, value)
        yield Settings()


@pytest.fixture
def importing(settings: Settings, tmp_path: Path) -> Importing:
    """An empty home in which the test imports small files."""
    return Importing(settings, tmp_path)


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.S3Server]:
    """A real S3 server, started when the first test asks for it and ended with the last."""
    with servers.s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[servers.PostgresServer]:
    """A real PostgreSQL server, started when the first test asks for it and ended with the last."""
    with servers.postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def registry_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty registry, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'registry.sqlite'}"
    return request.getfixturevalue("postgres_server").new_database()


@pytest.fixture
def s3_settings(settings: Settings, s3_server: servers.S3Server, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of an empty home whose bucket is an empty prefix on the S3 server; the environment says the same."""
    monkeypatch.setenv("IMPORT_PIPELINE_BUCKET_URL", f"s3://{s3_server.bucket}/{secrets.token_hex(8)}")
    monkeypatch.setenv("IMPORT_PIPELINE_BUCKET_ENDPOINT", s3_server.endpoint)
    monkeypatch.setenv("IMPORT_PIPELINE_BUCKET_KEY", s3_server.key)
    monkeypatch.setenv("IMPORT_PIPELINE_BUCKET_SECRET", s3_server.secret)
    return Settings()


@pytest.fixture(params=["local", "s3"])
def bucket_settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Settings of an empty home, once with the folder and once with S3 as its bucket."""
    return settings if request.param == "local" else request.getfixturevalue("s3_settings")


@pytest.fixture
def bucket(bucket_settings: Settings) -> Bucket:
    """An empty bucket, once a folder and once on S3."""
    return open_bucket(bucket_settings)
