"""What the store notes on every record: when and by which import it was created, and changed last."""

CHANGED = ("updated_at", "updated_by_import")
BOOKKEEPING = ("created_at", "created_by_import", *CHANGED)


def bookkeeping(import_id: str, *columns: str) -> str:
    """SQL of what the store itself notes on a record that is written now, by an import whose id is SQL."""
    return ", ".join(f"{'$now::TIMESTAMP' if name.endswith('_at') else import_id} AS {name}" for name in columns)
