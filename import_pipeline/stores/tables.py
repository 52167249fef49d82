"""The tables of the registry, in the words that SQLite and PostgreSQL share.

Only tables, their indexes, and what it takes to state a long list or an insertion to either database belong here.
A new registry has them made from here; a change needs a revision in `stores.migrations` for those that are there: a
test compares the two.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

metadata = MetaData()

imports = Table(
    "imports",
    metadata,
    # The order in which imports came: seconds alone would leave it open.
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("organization", String(63), nullable=False),
    Column("record_type", Text, nullable=False),
    Column("name", Text),
    Column("status", String(20), nullable=False),
    Column("reason", Text),
    Column("details", JSON, nullable=False),
    Column("spec", JSON, nullable=False),
    Column("source", String(20), nullable=False),
    Column("upload_mode", String(20), nullable=False),
    Column("file_name", Text),
    Column("content_type", Text),
    Column("checksum", Text),
    Column("size_bytes", BigInteger),
    Column("object_key", Text),
    Column("object_version", Text),
    Column("total_rows", BigInteger),
    Column("processed_rows", BigInteger, nullable=False),
    Column("created_count", BigInteger, nullable=False),
    Column("updated_count", BigInteger, nullable=False),
    Column("unchanged_count", BigInteger, nullable=False),
    Column("skipped_count", BigInteger, nullable=False),
    Column("deleted_count", BigInteger, nullable=False),
    Column("failed_count", BigInteger, nullable=False),
    Column("overwritten_count", BigInteger, nullable=False),
    Column("has_upload_file", Boolean, nullable=False),
    Column("has_errors_file", Boolean, nullable=False),
    Column("run_id", Text),
    # What decides how it goes on; see the fields of the same names in `import_record`.
    Column("run_since", BigInteger),
    Column("resume_phase", String(20)),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("retry_at", BigInteger),
    Column("lease_owner", Text),
    Column("lease_until", BigInteger),
    Column("writing_since", BigInteger),
    Column("workspace_host", Text),
    Column("accepting", JSON(none_as_null=True)),
    Column("supersedes", String(64)),
    Column("waits_for", String(64)),
    Column("repeat_of", String(64)),
    Column("asked_repeat_of", String(64)),
    Column("retry_of", String(64)),
    Column("undoes", String(64)),
    Column("undone_by", String(64)),
    Column("sidecar_refused", Boolean, nullable=False, server_default="0"),
    Column("upload_kind", String(10)),
    Column("upload_expires_at", BigInteger),
    Column("upload_begun_at", BigInteger),
    Column("page", String(20)),
    Column("page_state", JSON(none_as_null=True)),
    Column("created_by", Text),
    Column("updated_by", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("ended_at", BigInteger),
    Index("imports_by_status", "status", "organization", "number"),
    Index("imports_by_organization", "organization", "number"),
    Index("imports_by_object", "object_key", "number"),
    Index("imports_by_page", "organization", "page", "number"),
    sqlite_autoincrement=True,
)

COUNTERS = (
    "processed_rows",
    "created_count",
    "updated_count",
    "unchanged_count",
    "skipped_count",
    "deleted_count",
    "failed_count",
    "overwritten_count",
)

phases = Table(
    "phases",
    metadata,
    Column("import_id", String(64), ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", String(20), nullable=False),
    Column("mode", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    Column("total", BigInteger),
    Column("processed", BigInteger, nullable=False),
    Column("success", BigInteger, nullable=False),
    Column("error", BigInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("seconds", Float),
)

# No foreign key to imports: a claim outlives its import when finished imports are cleared away.
claims = Table(
    "claims",
    metadata,
    Column("kind", String(10), primary_key=True),
    Column("key_hash", LargeBinary(32), primary_key=True),
    Column("key", Text, nullable=False),
    Column("import_id", String(64), nullable=False),
    Column("claimed_at", BigInteger, nullable=False),
)

# Of a token only its digest is kept; `id` is the part of it that is shown. A session is the token that a link gave.
tokens = Table(
    "tokens",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False),
    Column("organization", String(63), nullable=False),
    Column("scope", String(10), nullable=False),
    Column("name", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
    Column("kind", String(10), nullable=False, server_default="token"),
    Column("import_id", String(64)),
    Column("link_id", String(24)),
    Index("tokens_by_link", "link_id"),
)

# What opens the page once, for whoever has its secret, of which only the digest is kept.
links = Table(
    "links",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False),
    Column("organization", String(63), nullable=False),
    Column("scope", String(10), nullable=False),
    Column("import_id", String(64), ForeignKey("imports.id", ondelete="CASCADE")),
    Column("origin", Text),
    Column("brand", JSON(none_as_null=True)),
    Column("preset", JSON(none_as_null=True)),
    Column("name", Text),
    Column("created_by", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Index("links_by_organization", "organization", "created_at"),
    Index("links_by_import", "import_id"),
)

# When a token began an import, in milliseconds since the epoch; only the last minute counts.
creates = Table(
    "creates",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("token_id", String(16), ForeignKey("tokens.id", ondelete="CASCADE"), nullable=False),
    Column("taken_at", BigInteger, nullable=False),
    Index("creates_by_token", "token_id", "taken_at"),
)

# The answer itself is not kept, it may hold signed URLs: it is made anew from the import.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("organization", String(63), primary_key=True),
    Column("key_hash", LargeBinary(32), primary_key=True),
    Column("request_hash", LargeBinary(32), nullable=False),
    Column("import_id", String(64)),
    Column("created_at", BigInteger, nullable=False),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("organization", String(63), nullable=False),
    Column("url", Text, nullable=False),
    Column("events", JSON, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("webhooks_by_organization", "organization"),
)

# What is to be told to whom; next_attempt_at is empty once it was told or given up.
deliveries = Table(
    "deliveries",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("webhook_id", String(24), ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("import_id", String(64), nullable=False),
    Column("event", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", BigInteger),
    Column("delivered_at", BigInteger),
    Column("last_error", Text),
    Column("created_at", BigInteger, nullable=False),
    Index("deliveries_due", "next_attempt_at"),
    sqlite_autoincrement=True,
)

schemas = Table(
    "schemas",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("organization", String(63), nullable=False),
    Column("name", Text, nullable=False),
    Column("record_type", String(64), nullable=False),
    Column("fields", JSON, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("hooks", JSON, nullable=False),
    Column("created_by", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Index("schemas_by_record_type", "organization", "record_type", unique=True),
)

remembered_mappings = Table(
    "remembered_mappings",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("organization", String(63), nullable=False),
    Column("record_type", String(64), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("columns", JSON, nullable=False),
    Column("column_mapping", JSON, nullable=False),
    Column("keep_unmapped", Boolean, nullable=False),
    Column("import_id", String(64), nullable=False),
    Column("confirmed_by", Text),
    Column("confirmed_at", BigInteger, nullable=False),
    Column("used_count", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Index("mappings_by_header", "organization", "record_type", "fingerprint", unique=True),
)


# Which version of an import's results lies in the bucket.
published = Table(
    "published",
    metadata,
    Column("import_id", String(64), ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
    Column("version", String(16), nullable=False),
    Column("columns", JSON, nullable=False),
    Column("total_rows", BigInteger, nullable=False),
    Column("has_rows", Boolean, nullable=False),
    Column("has_defects", Boolean, nullable=False),
    Column("published_at", BigInteger, nullable=False),
)

# What a person did in a review, in the order in which it was done; `changed` counts what was done or undone.
review_operations = Table(
    "review_operations",
    metadata,
    Column("import_id", String(64), ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("changed", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("cells", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("characters", BigInteger, nullable=False),
    Column("created_by", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("undone_by", Text),
    Column("undone_at", BigInteger),
    Index("review_operations_changed", "import_id", "changed"),
)

# The texts that an operation gave cells; without a column's name: whether the row is left out.
corrections = Table(
    "corrections",
    metadata,
    Column("import_id", String(64), ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
    Column("operation", BigInteger, primary_key=True, autoincrement=False),
    Column("row_number", BigInteger, primary_key=True, autoincrement=False),
    Column("column_name", Text, primary_key=True),
    Column("text", Text),
    PrimaryKeyConstraint(name="corrections_key"),
)

# Numbers that only grow, each spread over slots: processes that end imports at once write different rows.
counters = Table(
    "counters",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("label", String(40), primary_key=True),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("value", Float, nullable=False),
)


def insert_new(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """INSERT that passes over rows whose key is there already."""
    return _insert(connection, table).on_conflict_do_nothing()


def insert_or_replace(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """INSERT that puts a row in the place of the one with the same key."""
    given = _insert(connection, table)
    keys = [column.name for column in table.primary_key]
    others = {column.name: given.excluded[column.name] for column in table.c if not column.primary_key}
    return given.on_conflict_do_update(index_elements=keys, set_=others)


def insert_or_add(connection: Connection, table: Table, column: str) -> "sqlite.Insert | postgresql.Insert":
    """INSERT that adds the number in one column to that of the row with the same key."""
    given = _insert(connection, table)
    keys = [column.name for column in table.primary_key]
    return given.on_conflict_do_update(index_elements=keys, set_={column: table.c[column] + given.excluded[column]})


def _insert(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """INSERT of the dialect in use, the only one that is loaded."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


def in_chunks(values: Sequence[T], size: int = 1_000) -> Iterator[Sequence[T]]:
    """Cut a long list into parts that fit the number of parameters one statement may have."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
