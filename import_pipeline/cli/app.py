"""The application: every command by its name, and the one place where an error becomes a message and an exit status.

What a command does stands in the module of its subject.
"""

import sys
import warnings
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from import_pipeline.cli import (
    cancel,
    clean,
    confirm,
    convert,
    download,
    inspect,
    look,
    records,
    replay,
    resume,
    rows,
    run,
    serve,
    snapshot,
    tokens,
    undo,
    up,
)

if TYPE_CHECKING:
    from typer import Context


class GuardedGroup(TyperGroup):
    """A group of commands of which none ends in a traceback."""

    def invoke(self, ctx: "Context") -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
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
    help="Import files of contacts, companies, sources and groups, every row accounted for.\n\n"
    "Exit status: 0 completed, 1 not completed, 2 the request itself is wrong or a mapping has to be chosen, "
    "130 interrupted. IMPORT_PIPELINE_HOME says where everything is kept (data/home).",
)

app.command("run")(run.run)
app.command("confirm")(confirm.confirm)
app.command("cancel")(cancel.cancel)
app.command("resume")(resume.resume)
app.command("list")(look.list_imports)
app.command("show")(look.show)
app.command("defects")(look.defects)
app.command("download")(download.download)
app.command("records")(records.records)
app.command("rows")(rows.rows)
app.command("snapshot")(snapshot.snapshot)
app.command("undo")(undo.undo)
app.command("replay")(replay.replay)
app.command("inspect")(inspect.inspect)
app.command("convert")(convert.convert)
app.command("clean")(clean.clean)
app.command("up")(up.up)
app.command("serve")(serve.serve)
app.add_typer(tokens.token, name="token")


def run_app() -> None:
    """Run the application on the arguments of the process."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # libraries talk to programmers; `python -W default` shows it again
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # pyright: ignore[reportAttributeAccessIssue]
    app()
