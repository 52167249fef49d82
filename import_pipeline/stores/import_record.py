"""What the registry gives and takes: imports, their phases, and pages of imports, as frozen values.

Only data classes and their making from rows belong here. Nothing slow is imported, so that every interface may
name these types; the tables behind them are in `stores.tables`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

from import_pipeline.words import Phase, PhaseMode, PhaseStatus, Source, Status, UploadMode

UploadKind = Literal["starts", "guided", "draft"]
"""Whether an import whose file was asked for starts as soon as the file is there, or when its caller says so; a draft
may be changed until then, and a person brings it on by hand."""
_WORDS: dict[str, Callable[[str], Any]] = {
    "status": Status,
    "source": Source,
    "upload_mode": UploadMode,
    "resume_phase": Phase,
}
_WORDS_OF_PHASES: dict[str, Callable[[str], Any]] = {"name": Phase, "mode": PhaseMode, "status": PhaseStatus}
PREVIEW_OUTDATED = "It was changed after its preview. Preview it again to see what it would write now."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewImport:
    """An import that is to be registered.

    Attributes:
        id: A person's own id; left out, one is minted.
        status: Where it begins: requested, uploaded or queued.
        spec: What was asked, as JSON values.
        details: What else people are shown of it, as JSON values.

    The other attributes are those of `ImportRecord`.
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
    upload_kind: UploadKind | None = None
    upload_expires_at: int | None = None
    page: str | None = None
    page_state: dict[str, Any] | None = None
    retry_of: str | None = None
    undoes: str | None = None
    sidecar_refused: bool = False
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

    def with_columns(self, columns: Mapping[str, Any]) -> Self:
        """The phase when some of its columns have been set."""
        words = {name: word(columns[name]) for name, word in _WORDS_OF_PHASES.items() if name in columns}
        return replace(self, **{**columns, **words})


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRecord:
    """An import as the registry knows it; counts are rows, times are epoch seconds.

    Attributes:
        reason: Why it stands where it stands, for people.
        details: What people are shown of it (for example suggested mappings), as JSON values: nothing is decided by it.
        run_id: The Dagster run that works on it, or did last.
        run_since: When that run took it up: its time counts from then.
        resume_phase: Queued: the phase it goes on with; None for the first.
        attempts: How many of its runs died or broke off since it began.
        retry_at: Queued: it is not started before this moment.
        lease_owner: The process that has it at work, or keeps it for itself; None where none does.
        lease_until: Until when, unless that process renews it.
        writing_since: When its records began to be written; it is not cancelled from then on. Whether they are written
            the mark in the record store says.
        workspace_host: The host on which its first phase ran, where its workspace lies if it has one of its own.
        accepting: Needs review: what of the spec changes if a person simply goes on.
        supersedes: The import of an earlier version of the same object.
        waits_for: Uploaded: the import with the same bytes that has to end first.
        repeat_of: Not loaded: the import that has loaded the same bytes.
        asked_repeat_of: Needs review: the import that had the same bytes before others wrote.
        retry_of: The import whose failed rows it takes up.
        undoes: The import that this undo undoes.
        undone_by: The latest undo of it.
        sidecar_refused: It failed at once: its sidecar could not be used, so what was asked is not known.
        upload_kind: Whether it starts when its file is there ('starts') or when its caller says so ('guided', or
            'draft' where what is asked of it may change until then); None where no upload was asked for.
        upload_expires_at: Until when its file may be uploaded.
        upload_begun_at: When its file began to come.
        page: The page of the API whose calls show it, where only they do: page_003 or page_004.
        page_state: What the calls of a page keep with it.
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
    run_since: int | None
    resume_phase: Phase | None
    attempts: int
    retry_at: int | None
    lease_owner: str | None
    lease_until: int | None
    writing_since: int | None
    workspace_host: str | None
    accepting: dict[str, Any] | None
    supersedes: str | None
    waits_for: str | None
    repeat_of: str | None
    asked_repeat_of: str | None
    retry_of: str | None
    undoes: str | None
    undone_by: str | None
    sidecar_refused: bool
    upload_kind: UploadKind | None
    upload_expires_at: int | None
    upload_begun_at: int | None
    page: str | None
    page_state: dict[str, Any] | None
    created_by: str | None
    updated_by: str | None
    created_at: int
    updated_at: int
    started_at: int | None
    ended_at: int | None
    phases: tuple[PhaseRecord, ...] = ()

    @property
    def is_draft(self) -> bool:
        """Whether it was not started yet, and what is asked of it may still change."""
        return self.is_by_hand and self.status in (Status.REQUESTED, Status.UPLOADED)

    @property
    def is_by_hand(self) -> bool:
        """Whether a person brings it on step by step: that it waits for them is no news."""
        return self.upload_kind == "draft"

    @property
    def is_preview(self) -> bool:
        """Whether it waits with what it would write, and to confirm it is to write just that."""
        return self.status is Status.NEEDS_REVIEW and (self.accepting or {}).get("preview") is False

    @property
    def without_preview(self) -> dict[str, Any]:
        """What is to be set of it where its preview counts no more: it is previewed anew before it is written."""
        if not self.is_preview:
            return {}
        details = {name: one for name, one in self.details.items() if name != "preview"}
        return {"accepting": None, "details": details, "reason": PREVIEW_OUTDATED}

    @classmethod
    def from_row(cls, row: dict[str, Any], phases: Sequence[PhaseRecord]) -> Self:
        """Make the value from the columns of the table `imports` that it is made of, and its phases in order."""
        words = {
            "status": Status(row["status"]),
            "source": Source(row["source"]),
            "upload_mode": UploadMode(row["upload_mode"]),
            "resume_phase": Phase(row["resume_phase"]) if row["resume_phase"] else None,
        }
        return cls(**row | words, phases=tuple(phases))

    def with_columns(self, columns: Mapping[str, Any], of_phases: Mapping[Phase, Mapping[str, Any]]) -> Self:
        """The import when some of its columns, and some of those of its phases, have been set."""
        words = {name: word(columns[name]) for name, word in _WORDS.items() if columns.get(name) is not None}
        phases = tuple(
            phase.with_columns(of_phases[phase.name]) if phase.name in of_phases else phase for phase in self.phases
        )
        return replace(self, **{**columns, **words}, phases=phases)


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
