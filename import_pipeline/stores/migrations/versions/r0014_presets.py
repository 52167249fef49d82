"""Links that begin an import when they are opened, from the spec that they carry."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the column of what is begun."""
    op.add_column("links", sa.Column("preset", sa.JSON(none_as_null=True)))


def downgrade() -> None:
    """Delete links that began nothing yet: without this column they would open their whole organization."""
    op.execute("DELETE FROM links WHERE preset IS NOT NULL AND import_id IS NULL")
    op.drop_column("links", "preset")
