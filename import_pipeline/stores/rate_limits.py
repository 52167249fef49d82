"""How often one token may begin an import within a minute: counted in the registry, so that all servers count together.

Only SQL of the table `creates` belongs here; what a caller is told is the interface's affair.
"""

import math

from sqlalchemy import Connection, delete, func, insert, select

from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tables import creates, tokens

WINDOW_MILLISECONDS = 60_000


def take(registry: Registry, token_id: str, per_minute: int) -> int | None:
    """Count one more, unless it would be one too many.

    Args:
        registry: The registry.
        token_id: A token that there is.
        per_minute: How often one token may.

    Returns:
        After how many seconds it may be tried again; None if it was counted.
    """
    return registry.write(
        lambda connection: _take(connection, token_id, per_minute, registry.clock()), repeatable=False
    )


def _take(connection: Connection, token_id: str, per_minute: int, moment: float) -> int | None:
    now = int(moment * 1_000)
    # Of several servers that count for one token at once, one after the other has it (PostgreSQL).
    connection.execute(select(tokens.c.id).where(tokens.c.id == token_id).with_for_update())
    of_token = creates.c.token_id == token_id
    connection.execute(delete(creates).where(of_token, creates.c.taken_at <= now - WINDOW_MILLISECONDS))
    taken = select(func.count(), func.min(creates.c.taken_at)).where(of_token)
    count, oldest = connection.execute(taken).one()
    if count >= per_minute:
        return max(1, math.ceil((oldest + WINDOW_MILLISECONDS - now) / 1_000))
    connection.execute(insert(creates).values(token_id=token_id, taken_at=now))
    return None
