"""DuckDB's extensions, loaded from the installed packages `duckdb-extension-…`; nothing is ever downloaded."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from import_pipeline.errors import StoreError
from import_pipeline.sql import literal

if TYPE_CHECKING:
    import duckdb


def load_extension(connection: "duckdb.DuckDBPyConnection", name: str) -> None:
    """Load an extension into the instance of a connection.

    Raises:
        StoreError: Its package is not installed, or is one for another version of DuckDB.
    """
    import duckdb

    package = find_spec(f"duckdb_extension_{name}")
    folders = [Path(folder) for folder in (package.submodule_search_locations or ()) if package] if package else []
    path = next(
        (
            file
            for folder in folders
            if (file := folder / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension").is_file()
        ),
        None,
    )
    if path is None:
        raise StoreError(
            f"The record store needs DuckDB's extension {name!r} for version {duckdb.__version__}, which is not "
            f"installed. Run: pip install duckdb-extension-{name.replace('_', '-')}=={duckdb.__version__}."
        )
    connection.execute(f"LOAD {literal(str(path))}")
