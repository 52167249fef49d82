"""Who sends links that open nothing is slowed down, and only they, and only for a minute."""

import pytest

from import_pipeline.api.guessing import MOST_OF_ADDRESS, MOST_OF_LINK, FailedAttempts
from import_pipeline.api.refusals import RefusedError


def test_a_link_that_failed_too_often_waits_until_the_first_failure_is_a_minute_old() -> None:
    now = 1_000.0
    attempts = FailedAttempts(lambda: now)
    for number in range(MOST_OF_LINK):
        attempts.check("a", f"lnk_1.{number}")
        attempts.note("a", f"lnk_1.{number}")
        now += 1
    with pytest.raises(RefusedError) as refused:
        attempts.check("a", "lnk_1.other")
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, str(60 - MOST_OF_LINK))
    attempts.check("a", "lnk_2.x")
    attempts.check("b", "lnk_1.x")
    now += 60 - MOST_OF_LINK
    attempts.check("a", "lnk_1.x")
    attempts.note("a", "lnk_1.x")
    now += 0.5
    with pytest.raises(RefusedError):
        attempts.check("a", "lnk_1.x")


def test_an_address_that_tries_many_links_waits_with_all_of_them() -> None:
    attempts = FailedAttempts(lambda: 0.0)
    for number in range(MOST_OF_ADDRESS):
        attempts.check("a", f"lnk_{number}.x")
        attempts.note("a", f"lnk_{number}.x")
    with pytest.raises(RefusedError):
        attempts.check("a", "lnk_new.x")
    attempts.check("b", "lnk_new.x")


def test_what_is_no_link_is_counted_as_one_of_its_own() -> None:
    attempts = FailedAttempts(lambda: 0.0)
    for _ in range(MOST_OF_LINK):
        attempts.note("a", "")
    attempts.check("a", "lnk_1.x")


def test_what_is_counted_is_bounded_however_many_try_and_whatever_they_send() -> None:
    attempts = FailedAttempts(lambda: 0.0)
    for _ in range(MOST_OF_LINK):
        attempts.note("first", "x" * 200)
    with pytest.raises(RefusedError):
        attempts.check("first", "x" * 200)
    for number in range(10_000):
        attempts.note(str(number), "y")
    attempts.check("first", "x" * 200)
