"""How soon a connection to PostgreSQL is given up whose other end is gone, told to both ends of it.

Without it a host that is cut off keeps its transactions, and with them rows and locks that others wait for, for two
hours. So a lost end is noticed within half a minute: by questions where nothing is said, and by a bound on how long
what was said may stay without an answer.
"""

from typing import Any

from sqlalchemy import URL, Engine, event

_IDLE_SECONDS, _INTERVAL_SECONDS, _QUESTIONS, _UNANSWERED_SECONDS = 10, 5, 3, 30
CLIENT = {
    "keepalives_idle": str(_IDLE_SECONDS),
    "keepalives_interval": str(_INTERVAL_SECONDS),
    "keepalives_count": str(_QUESTIONS),
    "tcp_user_timeout": str(_UNANSWERED_SECONDS * 1_000),
}
"""Options of libpq."""
SERVER = {
    "tcp_keepalives_idle": str(_IDLE_SECONDS),
    "tcp_keepalives_interval": str(_INTERVAL_SECONDS),
    "tcp_keepalives_count": str(_QUESTIONS),
    "tcp_user_timeout": str(_UNANSWERED_SECONDS * 1_000),
}
"""Settings of a session on the server."""


def options_of(url: URL) -> dict[str, str]:
    """The options with which a connection is made: what the URL says itself, it decides."""
    return {name: value for name, value in CLIENT.items() if name not in url.query}


def tell_server(engine: Engine) -> None:
    """Have each new connection of an engine tell the server."""
    event.listen(engine, "connect", _tell)


def _tell(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        settings = ", ".join("set_config(%s, %s, false)" for _ in SERVER)
        cursor.execute(f"SELECT {settings}", [part for setting in SERVER.items() for part in setting])
    connection.commit()
