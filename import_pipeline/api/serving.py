"""`serve`: the application on a port of this machine, until Ctrl-C or SIGTERM."""

import contextlib
from collections.abc import Callable
from types import FrameType

import uvicorn
from uvicorn.config import LOGGING_CONFIG

from import_pipeline.api.app import create_app
from import_pipeline.api.stand_in import StandIn
from import_pipeline.errors import MisuseError
from import_pipeline.home import Home
from import_pipeline.orchestration.several_hosts import check_several_hosts
from import_pipeline.service.listening import LOOPBACK, check_api_host
from import_pipeline.settings import Settings

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


def serve(port: int, settings: Settings, say: Callable[[str], None] = lambda line: None, host: str = LOOPBACK) -> None:
    """Serve the API of one home.

    Args:
        port: Where it listens.
        settings: The settings of the home.
        say: Told, in one line each, what a person wants to know.
        host: The address on which it listens.

    Raises:
        MisuseError: The port is taken, or tokens would travel unencrypted.
        SettingsError: It is one of several hosts, and lacks what they share.
    """
    check_api_host(host, settings)
    check_several_hosts(settings)
    app = create_app(Home(settings))
    server = _Server(
        app.state.workers.end_waiting,
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None if settings.log_format == "json" else LOGGING_CONFIG,  # else `logs` has said how
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
        raise MisuseError(f"Port {port} of {host} is taken. Give another one: --port {port + 1}.", port=port) from None
    address = (settings.public_url or f"http://{host}:{port}").rstrip("/")
    say(f"The import page is at {address}/app, the API's documentation at {address}/docs. Ctrl-C stops it.")
    StandIn(listening, app.state.prompt).start()
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is how it is meant to end
        server.run([listening])
