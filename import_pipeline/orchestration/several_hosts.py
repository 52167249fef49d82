"""What several hosts need that share their imports, checked when a process of theirs starts: one message for all of it.

A process belongs to several hosts where its home's dagster.yaml has another launch its runs (Celery, Kubernetes), or
where a setting says so. Nothing here needs Dagster, which a server of the API alone never loads.
"""

from collections.abc import Callable, Mapping
from typing import Any

from import_pipeline.errors import SettingsError
from import_pipeline.settings import Settings
from import_pipeline.stores.registry_database import checked_url, is_sqlite

CONFIG_FILE = "dagster.yaml"
_LOCAL = ("HomeStorage", "SqliteStorage", "DefaultRunLauncher")
_NEEDS: dict[str, tuple[Callable[[Settings], bool], str]] = {
    "IMPORT_PIPELINE_REGISTRY_URL": (
        lambda settings: not is_sqlite(checked_url(settings.registry_address)),
        "the registry on PostgreSQL, postgresql://user:password@host/database",
    ),
    "IMPORT_PIPELINE_STORE_URL": (
        lambda settings: settings.store_kind != "file",
        "the record stores, postgresql://user:password@host/database or ducklake:postgresql://…",
    ),
    "IMPORT_PIPELINE_BUCKET_URL": (
        lambda settings: settings.bucket_url is not None,
        "the bucket with files and results, s3://bucket/prefix",
    ),
    "IMPORT_PIPELINE_SIGNING_KEY": (
        lambda settings: settings.signing_key is not None,
        "one key for all that is signed, at least 32 characters",
    ),
    "IMPORT_PIPELINE_LAUNCH_FOLDERS": (
        lambda settings: "launch_folders" in settings.model_fields_set,
        "the folders that every host has under one name, as JSON; [] for none",
    ),
}
"""By setting: whether it is good for several hosts, and what it is."""


def read_config(settings: Settings) -> dict[str, Any]:
    """What dagster.yaml of a home says, as it stands there; nothing where there is none yet."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C is fifteen times as fast
    config = settings.dagster_home / CONFIG_FILE
    if not config.is_file():
        return {}
    return yaml.load(config.read_bytes(), Loader=loader) or {}  # noqa: S506 - both are safe loaders


def check_several_hosts(settings: Settings) -> bool:
    """Check that a process of several hosts has what it shares with the others.

    Returns:
        Whether the process belongs to several hosts at all.

    Raises:
        SettingsError: Something is missing; all that is missing is named.
    """
    said = read_config(settings)
    if not settings.several_hosts and not _launches_elsewhere(said):
        return False
    missing = [f"{name}: {meaning}" for name, (is_good, meaning) in _NEEDS.items() if not is_good(settings)]
    if _class_of(said.get("storage", {})) in _LOCAL or not said.get("storage"):
        missing.append(
            f"storage in {settings.dagster_home / CONFIG_FILE}: Dagster's runs in PostgreSQL, as in dagster.celery.yaml"
        )
    if missing:
        raise SettingsError(
            "Several hosts share their imports, and for that this one lacks:\n"
            + "\n".join(f"- {one}." for one in missing)
            + "\nSet it alike on every host.",
            missing=missing,
        )
    return True


def _launches_elsewhere(said: Mapping[str, Any]) -> bool:
    return bool(said.get("run_launcher")) and said["run_launcher"].get("class") not in _LOCAL


def _class_of(storage: Mapping[str, Any]) -> str | None:
    return "SqliteStorage" if "sqlite" in storage else storage.get("custom", {}).get("class")
