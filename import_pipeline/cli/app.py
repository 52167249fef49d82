"""The application: every command by its name, and the one place where an error becomes a message and an exit status.

What a command does stands in the module of its subject.
"""

import sys
import warnings
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from import_pipeline.cli import (
    backup,
    cancel,
    changes,
    clean,
    confirm,
    convert,
    deploy,
    download,
    inspect,
    link,
    look,
    mappings,
    records,
    replay,
    resume,
    rows,
    run,
    serve,
    snapshot,
    spec,
    tokens,
    undo,
    up,
    worker,
)

if TYPE_CHECKING:
    from typer import Context


class GuardedGroup(TyperGroup):
    """A group of commands of which none ends in a traceback."""

    def invoke(self, ctx: "Context") -> Any:  # pyright: ignore[reportIncompatibleMethodOverride] - typer has click inside
        """Run a command; its errors are told in words."""
        from import_pipeline.cli.refusals import told_in_words

        with told_in_words():
            return super().invoke(ctx)


app = typer.Typer(
    name="import-pipeline",
    cls=GuardedGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0: done; 1: it could not be done, or an import failed or waits for a person; 2: what was "
    "asked is wrong, and nothing was done; 130: interrupted.\n\n"
    "Everything is kept in the home: the folder that IMPORT_PIPELINE_HOME names, else the nearest data/home of this "
    "folder and those above it, else that of the project, or of the user where the program is installed without it.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        used = ", ".join(f"{name} {version(name)}" for name in ("dagster", "duckdb", "pandera"))
        typer.echo(f"import-pipeline {version('import-pipeline')} ({used})")
        raise typer.Exit


@app.callback()
def _about(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version, and exit.")
    ] = False,
) -> None:
    """Import files of contacts, companies, sources and groups, every row accounted for."""


app.command("run", short_help="Import a file.")(run.run)
app.command("confirm", short_help="Go on with an import that waits for a person.")(confirm.confirm)
app.command("cancel", short_help="Stop an import: nothing of it is written.")(cancel.cancel)
app.command("resume", short_help="Start again what failed or was cancelled.")(resume.resume)
app.command("list", short_help="List imports, the newest first.")(look.list_imports)
app.command("show", short_help="Show what an import was asked, and what it did.")(look.show)
app.command("defects", short_help="Show what is wrong with the rows of an import.")(look.defects)
app.command("download", short_help="Write results, errors or defects of an import to a file.")(download.download)
app.command("rows", short_help="Show what became of each row, before and after.")(rows.rows)
app.command("replay", short_help="Import the failed rows of an import once more.")(replay.replay)
app.command("undo", short_help="Take an import back.")(undo.undo)
app.command("records", short_help="Show stored records, and where they come from.")(records.records)
app.command("changes", short_help="Follow what imports change, commit by commit.")(changes.changes)
app.command("snapshot", short_help="Write records as Parquet files, for readers.")(snapshot.snapshot)
app.command("inspect", short_help="Look at a file before it is imported.")(inspect.inspect)
app.command("convert", short_help="Write files once more as plain CSV.")(convert.convert)
app.command("spec", short_help="List what an import can be asked: the keys of --set.")(spec.spec)
app.command("clean", short_help="Clear away what is older than its setting says.")(clean.clean)
app.command("backup", short_help="Copy the home, while imports may run.")(backup.backup)
app.command("restore", short_help="Make a home of a copy.")(backup.restore)
app.command("deploy", short_help="Write out the files of a deployment.")(deploy.deploy)
app.command("link", short_help="Make a link that opens the import page once, in a browser.")(link.link)
app.command("up", short_help="Start Dagster's UI and daemon, and the HTTP API.")(up.up)
app.command("serve", short_help="Serve the HTTP API alone.")(serve.serve)
app.command("worker", short_help="Take runs of several hosts from their broker.")(worker.worker)
app.add_typer(mappings.mappings, name="mappings", short_help="List and forget mappings that were confirmed.")
app.add_typer(tokens.token, name="token", short_help="Make, list and revoke tokens of the HTTP API.")


def run_app() -> None:
    """Run the application on the arguments of the process."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # libraries talk to programmers; `python -W default` shows it again
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # pyright: ignore[reportAttributeAccessIssue] - asked above
    app()
