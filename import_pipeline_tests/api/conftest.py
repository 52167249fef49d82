"""Servers for the tests of the API, each started once: one over a folder, one over S3. Tests differ by organization."""

import secrets
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from import_pipeline.settings import Settings
from import_pipeline_tests import servers
from import_pipeline_tests.api.serving import Served, serving
from import_pipeline_tests.cli.terminal import Terminal

_MANY = "100000"


@pytest.fixture(scope="session")
def served_local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server whose bucket is a folder."""
    folder = tmp_path_factory.mktemp("served")
    settings = Settings(home=folder / "home", webhooks_to_private_addresses=True)
    with serving(settings, folder, creates_per_minute=_MANY, webhooks_to_private_addresses="true") as served:
        yield served


@pytest.fixture(scope="session")
def served_s3(tmp_path_factory: pytest.TempPathFactory, s3_server: servers.S3Server) -> Iterator[Served]:
    """A server whose bucket is on a real S3 server."""
    folder = tmp_path_factory.mktemp("served-s3")
    bucket = {
        "bucket_url": f"s3://{s3_server.bucket}/{secrets.token_hex(8)}",
        "bucket_endpoint": s3_server.endpoint,
        "bucket_key": s3_server.key,
        "bucket_secret": s3_server.secret,
    }
    settings = Settings(
        home=folder / "home",
        bucket_url=bucket["bucket_url"],
        bucket_endpoint=bucket["bucket_endpoint"],
        bucket_key=SecretStr(s3_server.key),
        bucket_secret=SecretStr(s3_server.secret),
    )
    with serving(settings, folder, creates_per_minute=_MANY, **bucket) as served:
        yield served


@pytest.fixture(params=["local", "s3"])
def served(request: pytest.FixtureRequest) -> Served:
    """A server, once over a folder and once over S3."""
    return request.getfixturevalue(f"served_{request.param}")


@pytest.fixture
def terminal(settings: Settings) -> Terminal:
    """A terminal with an empty home."""
    return Terminal(settings.home_path)
