"""`serve`: the HTTP API of the home, until Ctrl-C."""

import gc
from typing import Annotated

import typer

from import_pipeline.cli import options, screen
from import_pipeline.cli.home import read_settings


def serve(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, metavar="PORT", help="Port of the API.")] = 8000,
    host: options.Host = options.LOOPBACK,
) -> None:
    """Serve the HTTP API; Ctrl-C ends it.

    Imports that their caller waits for run at once. Those that are queued are started by `up`, which serves the API too
    with --api-port. Another --host than this machine is taken only where IMPORT_PIPELINE_PUBLIC_URL names the reverse
    proxy with TLS before it.
    """
    settings = read_settings()
    from import_pipeline.api.serving import serve as start

    gc.freeze()  # what starting made stays: it is not looked at again
    gc.set_threshold(50_000, 20, 20)  # what each call leaves behind goes soon, in a process that lives for months
    start(port, settings, screen.say_line, host)
