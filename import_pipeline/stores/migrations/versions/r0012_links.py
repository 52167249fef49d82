"""Links that open the page once, and the sessions that come of them: tokens of another kind."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and the columns by which a session is told from a token."""
    op.create_table(
        "links",
        sa.Column("id", sa.String(24), primary_key=True),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("organization", sa.String(63), nullable=False),
        sa.Column("scope", sa.String(10), nullable=False),
        sa.Column("import_id", sa.String(64), sa.ForeignKey("imports.id", ondelete="CASCADE")),
        sa.Column("origin", sa.Text()),
        sa.Column("brand", sa.JSON(none_as_null=True)),
        sa.Column("name", sa.Text()),
        sa.Column("created_by", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
    )
    op.create_index("links_by_organization", "links", ["organization", "created_at"])
    op.create_index("links_by_import", "links", ["import_id"])
    op.add_column("tokens", sa.Column("kind", sa.String(10), nullable=False, server_default="token"))
    op.add_column("tokens", sa.Column("import_id", sa.String(64)))
    op.add_column("tokens", sa.Column("link_id", sa.String(24)))
    op.create_index("tokens_by_link", "tokens", ["link_id"])


def downgrade() -> None:
    """End all sessions: without these columns one for a single import would reach its whole organization."""
    op.execute("DELETE FROM tokens WHERE kind <> 'token'")
    op.drop_index("tokens_by_link", "tokens")
    for name in ("link_id", "import_id", "kind"):
        op.drop_column("tokens", name)
    op.drop_table("links")
