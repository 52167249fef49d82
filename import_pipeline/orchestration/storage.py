"""Dagster's own storage in the home folder: SQLite files whose connections stay open for the life of the process.

Dagster's stock SQLite storage opens an engine for every event and a new database for every run, which costs a run of
seven small phases more than a second. Here there is one database for runs, one for events and one for schedules.
`dagster.yaml` names the classes of this module; nothing else imports it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from dagster import Field, StringSource
from dagster._core.storage.local_compute_log_manager import LocalComputeLogManager
from dagster._core.storage.root import LocalArtifactStorage
from dagster._serdes import ConfigurableClassData

from import_pipeline.orchestration.event_log import KeptEventLogStorage
from import_pipeline.orchestration.kept_storage import KeptRunStorage, KeptScheduleStorage
from import_pipeline.orchestration.storage_parts import StorageOfParts
from import_pipeline.private_files import make_private
from import_pipeline.settings import Settings

_OPTIONAL_FOLDER = {"base_dir": Field(StringSource, is_required=False, description="By default <home>/dagster.")}
EVENTS_AT_ONCE = 1_000


def dagster_folder(config_value: dict[str, Any]) -> Path:
    """The folder that a class of this module is configured with; by default the one of the process settings.

    Every process of Dagster asks for it before it writes there, and keeps what it writes private from then on.
    """
    make_private()
    given = config_value.get("base_dir")
    return Path(given) if given else Settings().dagster_home  # pyright: ignore[reportCallIssue] - read from the environment


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Dagster makes its tables without asking whether another process is just doing so."""
    with (folder / "opening.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class HomeStorage(StorageOfParts):
    """Runs, events and schedules below one folder, by default `<home>/dagster`."""

    def __init__(self, folder: Path, inst_data: ConfigurableClassData | None = None) -> None:
        # Dagster hands over the materializations of a step that took many imports together where this is set.
        os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", str(EVENTS_AT_ONCE))
        folder.mkdir(parents=True, exist_ok=True)
        with _one_at_a_time(folder):
            runs = KeptRunStorage.from_local(str(folder / "runs"))
            events = KeptEventLogStorage(str(folder / "events"))
            schedules = KeptScheduleStorage.from_local(str(folder / "schedules"))
        super().__init__(runs, events, schedules, inst_data)

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """What dagster.yaml may say."""
        return _OPTIONAL_FOLDER

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """Open the storage that dagster.yaml describes."""
        return cls(dagster_folder(config_value), inst_data)


class HomeComputeLogs(LocalComputeLogManager):
    """What runs print, below `<home>/dagster/compute_logs`."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """What dagster.yaml may say."""
        return _OPTIONAL_FOLDER

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """Open the folder that dagster.yaml describes."""
        return cls(str(dagster_folder(config_value) / "compute_logs"), inst_data=inst_data)


class HomeArtifacts(LocalArtifactStorage):
    """Files that Dagster itself keeps, below `<home>/dagster`."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """What dagster.yaml may say."""
        return _OPTIONAL_FOLDER

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """Open the folder that dagster.yaml describes."""
        return cls(str(dagster_folder(config_value)), inst_data=inst_data)
