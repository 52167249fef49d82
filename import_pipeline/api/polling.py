"""Reading one import for those who poll: many polls neither wait for long calls nor for each other.

What lies in files of this machine is read where the call is: a turn of a thread takes longer, and uploads come between.
What has to be waited for is read by a few threads of its own.
"""

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Request

from import_pipeline.api.prompt_reads import PromptReads
from import_pipeline.home import Home
from import_pipeline.service import imports
from import_pipeline.service.uploading import is_settled, settle
from import_pipeline.stores.import_record import ImportRecord

Answer = TypeVar("Answer")

_THREADS = 4
"""More of them would only take turns at the interpreter."""


async def answer_poll(
    request: Request, home: Home, import_id: str, organization: str, answer: Callable[[ImportRecord], Answer]
) -> Answer:
    """Answer a call that asks how far an import is, as it is now.

    Args:
        request: The call.
        home: The home.
        import_id: The import.
        organization: Whose it has to be.
        answer: Makes the answer, within about a millisecond.

    Raises:
        NotFoundError: There is none, or it belongs to another organization.
    """
    prompt: PromptReads = request.app.state.prompt
    record = prompt.read(lambda one: _settled(one, import_id, organization))
    if record is not None:
        return answer(record)

    def read() -> Answer:
        return answer(settle(home, imports.get(home, import_id, organization)))

    return await to_thread.run_sync(read, limiter=request.app.state.pollers)


def _settled(home: Home, import_id: str, organization: str) -> ImportRecord | None:
    """The import; None where it has to be settled."""
    record = imports.get(home, import_id, organization)
    return record if is_settled(home, record) else None


def threads_of_pollers() -> CapacityLimiter:
    """The threads of one application."""
    return CapacityLimiter(_THREADS)
