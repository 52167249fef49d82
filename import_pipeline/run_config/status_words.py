"""How the status and the counters of an import are called on pages 000, 001 (with 002), 003 and 004.

Only the words of the answers belong here, one table for each page; every status has a word on every page.
"""

from collections.abc import Mapping

from import_pipeline.words import Status

_PAGE_000 = {
    Status.REQUESTED: "pending",
    Status.UPLOADED: "uploaded",
    Status.QUEUED: "processing",
    Status.PROCESSING: "processing",
    Status.NEEDS_REVIEW: "uploaded",
    Status.COMPLETED: "completed",
    Status.FAILED: "failed",
    Status.TIMED_OUT: "failed",
    Status.EXPIRED: "failed",
    Status.CANCELLED: "failed",
    Status.REVERTED: "failed",
}

_PAGE_001 = {
    Status.REQUESTED: "requested",
    Status.UPLOADED: "requested",
    Status.QUEUED: "queued",
    Status.PROCESSING: "processing",
    Status.NEEDS_REVIEW: "failed",
    Status.COMPLETED: "completed",
    Status.FAILED: "failed",
    Status.TIMED_OUT: "timed_out",
    Status.EXPIRED: "expired",
    Status.CANCELLED: "failed",
    Status.REVERTED: "completed",
}

_PAGE_004 = {
    Status.REQUESTED: "AWAITING_UPLOAD",
    Status.UPLOADED: "RUNNING",
    Status.QUEUED: "RUNNING",
    Status.PROCESSING: "RUNNING",
    Status.NEEDS_REVIEW: "NEEDS_REVIEW",
    Status.COMPLETED: "SUCCESSFUL",
    Status.FAILED: "FAILED",
    Status.TIMED_OUT: "FAILED",
    Status.EXPIRED: "FAILED",
    Status.CANCELLED: "FAILED",
    Status.REVERTED: "SUCCESSFUL",
}

_BEFORE_START = frozenset({Status.REQUESTED, Status.UPLOADED, Status.NEEDS_REVIEW})


def for_page_000(status: Status) -> str:
    """The status as page 000 calls it: pending, uploaded, processing, completed or failed."""
    return _PAGE_000[Status(status)]


def for_page_001(status: Status) -> str:
    """The status as pages 001 and 002 call it."""
    return _PAGE_001[Status(status)]


def from_page_001(word: str) -> tuple[Status, ...]:
    """The statuses that pages 001 and 002 call by this word; none where they have no such word."""
    return tuple(status for status, said in _PAGE_001.items() if said == word)


def in_preview_for_page_003(status: Status, *, dry_run: bool = False) -> bool:
    """What page 003 says instead of a status: whether the import still waits to be imported.

    Args:
        status: Where the import stands.
        dry_run: Whether it was asked to stop before phase 6 (the spec's `dry_run`).
    """
    return dry_run or Status(status) in _BEFORE_START


def for_page_004(status: Status) -> str:
    """The status as page 004 calls it: AWAITING_UPLOAD, RUNNING, NEEDS_REVIEW, SUCCESSFUL or FAILED."""
    return _PAGE_004[Status(status)]


def counters_for_page_000(counts: Mapping[str, int | None]) -> dict[str, int | None]:
    """The counters as page 000 has them: unchanged rows count as skipped, and the processed rows are their sum.

    Args:
        counts: total_rows and the counters by outcome (`created_count`, …), as in the import object; rows, None where
            nothing was counted yet.

    Returns:
        total_rows (None while unknown), processed_rows, created_count, updated_count, skipped_count, failed_count,
        deleted_count, with processed_rows equal to the sum of those that follow it.
    """
    number = {name: counts.get(name) or 0 for name in _COUNTERS}
    words = {
        "created_count": number["created_count"],
        "updated_count": number["updated_count"],
        "skipped_count": number["skipped_count"] + number["unchanged_count"],
        "failed_count": number["failed_count"],
        "deleted_count": number["deleted_count"],
    }
    return {"total_rows": counts.get("total_rows"), "processed_rows": sum(words.values()), **words}


_COUNTERS = ("created_count", "updated_count", "unchanged_count", "skipped_count", "deleted_count", "failed_count")
