"""Bytes on their way to or from the bucket: where they are gathered in the home, and how that is cleared."""

import secrets
import shutil
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from import_pipeline.home import Home


def incoming_path(home: "Home") -> Path:
    """A new path beside the workspaces, on which bytes may be gathered before they go to the bucket."""
    folder = home.settings.home_path / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / secrets.token_hex(16)


def one_at_a_time(home: "Home", import_id: str) -> AbstractContextManager[None]:
    """Held by who brings the file of an import, on any server: it takes the place of none that came this moment."""
    return home.registry.held(f"upload of {import_id}")


def remove_incoming(path: Path) -> None:
    """Remove a file on a path made by `incoming_path`, and what was made of it."""
    for leftover in path.parent.glob(f"{path.name}*"):
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)
