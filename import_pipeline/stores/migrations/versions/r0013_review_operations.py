"""Corrections become versions: each belongs to an operation of a review, which can be undone."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of operations; what was corrected of an import so far is one."""
    op.create_table(
        "review_operations",
        sa.Column("import_id", sa.String(64), sa.ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("cells", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("characters", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("undone_by", sa.Text()),
        sa.Column("undone_at", sa.BigInteger()),
    )
    op.create_index("review_operations_changed", "review_operations", ["import_id", "changed"])
    op.rename_table("corrections", "former_corrections")
    op.create_table(
        "corrections",
        sa.Column("import_id", sa.String(64), sa.ForeignKey("imports.id", ondelete="CASCADE"), nullable=False),
        sa.Column("operation", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("row_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("column_name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.PrimaryKeyConstraint("import_id", "operation", "row_number", "column_name", name="corrections_key"),
    )
    op.execute(
        """
        INSERT INTO review_operations
            (import_id, number, changed, kind, text, cells, rows, characters, created_by, created_at)
        SELECT import_id, 1, 1, 'edit', 'Edited cells', count(*), count(DISTINCT row_number),
            coalesce(sum(length(text)), 0), max(corrected_by), max(corrected_at)
        FROM former_corrections GROUP BY import_id
        """
    )
    op.execute(
        """
        INSERT INTO corrections (import_id, operation, row_number, column_name, text)
        SELECT import_id, 1, row_number, column_name, nullif(text, '')
        FROM former_corrections AS given
        WHERE column_number = (
            SELECT max(column_number) FROM former_corrections AS other
            WHERE other.import_id = given.import_id AND other.row_number = given.row_number
                AND other.column_name = given.column_name
        )
        """
    )
    op.drop_table("former_corrections")


def downgrade() -> None:
    """Keep the last text of each cell; rows that were left out are no longer."""
    op.rename_table("corrections", "former_corrections")
    op.create_table(
        "corrections",
        sa.Column("import_id", sa.String(64), sa.ForeignKey("imports.id", ondelete="CASCADE"), nullable=False),
        sa.Column("row_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("column_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("column_name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("corrected_by", sa.Text()),
        sa.Column("corrected_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "row_number", "column_number", name="former_corrections_key"),
    )
    op.execute(
        """
        INSERT INTO corrections
            (import_id, row_number, column_number, column_name, text, corrected_by, corrected_at)
        SELECT given.import_id, given.row_number,
            row_number() OVER (PARTITION BY given.import_id, given.row_number ORDER BY given.column_name),
            given.column_name, given.text, review_operations.created_by, review_operations.created_at
        FROM former_corrections AS given
        JOIN review_operations ON review_operations.import_id = given.import_id
            AND review_operations.number = given.operation
        WHERE given.column_name <> '' AND given.operation = (
            SELECT max(operation) FROM former_corrections AS other
            WHERE other.import_id = given.import_id AND other.row_number = given.row_number
                AND other.column_name = given.column_name
        )
        """
    )
    op.drop_table("former_corrections")
    op.drop_table("review_operations")
