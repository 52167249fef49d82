"""`link`: the address by which a person opens the import page once, without a token."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from import_pipeline.checked import checked
from import_pipeline.cli import screen
from import_pipeline.cli.cli_values import read_object
from import_pipeline.cli.home import open_home

_PRESET = '{"resource": "contact", "name": "Leads"}'


def link(
    organization: Annotated[str, typer.Option("--organization", metavar="NAME", help="Whose imports it opens.")],
    import_id: Annotated[str | None, typer.Option("--import", metavar="ID", help="The only import it opens.")] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            metavar="JSON",
            help="The only import it opens, a draft that begins when it is opened: its resource and settings as JSON, "
            "or the path of a JSON file.",
        ),
    ] = None,
    origin: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The site whose pages may embed that import: scheme://host[:port]."),
    ] = None,
    minutes: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="How long it may be opened: 15 if left out; with an origin 10, which is the most."
        ),
    ] = None,
    read: Annotated[bool, typer.Option("--read", help="Let it show everything and change nothing.")] = False,
    name: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Whom it is for; what they do is noted under it.")
    ] = None,
    address: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Where the server is reached: by default IMPORT_PIPELINE_PUBLIC_URL, else http://127.0.0.1:8000.",
        ),
    ] = None,
) -> None:
    """Make a link to the import page, which `serve` serves. It is the last word, and is shown this once.

    Whoever opens it has 12 hours. The page is then theirs without a token, for all of the organization or one import.
    """
    from import_pipeline.service import links

    parts = None if preset is None else _parts_of(preset)
    home = open_home()
    base = (address or home.settings.public_url or "http://127.0.0.1:8000").rstrip("/")
    made, record = links.create(
        home,
        organization,
        scope="read" if read else "write",
        import_id=import_id,
        preset=parts,
        origin=origin,
        minutes=minutes,
        name=name,
        created_by="terminal",
    )
    what = f"all imports of {organization}" if record.import_id is None else f"import {record.import_id}"
    if record.resource is not None:
        what = f"a new import of {record.resource}"
    within = "" if record.origin is None else f" within pages of {record.origin}"
    allowed = "read" if read else "read and write"
    until = datetime.fromtimestamp(record.expires_at, UTC).strftime("%H:%M UTC")
    screen.say_line(f"Opens {what}{within} once, to {allowed}, until {until}. Keep it safe, it is shown only now:")
    screen.say_line(f"{base}{links.path_of(record, made)}")


def _parts_of(preset: str) -> dict[str, Any]:
    from import_pipeline.api.drafting_models import Preset, in_words_of_spec

    return in_words_of_spec(checked(Preset, read_object(preset, "--preset", _PRESET), "--preset"))
