"""DuckDB's extensions, loaded from the installed packages `duckdb-extension-…`; nothing is ever downloaded.

DuckDB reads the whole of an extension's file, tens of megabytes, to check its signature, and that in each instance.
Here it does so once a process for each file.
"""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import StoreError
from import_pipeline.sql import literal

if TYPE_CHECKING:
    import duckdb

_checked: set[tuple[str, int, int, int]] = set()
_UNSIGNED = "allow_unsigned_extensions"


def new_instance(config: Mapping[str, Any] | None = None) -> "duckdb.DuckDBPyConnection":
    """A new instance of DuckDB, in memory, to which record stores are attached.

    It leaves the check of extensions' signatures to `load_extension`.

    Args:
        config: How else it is configured.
    """
    import duckdb

    return duckdb.connect(config={**(config or {}), _UNSIGNED: True})


def load_extension(connection: "duckdb.DuckDBPyConnection", name: str) -> None:
    """Load an extension into the instance of a connection.

    Raises:
        StoreError: Its package is not installed, or is one for another version of DuckDB.
        duckdb.Error: Its file is not what DuckDB's makers signed.
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
    if connection.execute(f"SELECT current_setting('{_UNSIGNED}')").fetchone() == (True,):
        _check_signature(path)
    connection.execute(f"LOAD {literal(str(path))}")


def _check_signature(path: Path) -> None:
    """Load an extension where DuckDB checks its signature, unless this process did so with the file as it is."""
    import duckdb

    found = path.stat()
    file = (str(path), found.st_ino, found.st_size, found.st_mtime_ns)
    if file in _checked:
        return
    with duckdb.connect() as connection:
        connection.execute(f"LOAD {literal(str(path))}")
    _checked.add(file)
