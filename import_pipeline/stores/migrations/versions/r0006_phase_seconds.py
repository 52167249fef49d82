"""How long a phase took, to the fraction: its beginning and end are whole seconds."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of phases that have ended before it stays empty."""
    op.add_column("phases", sa.Column("seconds", sa.Float()))


def downgrade() -> None:
    """Drop the column."""
    with op.batch_alter_table("phases") as table:
        table.drop_column("seconds")
