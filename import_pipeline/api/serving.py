"""`serve`: the application on a port of this machine, until Ctrl-C or SIGTERM."""

import contextlib
from collections.abc import Callable
from types import FrameType

import uvicorn

from import_pipeline.api.app import create_app
from import_pipeline.errors import MisuseError
from import_pipeline.home import Home
from import_pipeline.settings import Settings

HOST = "127.0.0.1"
DEFAULT_PORT = 8000
_CLOSE_SECONDS = 5


class _Server(uvicorn.Server):
    """Tells those who wait inside that the server ends, before it waits for them."""

    def __init__(self, end_waiting: Callable[[], None], config: uvicorn.Config) -> None:
        super().__init__(config)
        self._end_waiting = end_waiting

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._end_waiting()
        super().handle_exit(sig, frame)


def serve(port: int, settings: Settings, say: Callable[[str], None] = lambda line: None) -> None:
    """Serve the API of one home, on loopback only.

    Args:
        port: Where it listens.
        settings: The settings of the home.
        say: Told, in one line each, what a person wants to know.

    Raises:
        MisuseError: The port is taken.
    """
    app = create_app(Home(settings))
    server = _Server(
        app.state.workers.end_waiting,
        uvicorn.Config(
            app,
            host=HOST,
            port=port,
            log_level="debug" if settings.log_level == "debug" else "warning",
            access_log=False,  # the paths of signed URLs are secrets
            server_header=False,
            proxy_headers=False,  # who may say what it was asked for is a setting (`addresses`)
            timeout_graceful_shutdown=_CLOSE_SECONDS,
        ),
    )
    try:
        listening = server.config.bind_socket()
    except SystemExit:
        raise MisuseError(f"Port {port} of {HOST} is taken. Give another one: --port {port + 1}.", port=port) from None
    say(f"The API is at http://{HOST}:{port}, its documentation at http://{HOST}:{port}/docs. Ctrl-C stops it.")
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is how it is meant to end
        server.run([listening])
