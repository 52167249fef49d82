"""Where the home is: named by a setting, else found from the folder one stands in, and told where it is made."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from import_pipeline import settings as module
from import_pipeline.errors import SettingsError
from import_pipeline.settings import Settings, find_home

PROJECT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def unnamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting names a home."""
    monkeypatch.delenv("IMPORT_PIPELINE_HOME", raising=False)


def test_the_nearest_home_of_the_folder_and_those_above_it_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data" / "home" / "records").mkdir(parents=True)
    within = tmp_path / "exports" / "2026"
    within.mkdir(parents=True)
    monkeypatch.chdir(within)
    assert Settings().home_path == tmp_path / "data" / "home"
    (within / "data" / "home").mkdir(parents=True)
    assert Settings().home_path == within / "data" / "home"


def test_a_folder_of_that_name_that_holds_something_else_is_no_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data" / "home" / "photos").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert find_home() != tmp_path / "data" / "home"


def test_where_there_is_none_it_is_the_one_of_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_home() == PROJECT / "data" / "home"


def test_without_the_project_it_is_the_one_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "site-packages" / "import_pipeline" / "settings.py"
    monkeypatch.setattr(module, "__file__", str(installed))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.chdir(tmp_path)
    assert find_home() == tmp_path / "share" / "import-pipeline"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_the_home_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "data" / "home"
    home.mkdir(parents=True)
    os.chown(home, 12_345, 12_345)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match="another user"):
        Settings()


def test_a_new_home_is_told_where_it_is_made_and_only_then(tmp_path: Path) -> None:
    (tmp_path / "data" / "home").mkdir(parents=True)
    told = [_listed(tmp_path, {}), _listed(tmp_path, {"IMPORT_PIPELINE_HOME": "elsewhere"})]
    told.append(_listed(tmp_path, {"IMPORT_PIPELINE_HOME": "elsewhere"}))
    assert ["new home" in one for one in told] == [False, True, False]
    assert str(tmp_path / "elsewhere") in told[1]
    assert (tmp_path / "data" / "home" / "registry.sqlite").exists()


def _listed(folder: Path, environment: dict[str, str]) -> str:
    """What `list` says on standard error in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "import_pipeline", "list"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(PROJECT), "COLUMNS": "500"} | environment,
        capture_output=True,
        text=True,
        check=True,
    ).stderr
