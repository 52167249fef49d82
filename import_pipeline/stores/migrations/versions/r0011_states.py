"""What code decides by are columns: it moves out of the details of imports, which only people are shown."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_COLUMNS = (
    ("run_since", sa.BigInteger()),
    ("resume_phase", sa.String(20)),
    ("retry_at", sa.BigInteger()),
    ("lease_owner", sa.Text()),
    ("lease_until", sa.BigInteger()),
    ("writing_since", sa.BigInteger()),
    ("workspace_host", sa.Text()),
    ("accepting", sa.JSON(none_as_null=True)),
    ("waits_for", sa.String(64)),
    ("repeat_of", sa.String(64)),
    ("asked_repeat_of", sa.String(64)),
    ("retry_of", sa.String(64)),
    ("undoes", sa.String(64)),
    ("undone_by", sa.String(64)),
    ("upload_kind", sa.String(10)),
    ("upload_expires_at", sa.BigInteger()),
    ("upload_begun_at", sa.BigInteger()),
    ("page", sa.String(20)),
    ("page_state", sa.JSON(none_as_null=True)),
)
_MOVED = {
    "resume_from": "resume_phase",
    "attempts": "attempts",
    "retry_at": "retry_at",
    "waits_for": "waits_for",
    "same_bytes_as": "repeat_of",
    "same_bytes_before": "asked_repeat_of",
    "retry_of": "retry_of",
    "undoes": "undoes",
    "undone_by": "undone_by",
    "refused_sidecar": "sidecar_refused",
}
"""Key of the details → column."""
_GONE = (*_MOVED, "writing", "resumed_after", "upload", "columns", "page_003", "page_004", "deleted_page_004")
_AT_ONCE = 1_000


def upgrade() -> None:
    """Make the columns, and move what the details say into them."""
    with op.batch_alter_table("imports") as table:
        for name, kind in _COLUMNS:
            table.add_column(sa.Column(name, kind))
        table.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("sidecar_refused", sa.Boolean(), nullable=False, server_default="0"))
    op.create_index("imports_by_page", "imports", ["organization", "page", "number"])
    connection, last = op.get_bind(), 0
    # Whoever had them at work knew of no lease: they are taken for left behind, and go on.
    at_work = _TABLE.c.status == "processing"
    connection.execute(sa.update(_TABLE).where(at_work).values(lease_owner="an earlier version", lease_until=0))
    read = sa.text(
        "SELECT number, details, updated_at FROM imports WHERE number > :last ORDER BY number LIMIT :at_once"
    )
    while rows := connection.execute(read, {"last": last, "at_once": _AT_ONCE}).all():
        for number, details, updated_at in rows:
            known = json.loads(details) if isinstance(details, str) else details
            values = _columns_of(known, updated_at)
            if values:
                values["details"] = {name: value for name, value in known.items() if name not in _GONE}
                connection.execute(sa.update(_TABLE).where(_TABLE.c.number == number).values(**values))
        last = rows[-1].number


def downgrade() -> None:
    """Move the columns back into the details, and drop them; leases end."""
    connection = op.get_bind()
    for row in connection.execute(sa.select(_TABLE)).mappings().all():
        details = row["details"] | _details_of(row)
        connection.execute(sa.update(_TABLE).where(_TABLE.c.number == row["number"]).values(details=details))
    op.drop_index("imports_by_page", "imports")
    with op.batch_alter_table("imports") as table:
        for name in ("attempts", "sidecar_refused", *(name for name, _ in _COLUMNS)):
            table.drop_column(name)


_TABLE = sa.table(
    "imports",
    sa.column("number", sa.BigInteger()),
    sa.column("status", sa.String(20)),
    sa.column("details", sa.JSON()),
    sa.column("attempts", sa.Integer()),
    sa.column("sidecar_refused", sa.Boolean()),
    *(sa.column(name, kind) for name, kind in _COLUMNS),
)


def _columns_of(details: dict[str, Any], updated_at: int) -> dict[str, Any]:
    values = {column: details[key] for key, column in _MOVED.items() if details.get(key) is not None}
    if details.get("writing"):
        values["writing_since"] = updated_at
    if details.get("accepting"):
        values["accepting"] = details["accepting"]
    upload = details.get("upload")
    if upload:
        values["upload_kind"] = "starts" if upload.get("starts") else "guided"
        values["upload_expires_at"] = upload.get("expires_at")
        values["upload_begun_at"] = upload.get("begun_at")
    for page in ("page_003", "page_004"):
        if page in details:
            values |= {"page": page, "page_state": details[page]}
    if "deleted_page_004" in details:
        values["page_state"] = details["deleted_page_004"]
    if "columns" in details:
        values["page_state"] = values.get("page_state", {}) | {"columns": details["columns"]}
    return values


def _details_of(row: Any) -> dict[str, Any]:
    details: dict[str, Any] = {key: row[column] for key, column in _MOVED.items() if row[column]}
    if row["writing_since"] is not None:
        details["writing"] = True
    if row["upload_kind"] is not None:
        upload = {"starts": row["upload_kind"] == "starts", "expires_at": row["upload_expires_at"]}
        begun = {} if row["upload_begun_at"] is None else {"begun_at": row["upload_begun_at"]}
        details["upload"] = upload | begun
    state = dict(row["page_state"] or {})
    if "columns" in state:
        details["columns"] = state.pop("columns")
    if row["page"] is not None:
        details[row["page"]] = state
    elif state:
        details["deleted_page_004"] = state
    return details
