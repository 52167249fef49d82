"""`serve`: the HTTP door for the home, until Ctrl-C."""

from typing import Annotated

import typer

from import_pipeline.cli import screen
from import_pipeline.cli.home import read_settings


def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the API, on this machine only.")] = 8000,
) -> None:
    """Serve the HTTP API on this machine; Ctrl-C ends it.

    Imports that their caller waits for run at once. Those that are queued are started by `up`, which serves the API too
    with --api-port.
    """
    settings = read_settings()
    from import_pipeline.api.serving import serve as start

    start(port, settings, screen.say_line)
