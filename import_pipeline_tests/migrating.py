"""A registry of an older version: its tables brought to any revision, as a user of that version has them."""

from collections.abc import Callable
from typing import Any

from alembic.config import Config
from sqlalchemy import create_engine


def migrate(url: str, how: Callable[..., Any], revision: str) -> None:
    """Upgrade or downgrade (`alembic.command.upgrade`, `downgrade`) the tables of a registry to a revision."""
    engine = create_engine(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "import_pipeline.stores:migrations")
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        how(config, revision)
    engine.dispose()
