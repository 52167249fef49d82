import pytest

from import_pipeline.run_config.status_words import (
    counters_for_page_000,
    for_page_000,
    for_page_001,
    for_page_004,
    in_preview_for_page_003,
)
from import_pipeline.words import Status

TABLE = {
    "requested": ("pending", "requested", "AWAITING_UPLOAD"),
    "uploaded": ("uploaded", "requested", "RUNNING"),
    "queued": ("processing", "queued", "RUNNING"),
    "processing": ("processing", "processing", "RUNNING"),
    "needs_review": ("uploaded", "failed", "NEEDS_REVIEW"),
    "completed": ("completed", "completed", "SUCCESSFUL"),
    "failed": ("failed", "failed", "FAILED"),
    "timed_out": ("failed", "timed_out", "FAILED"),
    "expired": ("failed", "expired", "FAILED"),
    "cancelled": ("failed", "failed", "FAILED"),
    "reverted": ("failed", "completed", "SUCCESSFUL"),
}


@pytest.mark.parametrize("status", Status)
def test_every_status_has_its_word_on_every_page(status: Status):
    assert (for_page_000(status), for_page_001(status), for_page_004(status)) == TABLE[status]


def test_no_page_gets_a_word_that_it_does_not_know():
    assert {for_page_000(status) for status in Status} == {"pending", "uploaded", "processing", "completed", "failed"}
    assert {for_page_001(status) for status in Status} == {
        *("requested", "queued", "processing", "completed", "failed", "timed_out", "expired")
    }
    assert {for_page_004(status) for status in Status} == {
        *("AWAITING_UPLOAD", "RUNNING", "NEEDS_REVIEW", "SUCCESSFUL", "FAILED")
    }


@pytest.mark.parametrize("status", Status)
def test_an_import_waits_in_preview_until_it_starts(status: Status):
    assert in_preview_for_page_003(status) == (status in ("requested", "uploaded", "needs_review"))
    assert in_preview_for_page_003(status, dry_run=True)


def test_unchanged_rows_count_as_skipped_on_page_000():
    counts = {
        "total_rows": 1500,
        "created_count": 600,
        "updated_count": 100,
        "unchanged_count": 15,
        "skipped_count": 30,
        "failed_count": 5,
        "deleted_count": 0,
    }
    assert counters_for_page_000(counts) == {
        "total_rows": 1500,
        "processed_rows": 750,
        "created_count": 600,
        "updated_count": 100,
        "skipped_count": 45,
        "failed_count": 5,
        "deleted_count": 0,
    }


def test_before_anything_is_counted_the_counters_are_zero_and_the_total_unknown():
    counters = counters_for_page_000({"total_rows": None, "created_count": None})
    assert counters["total_rows"] is None
    assert counters["processed_rows"] == counters["created_count"] == counters["skipped_count"] == 0
