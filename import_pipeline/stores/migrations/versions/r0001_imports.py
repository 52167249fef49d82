"""Imports, their phases, and claims."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "imports",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("organization", sa.String(63), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("upload_mode", sa.String(20), nullable=False),
        sa.Column("file_name", sa.Text()),
        sa.Column("content_type", sa.Text()),
        sa.Column("checksum", sa.Text()),
        sa.Column("size_bytes", sa.BigInteger()),
        sa.Column("object_key", sa.Text()),
        sa.Column("object_version", sa.Text()),
        sa.Column("total_rows", sa.BigInteger()),
        sa.Column("processed_rows", sa.BigInteger(), nullable=False),
        sa.Column("created_count", sa.BigInteger(), nullable=False),
        sa.Column("updated_count", sa.BigInteger(), nullable=False),
        sa.Column("unchanged_count", sa.BigInteger(), nullable=False),
        sa.Column("skipped_count", sa.BigInteger(), nullable=False),
        sa.Column("deleted_count", sa.BigInteger(), nullable=False),
        sa.Column("failed_count", sa.BigInteger(), nullable=False),
        sa.Column("overwritten_count", sa.BigInteger(), nullable=False),
        sa.Column("has_upload_file", sa.Boolean(), nullable=False),
        sa.Column("has_errors_file", sa.Boolean(), nullable=False),
        sa.Column("run_id", sa.Text()),
        sa.Column("supersedes", sa.String(64)),
        sa.Column("created_by", sa.Text()),
        sa.Column("updated_by", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sqlite_autoincrement=True,
    )
    op.create_index("imports_by_status", "imports", ["status", "organization", "number"])
    op.create_index("imports_by_organization", "imports", ["organization", "number"])
    op.create_index("imports_by_object", "imports", ["object_key", "number"])
    op.create_table(
        "phases",
        sa.Column("import_id", sa.String(64), sa.ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("mode", sa.String(20), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("total", sa.BigInteger()),
        sa.Column("processed", sa.BigInteger(), nullable=False),
        sa.Column("success", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
    )
    op.create_table(
        "claims",
        sa.Column("kind", sa.String(10), primary_key=True),
        sa.Column("key_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("import_id", sa.String(64), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    """Drop the three tables."""
    op.drop_table("claims")
    op.drop_table("phases")
    op.drop_table("imports")
