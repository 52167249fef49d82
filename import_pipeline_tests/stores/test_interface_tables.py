"""What the HTTP interface keeps in the registry, on SQLite and PostgreSQL: limits, tokens, keys, deliveries, lists."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from import_pipeline.stores import idempotency, imports, rate_limits, tokens, webhooks
from import_pipeline.stores.import_record import NewImport
from import_pipeline.stores.registry import Registry
from import_pipeline.words import Source, Status
from import_pipeline_tests.moving import move


@pytest.fixture
def registry(registry_url: str) -> Iterator[Registry]:
    with Registry(registry_url) as registry:
        yield registry


def new(import_id: str, page: str | None = None) -> NewImport:
    return NewImport(id=import_id, organization="acme", record_type="contact", source=Source.API, page=page)


def test_the_minute_of_a_limit_slides(registry: Registry) -> None:
    now = 1_000.0
    _, token = tokens.create(registry, "acme")
    registry.clock = lambda: now
    assert rate_limits.take(registry, token.id, 2) is None
    now += 30
    assert [rate_limits.take(registry, token.id, 2) for _ in range(2)] == [None, 30]
    now += 29.5
    assert rate_limits.take(registry, token.id, 2) == 1
    now += 0.5
    assert [rate_limits.take(registry, token.id, 2) for _ in range(2)] == [None, 30]


def test_callers_at_once_get_no_more_than_the_limit(registry: Registry) -> None:
    _, token = tokens.create(registry, "acme")
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda _: rate_limits.take(registry, token.id, 5), range(24)))
    assert taken.count(None) == 5


def test_of_requests_at_once_under_one_key_one_does_the_work(registry: Registry) -> None:
    with ThreadPoolExecutor(8) as threads:
        reserved = list(threads.map(lambda _: idempotency.reserve(registry, "acme", "k", b"same"), range(16)))
    assert [one.is_new for one in reserved].count(True) == 1
    idempotency.settle(registry, "acme", "k", "imp_1")
    assert idempotency.reserve(registry, "acme", "k", b"same").import_id == "imp_1"
    assert idempotency.reserve(registry, "acme", "k", b"other").same_request is False


def test_a_token_is_found_until_it_is_revoked(registry: Registry) -> None:
    token, record = tokens.create(registry, "acme", "read")
    assert tokens.find(registry, token) == record
    assert tokens.find(registry, token[:-1] + "x") is None
    tokens.revoke(registry, record.prefix)
    assert tokens.find(registry, token) is None


def test_a_list_of_those_that_came_one_way_counts_and_pages_them_alone(registry: Registry) -> None:
    for number in range(3):
        imports.create(registry, new(f"page-{number}", page="page_003"))
        imports.create(registry, new(f"other-{number}"))
    first = imports.list_imports(registry, "acme", limit=2, api_page="page_003")
    assert [one.id for one in first.items] == ["page-2", "page-1"]
    assert (first.total_count, first.has_more) == (3, True)


def test_each_delivery_is_taken_by_one_of_several_at_once(registry: Registry) -> None:
    webhooks.create(registry, "acme", "https://example.com/hook", ["completed"])
    for number in range(6):
        imports.create(registry, new(f"imp-{number}"))
        for status in (Status.UPLOADED, Status.PROCESSING, Status.COMPLETED):
            move(registry, f"imp-{number}", status)
    with ThreadPoolExecutor(4) as threads:
        taken = [
            one.import_id for found in threads.map(lambda _: webhooks.take_due(registry, 2), range(8)) for one in found
        ]
    assert sorted(taken) == [f"imp-{number}" for number in range(6)]
