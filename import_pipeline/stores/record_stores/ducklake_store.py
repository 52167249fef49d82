"""Record stores on DuckLake: the catalog in a schema of PostgreSQL, the data as Parquet files below a prefix on S3.

Small writes are kept in the catalog; the daily house keeping writes them out, joins files, and lets go of former
states of the store, which nobody reads: the history of records is in the store's own tables.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from import_pipeline.errors import SettingsError
from import_pipeline.settings import Settings
from import_pipeline.sql import literal
from import_pipeline.stores.record_stores.address import Address
from import_pipeline.stores.record_stores.interface import Touchable
from import_pipeline.stores.record_stores.server_store import SECRET, create_secret, server_name
from import_pipeline.stores.record_tables import STORE, purpose, store_table

if TYPE_CHECKING:
    import duckdb

    from import_pipeline.record_types.record_type import RecordType

INLINED_ROWS = 1_000
"""So many rows of one write at most stay in the catalog rather than in a file of their own."""
KEPT = "INTERVAL 1 DAY"
"""How long former states stay, so that whoever reads one for long still finds its files."""
_DATA_SECRET = "record_data"  # noqa: S105 - what DuckDB calls it


class DuckLakeKind:
    """Tables on DuckLake."""

    name = "ducklake"
    extensions = ("postgres_scanner", "httpfs", "ducklake")
    grows_untidy = True

    def __init__(self, settings: Settings, organization: str) -> None:
        self._settings = settings
        self.schema = server_name("lake", organization)
        self.data = f"{(settings.store_data or '').rstrip('/')}/{organization}/"
        self.touchable = Touchable(folders=(self.data,))

    def admit(self, connection: "duckdb.DuckDBPyConnection") -> None:
        """Give the instance the keys of S3, for this prefix alone."""
        create_secret(connection, _DATA_SECRET, "s3", _s3(self._settings) | {"scope": self.data})

    def attaching(self, address: Address, *, write: bool) -> str:
        """ATTACH of the catalog's schema, with the data."""
        options = [
            f"METADATA_SCHEMA {literal(self.schema)}",
            f"META_SECRET {literal(SECRET)}",
            f"DATA_PATH {literal(self.data)}",
            f"DATA_INLINING_ROW_LIMIT {INLINED_ROWS}",
        ]
        if not write:
            options.append("READ_ONLY")
        return f"ATTACH {literal('ducklake:postgres:' + address.without_secrets())} AS {STORE} ({', '.join(options)})"

    def forget_columns(self, connection: "duckdb.DuckDBPyConnection") -> None:
        """Each transaction sees the catalog as it is."""

    def make_place(self, address: Address) -> None:
        """The first attaching makes the catalog."""

    def furnish(
        self, address: Address, connection: "duckdb.DuckDBPyConnection", tables: "Mapping[str, RecordType | None]"
    ) -> None:
        """Comments."""
        commented = f"SELECT table_name FROM duckdb_tables() WHERE database_name = {literal(STORE)} AND comment <> ''"
        lacking = set(tables) - {table for (table,) in connection.execute(commented).fetchall()}
        connection.execute("BEGIN TRANSACTION")
        for table in sorted(lacking):
            told = literal(purpose(table, tables[table]))
            connection.execute(f"COMMENT ON TABLE {store_table(table)} IS {told}")
        connection.execute("COMMIT")

    def keep_house(self, connection: "duckdb.DuckDBPyConnection") -> None:
        """Write out what is inlined, join files, and forget former states with the files that only they had."""
        before = f"now() - {KEPT}"
        for step in (
            f"ducklake_flush_inlined_data({literal(STORE)})",
            f"ducklake_rewrite_data_files({literal(STORE)})",
            f"ducklake_merge_adjacent_files({literal(STORE)})",
            f"ducklake_expire_snapshots({literal(STORE)}, older_than => {before})",
            f"ducklake_cleanup_old_files({literal(STORE)}, older_than => {before})",
            f"ducklake_delete_orphaned_files({literal(STORE)}, older_than => {before})",
        ):
            connection.execute(f"CALL {step}")


def _s3(settings: Settings) -> dict[str, Any]:
    """How the data's S3 server is reached: as set for it, else as the bucket's.

    Raises:
        SettingsError: No keys are to be found.
    """
    endpoint = settings.store_data_endpoint or settings.bucket_endpoint
    key, secret = settings.store_data_key, settings.store_data_secret
    if key is None:
        key, secret = settings.bucket_key, settings.bucket_secret
    if key is not None and secret is not None:
        keys: dict[str, Any] = {"key_id": key.get_secret_value(), "secret": secret.get_secret_value()}
    else:
        keys = _keys_of_machine()
    if endpoint is None:
        return keys
    url = urlsplit(endpoint)
    # servers other than AWS know buckets by path
    return keys | {"endpoint": url.netloc, "use_ssl": url.scheme != "http", "url_style": "path"}


def _keys_of_machine() -> dict[str, Any]:
    """The keys that AWS's own programs would use here: environment, profile or role."""
    from botocore.session import get_session

    session = get_session()
    found = session.get_credentials()
    if found is None:
        raise SettingsError(
            "The data of the record store needs keys of S3. Set IMPORT_PIPELINE_STORE_DATA_KEY and "
            "IMPORT_PIPELINE_STORE_DATA_SECRET, or those of the bucket, or give this machine AWS keys."
        )
    frozen = found.get_frozen_credentials()
    region = session.get_config_variable("region") or "us-east-1"
    keys = {"key_id": frozen.access_key, "secret": frozen.secret_key, "region": region}
    return keys | ({"session_token": frozen.token} if frozen.token else {})
