"""Who sends links that open nothing is slowed down, and only they, and only for a minute."""

import pytest

from import_pipeline.api.guessing import MOST_A_MINUTE, FailedAttempts
from import_pipeline.api.refusals import RefusedError


def test_after_too_many_failures_within_a_minute_an_address_waits_until_the_first_is_a_minute_old() -> None:
    now = 1_000.0
    attempts = FailedAttempts(lambda: now)
    for _ in range(MOST_A_MINUTE):
        attempts.check("a")
        attempts.note("a")
        now += 1
    with pytest.raises(RefusedError) as refused:
        attempts.check("a")
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, str(60 - MOST_A_MINUTE))
    attempts.check("b")
    now += 60 - MOST_A_MINUTE
    attempts.check("a")
    attempts.note("a")
    now += 0.5
    with pytest.raises(RefusedError):
        attempts.check("a")


def test_addresses_are_forgotten_in_the_order_in_which_they_came_however_many_there_are() -> None:
    attempts = FailedAttempts(lambda: 0.0)
    for _ in range(MOST_A_MINUTE):
        attempts.note("first")
    for number in range(10_000):
        attempts.note(str(number))
    attempts.check("first")
