"""The home that a command works on: its settings, with errors in words, and the word that a new one is made."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from import_pipeline import logs
from import_pipeline.cli import screen
from import_pipeline.errors import SettingsError

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.settings import Settings


def read_settings() -> "Settings":
    """The settings of the environment.

    Raises:
        SettingsError: A variable has an unusable value; it is named, with what is wrong.
    """
    from pydantic import ValidationError
    from pydantic_settings import SettingsError as UnreadableError

    from import_pipeline.settings import Settings

    try:
        settings = Settings()
    except ValidationError as error:
        from import_pipeline.checked import reworded

        problems = [
            f"IMPORT_PIPELINE_{str(detail['loc'][0]).upper()} cannot be used: {reworded(detail['msg'])}"
            for detail in error.errors(include_input=False, include_url=False, include_context=False)
        ]
        raise SettingsError(f"{' '.join(problems)} Correct it, or unset it.") from error
    except UnreadableError as error:
        named = re.search(r'field "(\w+)"', str(error))
        which = f"IMPORT_PIPELINE_{named[1].upper()}" if named else "A variable IMPORT_PIPELINE_…"
        raise SettingsError(f"{which} cannot be used: it is not JSON. Write it as JSON, or unset it.") from error
    logs.configure(settings)
    return settings


def open_home() -> "Home":
    """The home that the environment names, or the nearest one; a new one is made, and said so, where there is none."""
    from import_pipeline.home import Home

    settings = read_settings()
    home = Home(settings)
    if not settings.home_path.exists():
        settings.home_path.mkdir(parents=True)
        screen.remark(f"A new home is made: {settings.home_path} (IMPORT_PIPELINE_HOME chooses another place).")
    return home


def logs_folder() -> Path | None:
    """Where details of unexpected errors are kept; None if the settings cannot be read."""
    try:
        return read_settings().home_path / "logs"
    except (SettingsError, OSError):
        return None
