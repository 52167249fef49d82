"""Mappings that a person confirmed, by the header row that they are for."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "remembered_mappings",
        sa.Column("id", sa.String(24), primary_key=True),
        sa.Column("organization", sa.String(63), nullable=False),
        sa.Column("record_type", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("column_mapping", sa.JSON(), nullable=False),
        sa.Column("keep_unmapped", sa.Boolean(), nullable=False),
        sa.Column("import_id", sa.String(64), nullable=False),
        sa.Column("confirmed_by", sa.Text()),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=False),
        sa.Column("used_count", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
    )
    op.create_index(
        "mappings_by_header", "remembered_mappings", ["organization", "record_type", "fingerprint"], unique=True
    )


def downgrade() -> None:
    """Drop the table; what was confirmed is asked again."""
    op.drop_table("remembered_mappings")
