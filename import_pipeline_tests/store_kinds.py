"""The kinds of record store in tests: new empty stores of one kind, each removed when its test is done.

Which test runs on which kinds is decided in conftest.
"""

import contextlib
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal, get_args

from import_pipeline.settings import Settings
from import_pipeline_tests.servers import PostgresServer, S3Server

Kind = Literal["file", "postgres", "ducklake"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Stores:
    """New stores of one kind.

    Args:
        kind: The kind.
        postgres: Gives the server that stores on PostgreSQL and on DuckLake need; it is started when it is asked for.
        s3: Gives the server on which the data of stores on DuckLake lie.
    """

    def __init__(self, kind: Kind, postgres: Callable[[], PostgresServer], s3: Callable[[], S3Server]) -> None:
        self.kind = kind
        self._postgres = postgres
        self._s3 = s3

    @contextlib.contextmanager
    def new(self) -> Iterator[dict[str, str]]:
        """An empty store, which no other test has, as long as the block runs; gives the environment that names it."""
        if self.kind == "file":  # lies in the home
            yield {}
            return
        server = self._postgres()
        with server.temporary_database("records") as url:
            if self.kind == "postgres":
                yield {"IMPORT_PIPELINE_STORE_URL": url}
                return
            s3 = self._s3()
            yield {
                "IMPORT_PIPELINE_STORE_URL": f"ducklake:{url}",
                "IMPORT_PIPELINE_STORE_DATA": f"s3://{s3.bucket}/{secrets.token_hex(8)}",
                "IMPORT_PIPELINE_STORE_DATA_ENDPOINT": s3.endpoint,
                "IMPORT_PIPELINE_STORE_DATA_KEY": s3.key,
                "IMPORT_PIPELINE_STORE_DATA_SECRET": s3.secret,
            }

    @contextlib.contextmanager
    def new_settings(self, home: Path) -> Iterator[Settings]:
        """Settings of a home with an empty store."""
        with self.new() as environment:
            yield settings_of(home, environment)


def settings_of(home: Path, environment: Mapping[str, str]) -> Settings:
    """The settings of a home whose record store the environment names."""
    named = {name.removeprefix("IMPORT_PIPELINE_").lower(): value for name, value in environment.items()}
    return Settings.model_validate({"home": home, **named})
