"""The files of a home: nobody but their owner can read them, whoever starts the program."""

import os
import subprocess
import sys
from pathlib import Path

from import_pipeline.home import Home
from import_pipeline.settings import Settings

CLI = [sys.executable, "-c", "from import_pipeline.cli import main; main()"]


def open_to_others(folder: Path) -> list[Path]:
    """What anybody but the owner may read, write or enter."""
    return [path for path in [folder, *folder.rglob("*")] if path.stat().st_mode & 0o077]


def run_carelessly(home: Path, *arguments: str) -> None:
    """Run a command of the terminal with a umask that hides nothing."""
    environment = os.environ | {"IMPORT_PIPELINE_HOME": str(home)}
    done = subprocess.run([*CLI, *arguments], env=environment, umask=0, capture_output=True, timeout=120, check=False)
    assert done.returncode in (0, 1), done.stderr.decode()


def test_the_terminal_leaves_no_file_that_others_can_read(tmp_path: Path) -> None:
    file, home = tmp_path / "contacts.csv", tmp_path / "home"
    file.write_text("email,first_name\nanna@example.com,Anna\nben@,Ben\n")
    run_carelessly(home, "run", str(file), "--record-type", "contact")
    run_carelessly(home, "token", "create", "--organization", "acme")
    assert {"bucket", "dagster", "records", "registry.sqlite", "workspaces"} <= {path.name for path in home.iterdir()}
    assert open_to_others(home) == []


def test_what_an_earlier_version_left_open_is_closed(settings: Settings) -> None:
    old = settings.home_path
    (old / "records").mkdir(parents=True, mode=0o755)
    (old / "registry.sqlite").touch(mode=0o644)
    old.chmod(0o755)
    (old / "records").chmod(0o755)
    (old / "registry.sqlite").chmod(0o644)
    Home(settings)
    assert open_to_others(old) == []


def test_a_folder_that_others_use_too_stays_open_to_them(settings: Settings) -> None:
    shared = settings.home_path
    (shared / "their things").mkdir(parents=True)
    for folder in (shared, shared / "their things"):
        folder.chmod(0o755)
    Home(settings)
    assert open_to_others(shared) == [shared, shared / "their things"]
