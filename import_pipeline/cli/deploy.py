"""`deploy`: the files of a deployment, written out for one installation."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from import_pipeline.cli import options, screen

if TYPE_CHECKING:
    from import_pipeline.service.deploying import Kind


def deploy(
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="compose, kubernetes or systemd.")],
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="Folder to write to; it is made if missing.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that are there, but for settings and secrets (*.env).")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Write out what a deployment needs: Dockerfile, compose file, Helm values, manifests or units, and a guide.

    Secrets are made anew for it, in files that only you can read; those that are there are never replaced.
    """
    from import_pipeline.errors import MisuseError
    from import_pipeline.service import deploying

    if kind not in deploying.KINDS:
        raise MisuseError(f"--kind {kind}: there is no such deployment. Use {', '.join(deploying.KINDS)}.", kind=kind)
    done = deploying.write(cast("Kind", kind), to, force=force)
    if as_json:
        screen.print_json({"folder": str(to), "written": sorted(done.written), "kept": sorted(done.kept)})
        return
    for name in sorted(done.written):
        screen.say_line(str(to / name))
    if done.kept:
        screen.say(f"Kept as they were: {', '.join(sorted(done.kept))}.")
    screen.say(f"{to / 'GUIDE.md'} tells what to do next.")
