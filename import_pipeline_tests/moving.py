"""Imports that a test brings into a status, as far as `words.TRANSITIONS` lets it."""

from typing import Any

from import_pipeline.stores import import_changes
from import_pipeline.stores.import_changes import Change
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.registry import Registry
from import_pipeline.words import Status


def move(registry: Registry, import_id: str, to: Status, *, reason: str | None = None, **fields: Any) -> ImportRecord:
    """Change the status of one import, and fields with it; why it was refused is raised."""
    changed, refused = import_changes.change(registry, [import_id], lambda record, now: Change(to, fields, reason))
    for error in refused.values():
        raise error
    return changed[0]
