"""Where a record store's PostgreSQL server is, as `IMPORT_PIPELINE_STORE_URL` says it."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from import_pipeline.errors import SettingsError
from import_pipeline.settings import Settings
from import_pipeline.stores import keepalives

_NEVER_SECRET = (
    "channel_binding",
    "connect_timeout",
    "gssencmode",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "target_session_attrs",
    "tcp_user_timeout",
)
"""The options of libpq that may follow the address; none of them is a secret."""
_USUAL = {"connect_timeout": "10"} | keepalives.CLIENT


@dataclass(frozen=True)
class Address:
    """A database of a PostgreSQL server.

    Attributes:
        parts: What libpq needs to find it and to be let in, by libpq's names; with the password.
        options: How libpq connects.
    """

    parts: tuple[tuple[str, str], ...] = field(repr=False)
    options: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """How people are told of it: without user and password."""
        parts = dict(self.parts)
        return f"{parts.get('host', 'localhost')}:{parts.get('port', '5432')}/{parts.get('dbname', '')}"

    def for_libpq(self) -> dict[str, Any]:
        """All of it, as psycopg takes it."""
        return dict(self.parts) | dict(self.options)

    def with_server_settings(self, settings: Mapping[str, str]) -> "Address":
        """The same server, where sessions begin with settings of their own; names and values have no blanks."""
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        return replace(self, options=(*self.options, ("options", options)))

    def without_secrets(self) -> str:
        """The options alone, as a connection string of libpq."""
        written = (f"{name}='{_escaped(value)}'" for name, value in self.options)
        return " ".join(written)


def address_of(settings: Settings) -> Address:
    """The server of the settings.

    Raises:
        SettingsError: The URL has an option that is not taken, or a port that is no number.
    """
    assert settings.store_url is not None
    url = urlsplit(settings.store_url.get_secret_value().removeprefix("ducklake:"))
    try:
        port = url.port
    except ValueError:
        raise SettingsError("IMPORT_PIPELINE_STORE_URL cannot be used: its port is no number.") from None
    given = {
        "host": unquote(url.hostname or ""),
        "port": str(port or ""),
        "dbname": unquote(url.path.removeprefix("/")),
        "user": unquote(url.username or ""),
        "password": unquote(url.password or ""),
    }
    options = dict(parse_qsl(url.query))
    unknown = sorted(set(options) - set(_NEVER_SECRET))
    if unknown:
        raise SettingsError(
            f"IMPORT_PIPELINE_STORE_URL cannot be used: {', '.join(unknown)} may not follow the address. "
            f"Only these may: {', '.join(_NEVER_SECRET)}."
        )
    usual = _USUAL | {"application_name": application_name()}
    return Address(tuple((name, value) for name, value in given.items() if value), tuple((usual | options).items()))


def application_name() -> str:
    """How the server's list of sessions, and whoever waits for this process, calls it."""
    return f"import-pipeline process {os.getpid()} on {socket.gethostname()}"[:63]


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")
