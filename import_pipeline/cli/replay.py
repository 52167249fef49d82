"""`replay`: the failed rows of an import once more, after what was wrong is corrected."""

from pathlib import Path
from typing import Annotated

import typer

from import_pipeline.cli import cli_values, options, screen
from import_pipeline.cli.home import open_home
from import_pipeline.cli.running import run_and_tell

_VALUES = '{"status": {"Kunde": "customer"}}'


def replay(
    import_id: options.ImportId,
    rows: Annotated[
        Path | None,
        typer.Option("--rows", metavar="FILE", help="The corrected errors file; the rows as they were if left out."),
    ] = None,
    mapping: options.Mapping = None,
    value_mappings: Annotated[
        str | None,
        typer.Option(
            "--value-mappings", metavar="JSON|FILE", help=f"Values of fields to constants, for example '{_VALUES}'."
        ),
    ] = None,
    match_by: options.MatchBy = None,
    assignments: options.Assignments = None,
    as_json: options.AsJson = False,
) -> None:
    """Import only the failed rows of an import, as an import of its own that is linked to it.

    What that import was asked for stays, but for what is given here; an overwrite is replayed as a merge.
    """
    from import_pipeline.run_config.plain import from_plain
    from import_pipeline.service import imports, replaying

    home = open_home()
    values = cli_values.read_object(value_mappings, "--value-mappings", _VALUES) if value_mappings else None
    changes = cli_values.merged(
        {
            "column_mapping": cli_values.read_object(mapping, "--mapping") if mapping else None,
            "value_mappings": values,
            "match_by": match_by,
        },
        cli_values.read_settings_of_spec(assignments or ()),
    )
    spec = imports.get(home, import_id).spec
    checked = from_plain(spec | ({"mapping_direction": None} if mapping else {}) | changes, "The options")
    replayed = replaying.replay(home, import_id, rows, **{name: getattr(checked, name) for name in changes})
    if not as_json:
        screen.say_line(f"The failed rows of {import_id} are imported as {replayed.id}.")
    run_and_tell(home, replayed.id, as_json=as_json)
