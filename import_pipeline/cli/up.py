"""`up`: Dagster's UI and daemon for the home, and the HTTP API if it is wanted, until Ctrl-C."""

from typing import Annotated

import typer

from import_pipeline.cli import screen
from import_pipeline.cli.home import read_settings


def up(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of Dagster's UI, on this machine only.")] = 3000,
    api_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port of the HTTP API, on this machine only; else no API.")
    ] = None,
) -> None:
    """Start Dagster's UI and daemon on this machine, and the HTTP API if it gets a port; Ctrl-C ends them."""
    settings = read_settings()
    from import_pipeline.orchestration.up import up as start

    raise typer.Exit(start(port, settings, screen.say_line, api_port))
