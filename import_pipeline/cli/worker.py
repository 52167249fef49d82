"""`worker`: takes runs of several hosts from the broker, until SIGTERM or Ctrl-C."""

from typing import Annotated

import typer

from import_pipeline.cli import screen
from import_pipeline.cli.home import read_settings


def worker(
    slots: Annotated[int, typer.Option(min=1, metavar="N", help="How many runs at a time.", show_default=True)] = 1,
) -> None:
    """Take runs from the broker that dagster.celery.yaml names; one of these on each host that works.

    Ctrl-C or SIGTERM ends it when the runs at work have ended; a second one ends these, too.
    """
    settings = read_settings()
    from import_pipeline.orchestration.celery_worker import work

    raise typer.Exit(work(settings, slots, screen.say_line))
