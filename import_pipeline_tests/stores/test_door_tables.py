"""What the HTTP door keeps in the registry, on SQLite and on PostgreSQL: limits, tokens, keys, deliveries, lists."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from import_pipeline.stores.idempotency import IdempotencyKeys
from import_pipeline.stores.import_record import NewImport
from import_pipeline.stores.rate_limits import RateLimits
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tokens import Tokens
from import_pipeline.stores.webhooks import Webhooks
from import_pipeline.words import Source, Status


@pytest.fixture
def registry(registry_url: str) -> Iterator[Registry]:
    with Registry(registry_url) as registry:
        yield registry


def new(import_id: str, **details: object) -> NewImport:
    return NewImport(id=import_id, organization="acme", record_type="contact", source=Source.API, details=dict(details))


def test_the_minute_of_a_limit_slides(registry: Registry) -> None:
    now = 1_000.0
    _, token = Tokens(registry.database).create("acme")
    limits = RateLimits(registry.database, 2, clock=lambda: now)
    assert limits.take(token.id) is None
    now += 30
    assert [limits.take(token.id) for _ in range(2)] == [None, 30]
    now += 29.5
    assert limits.take(token.id) == 1
    now += 0.5
    assert [limits.take(token.id) for _ in range(2)] == [None, 30]


def test_callers_at_once_get_no_more_than_the_limit(registry: Registry) -> None:
    _, token = Tokens(registry.database).create("acme")
    limits = RateLimits(registry.database, 5)
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda _: limits.take(token.id), range(24)))
    assert taken.count(None) == 5


def test_of_requests_at_once_under_one_key_one_does_the_work(registry: Registry) -> None:
    keys = IdempotencyKeys(registry.database)
    with ThreadPoolExecutor(8) as threads:
        reserved = list(threads.map(lambda _: keys.reserve("acme", "k", b"same"), range(16)))
    assert [one.is_new for one in reserved].count(True) == 1
    keys.settle("acme", "k", "imp_1")
    assert keys.reserve("acme", "k", b"same").import_id == "imp_1"
    assert keys.reserve("acme", "k", b"other").same_request is False


def test_a_token_is_found_until_it_is_revoked(registry: Registry) -> None:
    tokens = Tokens(registry.database)
    token, record = tokens.create("acme", "read")
    assert tokens.find(token) == record
    assert tokens.find(token[:-1] + "x") is None
    tokens.revoke(record.prefix)
    assert tokens.find(token) is None


def test_a_list_of_those_that_came_one_way_counts_and_pages_them_alone(registry: Registry) -> None:
    for number in range(3):
        registry.create(new(f"page-{number}", page_003={"asked": {}}))
        registry.create(new(f"other-{number}"))
    first = registry.list("acme", limit=2, detail="page_003")
    assert [one.id for one in first.items] == ["page-2", "page-1"]
    assert (first.total_count, first.has_more) == (3, True)


def test_each_delivery_is_taken_by_one_of_several_at_once(registry: Registry) -> None:
    hooks = Webhooks(registry.database)
    hooks.create("acme", "https://example.com/hook", ["completed"])
    for number in range(6):
        registry.create(new(f"imp-{number}"))
        for status in (Status.UPLOADED, Status.PROCESSING, Status.COMPLETED):
            registry.move(f"imp-{number}", status)
    with ThreadPoolExecutor(4) as threads:
        taken = [one.import_id for found in threads.map(lambda _: hooks.take_due(2), range(8)) for one in found]
    assert sorted(taken) == [f"imp-{number}" for number in range(6)]
