"""DuckDB's extensions, which record stores on servers need: only what DuckDB's makers signed is loaded."""

import shutil
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

from import_pipeline.stores.record_stores.extensions import load_extension, new_instance


@pytest.fixture
def extension(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the extension `httpfs` in a package of its own, which this process finds first."""
    installed = find_spec("duckdb_extension_httpfs")
    assert installed is not None
    assert installed.submodule_search_locations
    package = tmp_path / "duckdb_extension_httpfs"
    shutil.copytree(installed.submodule_search_locations[0], package)
    monkeypatch.syspath_prepend(tmp_path)
    return next(package.rglob("httpfs.duckdb_extension"))


def test_an_extension_whose_file_was_changed_is_loaded_no_more(extension: Path):
    for _ in range(2):
        with new_instance() as connection:
            load_extension(connection, "httpfs")
            loaded = "SELECT loaded FROM duckdb_extensions() WHERE extension_name = 'httpfs'"
            assert connection.execute(loaded).fetchall() == [(True,)]
    content = bytearray(extension.read_bytes())
    content[len(content) // 2] ^= 1
    extension.unlink()  # what is loaded stays as it was
    extension.write_bytes(content)
    with new_instance() as connection, pytest.raises(duckdb.IOException, match="signature"):
        load_extension(connection, "httpfs")
