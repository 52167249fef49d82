"""The home that the environment names: its settings, with errors in words."""

from pathlib import Path
from typing import TYPE_CHECKING

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
        return Settings()
    except ValidationError as error:
        problems = [
            f"IMPORT_PIPELINE_{'_'.join(str(part) for part in detail['loc']).upper()}: {detail['msg']}."
            for detail in error.errors(include_input=False, include_url=False, include_context=False)
        ]
        raise SettingsError(f"The settings cannot be used. {' '.join(problems)} Correct or unset it.") from error
    except UnreadableError as error:
        raise SettingsError(f"The settings cannot be used: {error}. Write the value as JSON, or unset it.") from error


def open_home() -> "Home":
    """The home that the environment names."""
    from import_pipeline.home import Home

    return Home(read_settings())


def logs_folder() -> Path | None:
    """Where details of unexpected errors are kept; None if the settings cannot be read."""
    try:
        return read_settings().home_path / "logs"
    except (SettingsError, OSError):
        return None
