"""Record stores as tables of PostgreSQL: a schema for each organization, and one of views for applications.

`store_<organization>` has the tables as the pipeline needs them; `org_<organization>` has a view of each record type
without bookkeeping, through which nothing can be written. Who may read the views is the administrator's affair.
"""

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from import_pipeline.sql import literal, quote, quoted_list
from import_pipeline.stores.digests import DIGEST
from import_pipeline.stores.record_stores.address import Address
from import_pipeline.stores.record_stores.interface import Touchable
from import_pipeline.stores.record_stores.server_store import LONGEST_NAME, SECRET, server_name
from import_pipeline.stores.record_stores.sessions import session
from import_pipeline.stores.record_tables import STORE, purpose

if TYPE_CHECKING:
    import duckdb
    import psycopg

    from import_pipeline.record_types.record_type import RecordType

_LEFT_OUT_OF_VIEWS = ("created_by_import", "updated_by_import", DIGEST)
_INDEXED = ("id", "import_id", "mark_sequence")
"""The columns of all tables by which rows are looked up."""


class PostgresKind:
    """Tables in PostgreSQL."""

    name = "postgres"
    extensions = ("postgres_scanner",)
    touchable = Touchable()
    grows_untidy = False

    def __init__(self, organization: str) -> None:
        self._organization = organization
        self.schema = server_name("store", organization)
        self.views = server_name("org", organization)

    def admit(self, connection: "duckdb.DuckDBPyConnection") -> None:
        """Only the secret of the server is needed."""

    def attaching(self, address: Address, *, write: bool) -> str:
        """ATTACH of the schema alone."""
        mode = "READ_WRITE" if write else "READ_ONLY"
        return (
            f"ATTACH {literal(address.without_secrets())} AS {STORE} "
            f"(TYPE postgres, SECRET {SECRET}, SCHEMA {literal(self.schema)}, {mode})"
        )

    def forget_columns(self, connection: "duckdb.DuckDBPyConnection") -> None:
        """The extension keeps what it read once of a table."""
        connection.execute("CALL pg_clear_cache()")

    def make_place(self, address: Address) -> None:
        """Say on the schemas whose they are."""
        whose = f"of the organization {self._organization}"
        with session(address) as connection:
            if not _exists(connection, self.views):
                connection.execute(f"CREATE SCHEMA {quote(self.views)}".encode())
            _comment(
                connection, f"SCHEMA {quote(self.views)}", f"Records {whose}, for reading, kept by import-pipeline."
            )
            kept = f"Records {whose} with history and marks, written by import-pipeline alone."
            _comment(connection, f"SCHEMA {quote(self.schema)}", kept)

    def furnish(
        self, address: Address, connection: "duckdb.DuckDBPyConnection", tables: "Mapping[str, RecordType | None]"
    ) -> None:
        """Indexes, views and comments."""
        with session(address) as server:
            columns, shown = _columns(server, self.schema), _columns(server, self.views)
            indexes, commented = _indexes(server, self.schema), _commented(server, self.schema)
            for table, record_type in tables.items():
                named = f"{quote(self.schema)}.{quote(table)}"
                for column in (one for one in _INDEXED if one in columns[table]):
                    index = index_name(table, column)
                    if index not in indexes:
                        server.execute(f"CREATE INDEX {quote(index)} ON {named} ({quote(column)})".encode())
                if record_type is not None and table == record_type.table:
                    self._show(server, record_type, columns[table], shown.get(table, []))
                if table not in commented:
                    _comment(server, f"TABLE {named}", purpose(table, record_type))

    def keep_house(self, connection: "duckdb.DuckDBPyConnection") -> None:
        """PostgreSQL vacuums by itself."""

    def _show(
        self, server: "psycopg.Connection", record_type: "RecordType", columns: list[str], known: list[str]
    ) -> None:
        """Make the view of a record type anew, with columns that came later at its end, as a view demands it."""
        view = f"{quote(self.views)}.{quote(record_type.table)}"
        shown = [name for name in columns if name not in _LEFT_OUT_OF_VIEWS]
        ordered = [name for name in known if name in shown] + [name for name in shown if name not in known]
        if ordered == known:
            return
        # what a WITH gives cannot be written through a view, and does not keep conditions from the table's indexes
        server.execute(
            f"""
            CREATE OR REPLACE VIEW {view} AS
            WITH records AS NOT MATERIALIZED (
                SELECT {quoted_list(ordered)} FROM {quote(self.schema)}.{quote(record_type.table)}
            )
            SELECT * FROM records
            """.encode()
        )
        _comment(server, f"VIEW {view}", f"{purpose(record_type.table, record_type)} For reading.")
        for field in record_type.fields:
            if field.name in ordered and (field.description or field.reference):
                of_record = f"The id of a {field.reference}." if field.reference else ""
                _comment(server, f"COLUMN {view}.{quote(field.name)}", f"{field.description or ''} {of_record}".strip())


def index_name(table: str, column: str) -> str:
    """The name of the index on a column, in the 63 letters that PostgreSQL takes.

    >>> index_name("contacts", "id")
    'contacts.id'
    """
    name = f"{table}.{column}"
    if len(name.encode()) <= LONGEST_NAME:
        return name
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def _indexes(server: "psycopg.Connection", schema: str) -> set[str]:
    found = server.execute("SELECT indexname::text FROM pg_indexes WHERE schemaname = %s", [schema])
    return {name for (name,) in found.fetchall()}


def _exists(server: "psycopg.Connection", schema: str) -> bool:
    return server.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema]).fetchone() is not None


def _columns(server: "psycopg.Connection", schema: str) -> dict[str, list[str]]:
    """Table or view of a schema → its columns, in their order."""
    found = server.execute(
        """
        SELECT pg_class.relname::text, array_agg(attname::text ORDER BY attnum)
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = to_regnamespace(%s) AND relkind IN ('r', 'v') AND attnum > 0 AND NOT attisdropped
        GROUP BY pg_class.relname
        """,
        [quote(schema)],
    )
    return dict(found.fetchall())


def _commented(server: "psycopg.Connection", schema: str) -> set[str]:
    found = server.execute(
        """
        SELECT relname::text FROM pg_class
        WHERE relnamespace = to_regnamespace(%s) AND obj_description(oid, 'pg_class') IS NOT NULL
        """,
        [quote(schema)],
    )
    return {name for (name,) in found.fetchall()}


def _comment(server: "psycopg.Connection", what: str, text: str) -> None:
    server.execute(f"COMMENT ON {what} IS {_pg_literal(text)}".encode())


def _pg_literal(text: str) -> str:
    """A text as PostgreSQL reads it, whatever it makes of backslashes."""
    return " E" + literal(text.replace("\\", "\\\\")) if "\\" in text else literal(text)
