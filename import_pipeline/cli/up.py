"""`up`: Dagster's UI and daemon for the home, and the HTTP API if it is wanted, until Ctrl-C."""

from typing import Annotated

import typer

from import_pipeline.cli import options, screen
from import_pipeline.cli.home import read_settings


def up(
    port: Annotated[
        int, typer.Option("--port", min=1, max=65535, metavar="PORT", help="Port of Dagster's UI.", show_default=True)
    ] = 3000,
    api_port: Annotated[
        int | None, typer.Option(min=1, max=65535, metavar="PORT", help="Port of the HTTP API; else there is no API.")
    ] = None,
    host: options.Host = options.LOOPBACK,
) -> None:
    """Start Dagster's UI and daemon, and the HTTP API if it gets a port; Ctrl-C ends them.

    They listen on this machine alone. Another --host is taken only where IMPORT_PIPELINE_DAGSTER_URL (and for the API
    IMPORT_PIPELINE_PUBLIC_URL) names the reverse proxy before it: Dagster itself knows no login.
    """
    settings = read_settings()
    from import_pipeline.orchestration.up import up as start

    raise typer.Exit(start(port, settings, screen.say_line, api_port, host))
