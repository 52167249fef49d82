"""How often one token may begin an import within a minute: counted in the registry, so that all servers count together.

Only SQL of the table `creates` belongs here; what a caller is told is the door's affair.
"""

import math
import time
from collections.abc import Callable

from sqlalchemy import Connection, delete, func, insert, select

from import_pipeline.stores.registry_database import Database
from import_pipeline.stores.tables import creates, tokens

WINDOW_MILLISECONDS = 60_000


class RateLimits:
    """A sliding minute for each token of a registry.

    Args:
        database: The registry's database.
        per_minute: How often one token may.
        clock: Gives seconds since the epoch.
    """

    def __init__(self, database: Database, per_minute: int, clock: Callable[[], float] = time.time) -> None:
        self.per_minute = per_minute
        self._database = database
        self._clock = clock

    def take(self, token_id: str) -> int | None:
        """Count one more, unless it would be one too many.

        Args:
            token_id: A token that there is.

        Returns:
            After how many seconds it may be tried again; None if it was counted.
        """
        return self._database.write(lambda connection: self._take(connection, token_id), repeatable=False)

    def _take(self, connection: Connection, token_id: str) -> int | None:
        now = int(self._clock() * 1_000)
        # Of several servers that count for one token at once, one after the other has it (PostgreSQL).
        connection.execute(select(tokens.c.id).where(tokens.c.id == token_id).with_for_update())
        of_token = creates.c.token_id == token_id
        connection.execute(delete(creates).where(of_token, creates.c.taken_at <= now - WINDOW_MILLISECONDS))
        taken = select(func.count(), func.min(creates.c.taken_at)).where(of_token)
        count, oldest = connection.execute(taken).one()
        if count >= self.per_minute:
            return max(1, math.ceil((oldest + WINDOW_MILLISECONDS - now) / 1_000))
        connection.execute(insert(creates).values(token_id=token_id, taken_at=now))
        return None
