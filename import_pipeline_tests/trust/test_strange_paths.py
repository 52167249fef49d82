"""A home whose path holds what DuckDB would take for a pattern, or for a column, works as any other."""

import re
from pathlib import Path

import duckdb
import pytest
from pydantic import ValidationError

import import_pipeline
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import creating
from import_pipeline.settings import Settings
from import_pipeline.words import Source
from import_pipeline_tests.importing import Importing

PLAIN = "external_id,first_name,email\n1,Ada,ada@example.com\n2,Bob,bob at example\n"
RAGGED = "external_id,first_name\n3,Cyd\n4,Dan,more\n5\n"
LINES = '{"external_id": "6", "first_name": "Eve"}\n{"external_id": "7", "first_name": "Fay"}\n'


@pytest.mark.parametrize(("name", "matched"), [("h[1]", "h1"), ("a*b", "axb"), ("year=2024", "home")])
@pytest.mark.file_store
def test_files_of_a_home_are_its_own_whatever_its_path_would_mean_as_a_pattern(
    settings: Settings, tmp_path: Path, name: str, matched: str
) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / matched).symlink_to(tmp_path / name)  # the same files, under a path that the pattern means
    importing = Importing(settings.model_copy(update={"home": tmp_path / name / "home"}), tmp_path)
    done = importing.run(PLAIN)
    assert (done["created_count"], done["failed_count"]) == (1, 1)
    assert importing.errors_file(done["id"]).splitlines()[1].startswith('"2","Bob","bob at example"')
    importing.run(RAGGED)
    of_types = {"lines.jsonl": LINES.encode(), "list.parquet": parquet(tmp_path)}
    for file, content in of_types.items():
        path = tmp_path / file
        path.write_bytes(content)
        asked = ImportSpec(record_type="contact")
        importing.go(creating.create_from_file(importing.home, path, asked, Source.TERMINAL).id)
    names = {record["external_id"]: record.get("first_name") for record in importing.stored()}
    assert names == {"1": "Ada", "3": "Cyd", "5": None, "6": "Eve", "7": "Fay", "8": "Gil"}


def test_every_path_that_duckdb_reads_from_is_written_by_the_one_function_for_it() -> None:
    package = Path(import_pipeline.__file__).parent
    readers = re.compile(r"(?:read_\w+|parquet_\w+|sniff_csv|glob)\((?:\s*\{bind\.bind\((?!exact_path)|\{literal|\[|')")
    found = {str(path.relative_to(package)): readers.findall(path.read_text("utf-8")) for path in package.rglob("*.py")}
    assert {name for name, calls in found.items() if calls} == {"sql.py"}


@pytest.mark.parametrize(("name", "sign"), [("x?y", "?"), ("x%20y", "%20")])
def test_a_home_whose_databases_would_come_to_lie_elsewhere_is_refused_at_once(tmp_path: Path, name: str, sign: str):
    with pytest.raises(ValidationError, match=re.escape(f"its path holds {sign!r}. Name a folder without that")):
        Settings(home=tmp_path / name)


def parquet(folder: Path) -> bytes:
    """A file with one contact."""
    path = folder / "made.parquet"
    duckdb.sql("SELECT '8' AS external_id, 'Gil' AS first_name").write_parquet(str(path))
    return path.read_bytes()
