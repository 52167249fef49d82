"""Which results of an import lie in the bucket, and the cells that a person corrected while it waited."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "published",
        sa.Column("import_id", sa.String(64), sa.ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("total_rows", sa.BigInteger(), nullable=False),
        sa.Column("has_rows", sa.Boolean(), nullable=False),
        sa.Column("has_defects", sa.Boolean(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "corrections",
        sa.Column("import_id", sa.String(64), sa.ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("row_number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("column_number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("column_name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("corrected_by", sa.Text()),
        sa.Column("corrected_at", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("corrections")
    op.drop_table("published")
