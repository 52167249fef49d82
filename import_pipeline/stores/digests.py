"""The digest of a record: a number that every writing import leaves beside it, so that a change by hand shows later.

Only the SQL of the digest belongs here. It skips empty columns, so a field that a record type gains later changes none.
"""

from collections.abc import Iterable

from import_pipeline.sql import literal, quote

DIGEST = "digest"
DIGEST_TYPE = "UBIGINT"


def digest_sql(columns: Iterable[str], alias: str = "") -> str:
    r"""SQL of the digest of a record.

    DuckDB's hash may differ between its versions: whoever compares digests looks at the engine in the import's mark.

    Args:
        columns: The columns of the record that are at hand; one that is left out counts as empty.
        alias: The table alias before each column, if one is needed.

    >>> digest_sql(["id"])
    'xor(0::UBIGINT, CASE WHEN "id" IS NULL THEN 0::UBIGINT ELSE hash('id', "id") END)'
    """
    digest = f"0::{DIGEST_TYPE}"
    for name in columns:
        if name != DIGEST:
            cell = f"{alias}.{quote(name)}" if alias else quote(name)
            digest = (
                f"xor({digest}, CASE WHEN {cell} IS NULL THEN 0::{DIGEST_TYPE} ELSE hash({literal(name)}, {cell}) END)"
            )
    return digest
