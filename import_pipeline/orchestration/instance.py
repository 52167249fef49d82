"""Dagster's instance of a home: its folder, its dagster.yaml, and how a process of ours opens it.

`dagster.yaml` lies in this package and, equal to it, at the top of the repository, where `dagster dev` finds it. A copy
is put into each home, which a person may change: it is never overwritten.
"""

import secrets
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from import_pipeline.orchestration.several_hosts import CONFIG_FILE, read_config
from import_pipeline.private_files import keep_home_private
from import_pipeline.settings import Settings

if TYPE_CHECKING:
    from dagster._core.instance.ref import InstanceRef

_STORAGE_MODULE = "import_pipeline.orchestration.storage"


def instance_config() -> str:
    """The text of dagster.yaml as this package ships it."""
    return files("import_pipeline.orchestration").joinpath(CONFIG_FILE).read_text(encoding="utf-8")


def prepare_home(settings: Settings) -> Path:
    """Make Dagster's folder in the home, with a dagster.yaml where there is none.

    Returns:
        The folder: what DAGSTER_HOME is for this home.
    """
    keep_home_private(settings)
    folder = settings.dagster_home
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / CONFIG_FILE
    if not config.exists():
        made = folder / f".{CONFIG_FILE}.{secrets.token_hex(4)}"
        made.write_text(instance_config(), encoding="utf-8")
        made.replace(config)  # nobody ever reads half of it
    return folder


def open_instance(settings: Settings, *, compute_logs: bool = False) -> dg.DagsterInstance:
    """Open the instance of a home, whatever DAGSTER_HOME says; close it by `with`.

    Args:
        settings: The settings of the home.
        compute_logs: Whether what runs print is captured, and can be deleted. Else it is not: the process that opens
            the instance has a terminal or a log of its own.
    """
    from dagster._core.instance.ref import InstanceRef

    from import_pipeline.orchestration.late_imports import import_sqlite_storage

    folder, said = prepare_home(settings), read_config(settings)
    if _is_ours(said.get("storage", {}).get("custom", {})):
        import_sqlite_storage()
    ref = InstanceRef.from_dir(str(folder), overrides=_overrides(said, folder, compute_logs))
    return _opened(ref)


def _opened(ref: "InstanceRef") -> dg.DagsterInstance:
    """The instance, as `DagsterInstance.from_ref` opens it, but for the store of component state.

    That store exists by default, is of use only to components, and its paths load fsspec.
    """
    from dagster._core.instance import InstanceType

    storage = ref.storage  # opened anew each time it is asked for
    if storage is None or ref.custom_instance_class is not None or ref.defs_state_storage_data is not None:
        return dg.DagsterInstance.from_ref(ref)
    return dg.DagsterInstance(
        instance_type=InstanceType.PERSISTENT,
        local_artifact_storage=ref.local_artifact_storage,
        run_storage=storage.run_storage,
        event_storage=storage.event_log_storage,
        schedule_storage=storage.schedule_storage,
        compute_log_manager=None,  # these three are opened when they are first used
        run_coordinator=None,
        run_launcher=None,
        scheduler=ref.scheduler,
        settings=ref.settings,
        secrets_loader=ref.secrets_loader,
        ref=ref,
    )


def _overrides(said: dict[str, Any], folder: Path, compute_logs: bool) -> dict[str, Any]:
    base = {"config": {"base_dir": str(folder)}}
    found: dict[str, Any] = {}
    logs = said.get("compute_logs", {})
    if not compute_logs:
        no_op = {"module": "dagster._core.storage.noop_compute_log_manager", "class": "NoOpComputeLogManager"}
        found["compute_logs"] = no_op
    elif _is_ours(logs):
        found["compute_logs"] = logs | base
    storage = said.get("storage", {}).get("custom", {})
    if _is_ours(storage):
        found["storage"] = {"custom": storage | base}
    artifacts = said.get("local_artifact_storage", {})
    if _is_ours(artifacts):
        found["local_artifact_storage"] = artifacts | base
    return found


def _is_ours(configured: dict[str, Any]) -> bool:
    return configured.get("module") == _STORAGE_MODULE
