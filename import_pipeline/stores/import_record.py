"""What the registry gives and takes: imports, their phases, and pages of imports, as frozen values.

Only data classes and their making from rows belong here. Nothing slow is imported, so that every door may
name these types; the tables behind them are in `stores.tables`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from import_pipeline.words import Phase, PhaseMode, PhaseStatus, Source, Status, UploadMode

SAME_BYTES = "same_bytes_as"
"""In the details of an import that is not loaded: the one that has loaded the same bytes."""
WAITS_FOR = "waits_for"
"""In the details of an import: the one with the same bytes that has to end first."""
RETRY_AT = "retry_at"
"""In the details of a queued import: it is not started before this moment, in epoch seconds."""
ASKED_SAME_BYTES = "same_bytes_before"
"""In the details of an import that needs review: the one that had the same bytes before others wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewImport:
    """An import that is to be registered.

    Attributes:
        id: A person's own id; left out, one is minted.
        status: Where it begins: requested, uploaded or queued.
        spec: What was asked, as JSON values.
        details: What else is known of it, as JSON values.
    """

    record_type: str
    source: Source
    organization: str
    id: str | None = None
    name: str | None = None
    status: Status = Status.REQUESTED
    reason: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    spec: dict[str, Any] = field(default_factory=dict)
    upload_mode: UploadMode = UploadMode.ASYNC
    file_name: str | None = None
    content_type: str | None = None
    checksum: str | None = None
    size_bytes: int | None = None
    object_key: str | None = None
    object_version: str | None = None
    has_upload_file: bool = False
    supersedes: str | None = None
    created_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseRecord:
    """Where one phase of an import stands; counts are rows, times are epoch seconds."""

    name: Phase
    mode: PhaseMode
    status: PhaseStatus
    total: int | None = None
    processed: int = 0
    success: int = 0
    error: int = 0
    started_at: int | None = None
    ended_at: int | None = None
    seconds: float | None = None
    """How long it took, once it has ended as a whole."""

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        """Make the value from the columns of the table `phases` that it is made of."""
        words = {"name": Phase(row["name"]), "mode": PhaseMode(row["mode"]), "status": PhaseStatus(row["status"])}
        return cls(**row | words)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRecord:
    """An import as the registry knows it; counts are rows, times are epoch seconds.

    Attributes:
        reason: Why it stands where it stands, for people.
        details: What a person or program needs to go on (for example suggested mappings), as JSON values.
        run_id: The Dagster run that works on it, or did last.
        supersedes: The import of an earlier version of the same object.
        started_at: When processing began, of the latest attempt.
        ended_at: When it reached a final status.
        phases: The seven phases in their order.
    """

    id: str
    organization: str
    record_type: str
    name: str | None
    status: Status
    reason: str | None
    details: dict[str, Any]
    spec: dict[str, Any]
    source: Source
    upload_mode: UploadMode
    file_name: str | None
    content_type: str | None
    checksum: str | None
    size_bytes: int | None
    object_key: str | None
    object_version: str | None
    total_rows: int | None
    processed_rows: int
    created_count: int
    updated_count: int
    unchanged_count: int
    skipped_count: int
    deleted_count: int
    failed_count: int
    overwritten_count: int
    has_upload_file: bool
    has_errors_file: bool
    run_id: str | None
    supersedes: str | None
    created_by: str | None
    updated_by: str | None
    created_at: int
    updated_at: int
    started_at: int | None
    ended_at: int | None
    phases: tuple[PhaseRecord, ...] = ()

    @classmethod
    def from_row(cls, row: dict[str, Any], phases: Sequence[PhaseRecord]) -> Self:
        """Make the value from the columns of the table `imports` that it is made of, and its phases in order."""
        words = {
            "status": Status(row["status"]),
            "source": Source(row["source"]),
            "upload_mode": UploadMode(row["upload_mode"]),
        }
        return cls(**row | words, phases=tuple(phases))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some of the imports that were asked for, newest first.

    Attributes:
        page: From 1.
        has_more: Whether a later page holds more.
        total_count: How many imports there are on all pages.
    """

    items: tuple[ImportRecord, ...]
    page: int
    limit: int
    has_more: bool
    total_count: int
