"""`token create`, `token list`, `token revoke`: who may use the HTTP API, for which organization."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from import_pipeline.cli import screen
from import_pipeline.cli.home import open_home

token = typer.Typer(no_args_is_help=True, help="Make, list and revoke the tokens of the HTTP API.")


class TokenScope(StrEnum):
    """What a token allows."""

    READ = "read"
    WRITE = "write"


Organization = Annotated[str, typer.Option("--organization", metavar="NAME", help="For whom the token speaks.")]


@token.command("create")
def create(
    organization: Organization,
    scope: Annotated[TokenScope, typer.Option(help="read, or write, which includes reading.")] = TokenScope.WRITE,
    expires: Annotated[
        float | None, typer.Option(metavar="DAYS", help="After how many days it ends; never if left out.")
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="TEXT", help="What it is for.")] = None,
) -> None:
    """Make a token. It is shown this once, as the last word, and cannot be shown again."""
    from import_pipeline.service import tokens

    made, record = tokens.create(open_home(), organization, scope.value, expires, name)
    until = "never ends" if record.expires_at is None else f"ends {_date(record.expires_at)}"
    screen.say_line(f"A {record.scope} token of {organization}, which {until}. Keep it safe, it is shown only now:")
    screen.say_line(made)


@token.command("list")
def list_tokens(
    organization: Annotated[str | None, typer.Option(metavar="NAME", help="Only tokens of this one.")] = None,
) -> None:
    """List tokens by their beginnings, ended ones too."""
    from import_pipeline.service import tokens

    for record in tokens.list_tokens(open_home(), organization):
        if record.revoked_at is not None:
            state = f"revoked {_date(record.revoked_at)}"
        elif record.expires_at is not None:
            state = f"ends {_date(record.expires_at)}"
        else:
            state = "never ends"
        made = f"made {_date(record.created_at)}"
        screen.say_line("  ".join([record.prefix, record.organization, record.scope, made, state, record.name or ""]))


@token.command("revoke")
def revoke(prefix: Annotated[str, typer.Argument(metavar="PREFIX", help="Its beginning, as listed.")]) -> None:
    """End a token at once."""
    from import_pipeline.service import tokens

    record = tokens.revoke(open_home(), prefix)
    screen.say_line(f"Revoked {record.prefix} of {record.organization}.")


def _date(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
