"""What record stores on a PostgreSQL server have in common, be it the tables or only their catalog that lies there.

The server has the locks, and in its schema `import_pipeline` the list of stores. What is in a store, and how DuckDB
reaches it, is said by its kind: `postgres_store.py`, `ducklake_store.py`.
"""

import hashlib
import re
from collections.abc import Hashable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TYPE_CHECKING, Protocol

from import_pipeline.errors import InvalidNameError, StoreAwayError, StoreBusyError, StoreError
from import_pipeline.settings import Settings
from import_pipeline.sql import literal, quote
from import_pipeline.stores import keepalives
from import_pipeline.stores.record_stores.address import Address, address_of
from import_pipeline.stores.record_stores.advisory_lock import advisory_lock, milliseconds
from import_pipeline.stores.record_stores.extensions import load_extension
from import_pipeline.stores.record_stores.interface import Touchable
from import_pipeline.stores.record_stores.passing import is_passing, is_waiting
from import_pipeline.stores.record_stores.sessions import session
from import_pipeline.stores.record_tables import STORE
from import_pipeline.words import ORGANIZATION_PATTERN

if TYPE_CHECKING:
    import duckdb

    from import_pipeline.record_types.record_type import RecordType

SECRET = "record_store"  # noqa: S105 - what DuckDB calls it
_LIST = 'import_pipeline."record_stores"'
_MAKING = 0x1A9013
"""PostgreSQL advisory lock under which one session makes the list; it ends with the session's use."""
LONGEST_NAME = 63
"""Letters of a name on the server."""


class ServerKind(Protocol):
    """What one kind of store on a server does its own way."""

    @property
    def name(self) -> str:
        """The kind, as the list of stores says it."""
        ...

    @property
    def schema(self) -> str:
        """The schema of the server in which the store lies."""
        ...

    @property
    def extensions(self) -> tuple[str, ...]:
        """DuckDB's extensions that it needs."""
        ...

    @property
    def touchable(self) -> Touchable:
        """What besides the server has to be reached."""
        ...

    @property
    def grows_untidy(self) -> bool:
        """Whether many small writes leave something that `keep_house` brings into order."""
        ...

    def admit(self, connection: "duckdb.DuckDBPyConnection") -> None:
        """Give an instance what it needs besides the secret of the server."""
        ...

    def attaching(self, address: Address, *, write: bool) -> str:
        """The statement that attaches the store."""
        ...

    def forget_columns(self, connection: "duckdb.DuckDBPyConnection") -> None:
        """Have an instance ask anew which columns tables have."""
        ...

    def make_place(self, address: Address) -> None:
        """Make what has to be there before the first attaching."""
        ...

    def furnish(
        self, address: Address, connection: "duckdb.DuckDBPyConnection", tables: "Mapping[str, RecordType | None]"
    ) -> None:
        """Give tables that were made or changed what only this kind has."""
        ...

    def keep_house(self, connection: "duckdb.DuckDBPyConnection") -> None:
        """Bring what many small writes left into a good order."""
        ...


def server_name(prefix: str, organization: str) -> str:
    """The name that an organization's schema has on the server: of those too long for it the end becomes a digest.

    Raises:
        InvalidNameError: The organization's name breaks its pattern.

    >>> server_name("org", "acme")
    'org_acme'
    """
    if not re.fullmatch(ORGANIZATION_PATTERN, organization):
        raise InvalidNameError("organization", organization, ORGANIZATION_PATTERN)
    name = f"{prefix}_{organization}"
    if len(name) <= LONGEST_NAME:
        return name
    digest = hashlib.sha256(organization.encode()).hexdigest()[:16]
    return f"{name[: LONGEST_NAME - 17]}.{digest}"  # no name of an organization has a dot


def organizations(settings: Settings) -> list[str]:
    """The organizations that have a store of the settings' kind, in the order of their names.

    Raises:
        StoreAwayError: The server does not answer.
    """
    with session(address_of(settings)) as connection:
        if connection.execute("SELECT to_regclass(%s)", [_LIST]).fetchone() == (None,):
            return []
        found = connection.execute(
            f"SELECT organization FROM {_LIST} WHERE kind = %s ORDER BY organization".encode(), [settings.store_kind]
        )
        return [organization for (organization,) in found.fetchall()]


def check(settings: Settings) -> None:
    """See that the server answers.

    Raises:
        StoreError: It does not.
    """
    with session(address_of(settings)) as connection:
        connection.execute("SELECT 1")


class ServerStore:
    """The record store of an organization on a server.

    Args:
        settings: Where the server is, and how long its lock is waited for.
        organization: Whose it is.
        kind: What is particular to its kind.
    """

    is_on_server = True

    def __init__(self, settings: Settings, organization: str, kind: ServerKind) -> None:
        self.organization = organization
        self._kind = kind
        self._address = address_of(settings)
        self._wait = settings.store_wait_seconds
        # a writer whose lock was lost may still be in its transaction: it is waited for no longer than for the lock
        limits = {"lock_timeout": f"{milliseconds(self._wait)}ms", **keepalives.SERVER}
        self._address_of_tables = self._address.with_server_settings(limits)

    @property
    def identity(self) -> Hashable:
        """The server with its database, the kind and the schema."""
        return (self._address, self._kind.name, self._kind.schema)

    def incarnation(self) -> object | None:
        """The number that the server gave the schema."""
        with session(self._address) as connection:
            found = connection.execute("SELECT oid FROM pg_namespace WHERE nspname = %s", [self._kind.schema])
            return next((oid for (oid,) in found.fetchall()), None)

    def held(self, *, exclusive: bool) -> AbstractContextManager[None]:
        """Hold the advisory lock."""
        what = f"{self._kind.name}/{self._kind.schema}"
        return advisory_lock(self._address, what, self.organization, exclusive=exclusive, wait_seconds=self._wait)

    @contextmanager
    def attached(self, connection: "duckdb.DuckDBPyConnection", *, write: bool) -> Iterator[None]:
        """Attach the store, unless the instance was admitted to it, and let go of it again."""
        with self._explained():
            if _is_attached(connection):
                yield
                return
            self._load(connection)
            connection.execute(self._kind.attaching(self._address_of_tables, write=write))
            try:
                yield
            except BaseException:  # an interruption, too, lets go of the store
                with suppress(Exception):  # what broke is told, not what it broke in turn
                    connection.execute(f"DETACH {STORE}")
                raise
            connection.execute(f"DETACH {STORE}")

    def admit(self, connection: "duckdb.DuckDBPyConnection") -> Touchable:
        """Attach the store for good: the extensions attach nothing once external access is gone."""
        with self._explained():
            self._load(connection)
            connection.execute(self._kind.attaching(self._address_of_tables, write=True))
        return self._kind.touchable

    def forget_columns(self, connection: "duckdb.DuckDBPyConnection") -> None:
        """As its kind keeps them."""
        self._kind.forget_columns(connection)

    def make_place(self) -> None:
        """Put the store on the list, and make what its kind needs."""
        with session(self._address) as connection:
            if connection.execute("SELECT to_regclass(%s)", [_LIST]).fetchone() == (None,):
                # Of two that make what is missing at once, the server refuses one whatever IF NOT EXISTS says.
                connection.execute("SELECT pg_advisory_lock(%s)", [_MAKING])
                connection.execute("CREATE SCHEMA IF NOT EXISTS import_pipeline")
                connection.execute(
                    f"""
                    CREATE TABLE IF NOT EXISTS {_LIST} (
                        kind text, organization text, schema text, PRIMARY KEY (kind, organization)
                    )
                    """.encode()
                )
            connection.execute(
                f"INSERT INTO {_LIST} VALUES (%s, %s, %s) ON CONFLICT DO NOTHING".encode(),
                [self._kind.name, self.organization, self._kind.schema],
            )
            if self.incarnation() is None:
                connection.execute(f"CREATE SCHEMA {quote(self._kind.schema)}".encode())
        self._kind.make_place(self._address)

    def furnish(self, connection: "duckdb.DuckDBPyConnection", tables: "Mapping[str, RecordType | None]") -> None:
        """What the kind adds."""
        with self._explained():
            self._kind.furnish(self._address, connection, tables)

    @property
    def grows_untidy(self) -> bool:
        """As its kind."""
        return self._kind.grows_untidy

    def keep_house(self, connection: "duckdb.DuckDBPyConnection") -> None:
        """What the kind does."""
        self._kind.keep_house(connection)

    def _load(self, connection: "duckdb.DuckDBPyConnection") -> None:
        """Load the extensions, and leave the instance the server's password as a secret that it shows nobody."""
        for name in self._kind.extensions:
            load_extension(connection, name)
        if connection.execute("SELECT current_setting('allow_persistent_secrets')").fetchone() != (False,):
            connection.execute("SET allow_persistent_secrets = false")  # settled for good by the first secret
        create_secret(connection, SECRET, "postgres", _named_for_secret(self._address))
        self._kind.admit(connection)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Have what passes by itself, and what no phase knows how to tell, said in our words."""
        import duckdb

        try:
            yield
        except duckdb.Error as error:
            if not is_passing(error):
                raise
            if is_waiting(error):
                raise StoreBusyError(self.organization, self._wait) from error
            raise StoreAwayError(
                f"The record store of organization {self.organization!r} on {self._address.name} did not go on: "
                f"{(str(error).strip().splitlines() or [''])[0]}. What was being written is not, or is whole; it is "
                "tried again.",
                organization=self.organization,
            ) from error


def create_secret(connection: "duckdb.DuckDBPyConnection", name: str, kind: str, values: Mapping[str, object]) -> None:
    """Give an instance a secret, in memory alone; what is secret in it is bound and stands in no statement.

    Raises:
        StoreError: DuckDB does not take it.
    """
    import duckdb

    listing = ", ".join(f"{option} ${option}" for option in values)
    try:
        connection.execute(f"CREATE OR REPLACE TEMPORARY SECRET {quote(name)} (TYPE {kind}, {listing})", dict(values))
    except duckdb.Error:
        raise StoreError(f"DuckDB takes no secret of the kind {kind} from the settings of the record store.") from None


def _named_for_secret(address: Address) -> dict[str, str]:
    names = {"dbname": "database"}
    return {names.get(name, name): value for name, value in address.parts}


def _is_attached(connection: "duckdb.DuckDBPyConnection") -> bool:
    found = connection.execute(f"SELECT 1 FROM duckdb_databases() WHERE database_name = {literal(STORE)}")
    return found.fetchone() is not None
