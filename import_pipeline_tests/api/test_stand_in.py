"""A server whose registry lies on a disk that hangs says that it lives, and has nobody wait in vain."""

import socket
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from import_pipeline.api import stand_in
from import_pipeline.api.prompt_reads import PromptReads
from import_pipeline.api.stand_in import StandIn
from import_pipeline.home import Home
from import_pipeline.settings import Settings


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """A socket on which nobody accepts connections, as where the event loop is held up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


def test_a_server_lives_while_its_loop_waits_for_the_disk_and_only_then(
    settings: Settings, listening: socket.socket
) -> None:
    prompt, goes_on = PromptReads(Home(settings)), threading.Event()
    StandIn(listening, prompt).start()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with pytest.raises(httpx.ReadTimeout):  # the loop is held up by something else: nobody speaks for it
        httpx.get(f"{url}/health/live", timeout=0.7)
    listening.accept()[0].close()
    loop = threading.Thread(target=prompt.read, args=(lambda _: goes_on.wait(20),))
    loop.start()
    try:
        live = httpx.get(f"{url}/health/live", timeout=stand_in.HELD_UP_SECONDS + 5)
        assert (live.status_code, live.json()) == (200, {"status": "live"})
        began = time.monotonic()
        ready = httpx.get(f"{url}/health/ready?full")
        assert (ready.status_code, ready.json()["not_ready"]) == (503, ["registry"])
        refused = httpx.post(f"{url}/v1/imports", json={"resource": "contact"})
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert "Try again in 5 seconds" in refused.json()["error"]["message"]
        assert time.monotonic() - began < 2
    finally:
        goes_on.set()
        loop.join()
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{url}/health/live", timeout=0.7)
