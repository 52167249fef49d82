"""Tokens that were found genuine a moment ago: who polls is not looked up anew each time.

A token that is revoked opens nothing any more after `REMEMBERED_SECONDS`. Only digests are held, and of valid tokens.
"""

import time
from collections.abc import Callable

from fastapi.concurrency import run_in_threadpool

from import_pipeline.api.prompt_reads import PromptReads
from import_pipeline.home import Home
from import_pipeline.service import tokens
from import_pipeline.service.tokens import TokenRecord, digest_of

REMEMBERED_SECONDS = 2.0
_MOST = 10_000


class KnownTokens:
    """The tokens of a registry, each remembered for a moment. Safe for threads.

    Args:
        home: The home.
        prompt: What the event loop reads of it.
        clock: Gives seconds that never go back.
    """

    def __init__(self, home: Home, prompt: PromptReads, clock: Callable[[], float] = time.monotonic) -> None:
        self._home = home
        self._prompt = prompt
        self._clock = clock
        self._found: dict[bytes, tuple[float, TokenRecord]] = {}

    async def find(self, token: str) -> TokenRecord | None:
        """The token's record if it is genuine and valid now, or was a moment ago, else None."""
        at, record = self._found.get(digest_of(token), (0.0, None))
        if record is not None and self._clock() - at < REMEMBERED_SECONDS and record.is_valid(time.time()):
            return record
        at = self._clock()
        record = await self._read(token)
        if record is not None:
            if len(self._found) >= _MOST:
                self._found.clear()
            self._found[digest_of(token)] = (at, record)
        return record

    async def _read(self, token: str) -> TokenRecord | None:
        found = self._prompt.read(lambda home: (tokens.find(home, token),))
        if found is not None:
            return found[0]
        return await run_in_threadpool(tokens.find, self._home, token)

    def forget(self, token: TokenRecord) -> None:
        """Remember a token no more: it has just ended."""
        for digest, (_, record) in list(self._found.items()):
            if record.id == token.id:
                self._found.pop(digest, None)
