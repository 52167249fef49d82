"""Saved schemas have UUIDs for ids, as clients of page 004 read them; ids that are there stay."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room."""
    with op.batch_alter_table("schemas") as table:
        table.alter_column("id", existing_type=sa.String(24), type_=sa.String(36), existing_nullable=False)


def downgrade() -> None:
    """Take the room back; UUIDs do not fit in it."""
    with op.batch_alter_table("schemas") as table:
        table.alter_column("id", existing_type=sa.String(36), type_=sa.String(24), existing_nullable=False)
