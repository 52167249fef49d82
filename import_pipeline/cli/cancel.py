"""`cancel`: an import that has not ended is stopped, wherever it runs."""

from import_pipeline.cli import options, screen
from import_pipeline.cli.home import open_home


def cancel(import_id: options.ImportId, as_json: options.AsJson = False) -> None:
    """Stop an import that waits or is at work, in whatever process: nothing of it is written.

    Once its records are being written it is too late: let it end, then `undo` it.
    """
    from import_pipeline.service import queries, transitions

    home = open_home()
    transitions.cancel(home, import_id)
    if as_json:
        screen.print_json(queries.import_object(home, import_id))
    else:
        screen.say_line(f"Import {import_id} is cancelled; nothing of it was written.")
