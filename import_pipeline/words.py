"""The words of the project, each stated once: code, tables, API, documentation and tests all take them from here.

Only enumerations and fixed names belong here: no logic beyond what a word means, no import beyond the standard library.
"""

from enum import StrEnum


class Phase(StrEnum):
    """The seven steps of an import; the order of the members is the order of the phases."""

    PREVALIDATION = "prevalidation"
    PREPARSING = "preparsing"
    TRANSFORMING = "transforming"
    PARSING = "parsing"
    VALIDATION = "validation"
    PROCESSING = "processing"
    CLEANUP = "cleanup"

    @property
    def position(self) -> int:
        """The place of the phase in the order, from 1 to 7."""
        return _POSITIONS[self]


_POSITIONS = {phase: place for place, phase in enumerate(Phase, start=1)}


class PhaseMode(StrEnum):
    """Whether a phase runs while the caller waits."""

    SYNC = "sync"
    ASYNC = "async"


class PhaseStatus(StrEnum):
    """Where one phase of one import stands."""

    PENDING = "pending"
    RUNNING = "running"
    NEEDS_REVIEW = "needs_review"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"


class Status(StrEnum):
    """Where an import stands."""

    REQUESTED = "requested"
    UPLOADED = "uploaded"
    QUEUED = "queued"
    PROCESSING = "processing"
    NEEDS_REVIEW = "needs_review"
    COMPLETED = "completed"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REVERTED = "reverted"

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens to the import unless somebody asks for it."""
        return self in FINAL_STATUSES


FINAL_STATUSES = frozenset(
    {Status.COMPLETED, Status.FAILED, Status.TIMED_OUT, Status.EXPIRED, Status.CANCELLED, Status.REVERTED}
)

# What may follow what; by which event is in `service/events.py`, and a test holds the two equal. What ended without
# records may be started again; where the mark says that its records are written, it is finished, or ended by its undo.
TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.REQUESTED: frozenset({Status.UPLOADED, Status.EXPIRED, Status.CANCELLED, Status.FAILED}),
    Status.UPLOADED: frozenset(
        {
            Status.REQUESTED,
            Status.QUEUED,
            Status.PROCESSING,
            Status.CANCELLED,
            Status.FAILED,
            Status.EXPIRED,
        }
    ),
    Status.QUEUED: frozenset({Status.PROCESSING, Status.CANCELLED, Status.FAILED, Status.TIMED_OUT, Status.COMPLETED}),
    Status.PROCESSING: frozenset(
        {
            Status.COMPLETED,
            Status.NEEDS_REVIEW,
            Status.FAILED,
            Status.TIMED_OUT,
            Status.CANCELLED,
            Status.QUEUED,
            Status.UPLOADED,
        }
    ),
    Status.NEEDS_REVIEW: frozenset({Status.QUEUED, Status.CANCELLED, Status.FAILED}),
    Status.COMPLETED: frozenset({Status.REVERTED}),
    Status.FAILED: frozenset({Status.QUEUED, Status.PROCESSING, Status.COMPLETED}),
    Status.TIMED_OUT: frozenset({Status.QUEUED, Status.PROCESSING, Status.COMPLETED}),
    Status.EXPIRED: frozenset({Status.QUEUED}),
    Status.CANCELLED: frozenset({Status.QUEUED, Status.COMPLETED}),
    Status.REVERTED: frozenset({Status.COMPLETED}),
}


class Action(StrEnum):
    """What the file means."""

    MERGE = "merge"
    """Create and update the records of the file."""
    OVERWRITE = "overwrite"
    """The file is the whole truth: also delete the records that are not in it."""
    DELETE = "delete"
    """Delete the records of the file."""


class DuplicateStrategy(StrEnum):
    """What happens where a row meets a stored record."""

    SKIP = "skip"
    """The record stays as it is."""
    FILL = "fill"
    """Only the record's empty fields are filled."""
    MERGE = "merge"
    """The row's non-empty values win."""
    OVERWRITE = "overwrite"
    """The row replaces the record."""


class DuplicateHandling(StrEnum):
    """What happens where rows of the file meet each other."""

    IGNORE_ALL = "ignore_all"
    """All of them are left out."""
    USE_FIRST = "use_first"
    """The first is used, the rest are left out."""


class InvalidData(StrEnum):
    """What happens where rows fail validation."""

    REMOVE_ROWS = "remove_rows"
    """A failed row is left out."""
    BLOCK = "block"
    """One failed row, and nothing is written: the import needs review."""
    NULL_CELLS = "null_cells"
    """The bad cell is stored as null and reported as a warning."""


class OnBadOptional(StrEnum):
    """What happens where a cell is bad that a row can do without: it identifies nothing and may be empty."""

    EMPTY = "empty"
    """The cell is left empty, with a warning, and the row goes on."""
    FAIL = "fail"
    """The row fails, as it does for any other bad cell."""


class OnPossibleDuplicate(StrEnum):
    """What happens where a row shares a weak identifier with a stored record that says otherwise."""

    CREATE = "create"
    """The row becomes a record of its own, with a warning that names the other one."""
    ASK = "ask"
    """Nothing is written: the import needs review."""
    SKIP = "skip"
    """The row is left out."""


class OnReferenced(StrEnum):
    """What happens where a record that is to be deleted is referred to by others."""

    KEEP = "keep"
    """The record is kept, and listed."""
    CLEAR = "clear"
    """The record is deleted, and the references to it are emptied."""


class DateOrder(StrEnum):
    """What comes first in dates that can be read in two ways."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


class MappingDirection(StrEnum):
    """Which way round a mapping is written."""

    COLUMN_TO_FIELD = "column_to_field"
    FIELD_TO_COLUMN = "field_to_column"


class UploadMode(StrEnum):
    """Whether the caller waits for phases 1 and 2 (sync), these and more (mixed), or none (async)."""

    SYNC = "sync"
    MIXED = "mixed"
    ASYNC = "async"


PHASES_IN_SYNC = {UploadMode.SYNC: 7, UploadMode.MIXED: 2, UploadMode.ASYNC: 0}
"""So many phases, from the first, have the mode sync: as pages 001 and 002 say it of each upload mode."""


class PlannedAction(StrEnum):
    """What the plan says of a row."""

    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    SKIP = "skip"
    DELETE = "delete"
    FAIL = "fail"


class Outcome(StrEnum):
    """What became of a row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    DELETED = "deleted"
    FAILED = "failed"


OUTCOME_OF = {
    PlannedAction.CREATE: Outcome.CREATED,
    PlannedAction.UPDATE: Outcome.UPDATED,
    PlannedAction.UNCHANGED: Outcome.UNCHANGED,
    PlannedAction.SKIP: Outcome.SKIPPED,
    PlannedAction.DELETE: Outcome.DELETED,
    PlannedAction.FAIL: Outcome.FAILED,
}


class DefectLevel(StrEnum):
    """How bad a defect is. Only an error keeps its row from going on."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class ReviewKind(StrEnum):
    """What one step of a review does."""

    EDIT = "edit"
    """Cells are given texts one by one, or rows are left out one by one."""
    REPLACE = "replace"
    """A text is replaced by another one wherever it stands."""
    SET = "set"
    """Cells are given one text."""
    CLEAR = "clear"
    """Cells are emptied."""
    TRIM = "trim"
    """White space around the texts of cells is taken off."""
    LEAVE_OUT = "leave_out"
    """Rows are left out of the import."""


class Source(StrEnum):
    """The way in by which an import came."""

    TERMINAL = "terminal"
    LAUNCHPAD = "launchpad"
    BUCKET = "bucket"
    FEED = "feed"
    API = "api"

    @property
    def is_automatic(self) -> bool:
        """Whether no person chose these bytes: claims bind the automatic ways in."""
        return self in (Source.BUCKET, Source.FEED)


IMPORT_ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
ORGANIZATION_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,62}$"
DEFAULT_ORGANIZATION = "default"

# Dagster's names
PARTITIONS = "imports"
GROUP_PHASES = "import_phases"
GROUP_RECORDS = "records"
TAG_IMPORT = "import_pipeline/import"
TAG_ORGANIZATION = "import_pipeline/organization"
TAG_RECORD_TYPE = "import_pipeline/record_type"
TAG_FILE = "import_pipeline/file"
TAG_SOURCE = "import_pipeline/source"
TAG_STATUS = "import_pipeline/status"

# The bucket's folders
UPLOADS = "uploads"
"""Watched: uploads/<organization>/<record type>/<name>."""
PAYLOADS = "payloads"
"""Not watched: payloads/<import id>/<name>, for what a person gave directly."""
RESULTS = "results"
"""results/<import id>/…"""
SNAPSHOTS = "snapshots"
"""snapshots/<organization>/<table>.parquet: records for those who read beside imports."""

ID_FIELD = "id"
"""The record's own id: every record type has it, a column may be mapped to it, and no model declares it."""
RECORDS_FILE_COLUMNS = frozenset({ID_FIELD, "created_by_import", "updated_by_import"})
"""By these columns a file of stored records is known: its texts are taken as they stand."""
