"""Empty record stores of each kind, on servers of their own, for the benchmarks that compare them."""

import contextlib
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr

from import_pipeline.settings import Settings, StoreKind
from import_pipeline_tests.servers import PostgresServer, S3Server, postgres_server, s3_server

KINDS: tuple[StoreKind, ...] = ("file", "postgres", "ducklake")


def settings_of(kind: StoreKind, home: Path, postgres: PostgresServer, s3: S3Server) -> Settings:
    """Settings of a home with an empty store of a kind."""
    if kind == "file":
        return Settings(home=home)
    url = postgres.new_database().replace("+psycopg", "")
    if kind == "postgres":
        return Settings(home=home, store_url=SecretStr(url))
    return Settings(
        home=home,
        store_url=SecretStr(f"ducklake:{url}"),
        store_data=f"s3://{s3.bucket}/{secrets.token_hex(8)}",
        store_data_endpoint=s3.endpoint,
        store_data_key=SecretStr(s3.key),
        store_data_secret=SecretStr(s3.secret),
    )


def as_environment(settings: Settings) -> dict[str, str]:
    """The environment variables that say the same, for further processes."""
    values = settings.model_dump(
        include={"home", *(name for name in Settings.model_fields if name.startswith("store"))}
    )
    shown = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in values.items()
        if value is not None
    }
    return {f"IMPORT_PIPELINE_{name.upper()}": value for name, value in shown.items()}


@contextlib.contextmanager
def servers() -> Iterator[tuple[PostgresServer, S3Server]]:
    """PostgreSQL and S3, while the block runs."""
    with (
        tempfile.TemporaryDirectory(prefix="stores-s3-", dir="/tmp") as folder,
        postgres_server() as postgres,
        s3_server(Path(folder) / "s3") as s3,
    ):
        yield postgres, s3
