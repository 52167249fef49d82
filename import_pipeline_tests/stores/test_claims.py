"""Who may import what: one winner for each key, between processes too, and what becomes of a claim after its import."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from import_pipeline.stores import claims, imports
from import_pipeline.stores.import_record import NewImport
from import_pipeline.stores.registry import Registry
from import_pipeline.words import Source, Status
from import_pipeline_tests.moving import move
from import_pipeline_tests.processes import run_at_once

ENDED = [Status.FAILED, Status.CANCELLED, Status.EXPIRED, Status.TIMED_OUT]


@pytest.fixture
def url(registry_url: str) -> str:
    return registry_url


@pytest.fixture
def registry(url: str) -> Iterator[Registry]:
    with Registry(url) as registry:
        yield registry


def in_status(registry: Registry, import_id: str, status: Status) -> None:
    imports.create(
        registry, NewImport(id=import_id, organization="default", record_type="contact", source=Source.BUCKET)
    )
    roads = {
        Status.REQUESTED: [],
        Status.UPLOADED: [Status.UPLOADED],
        Status.TIMED_OUT: [Status.UPLOADED, Status.PROCESSING, Status.TIMED_OUT],
        Status.COMPLETED: [Status.UPLOADED, Status.PROCESSING, Status.COMPLETED],
        Status.REVERTED: [Status.UPLOADED, Status.PROCESSING, Status.COMPLETED, Status.REVERTED],
    }
    for step in roads.get(status, [status]):
        move(registry, import_id, step)


def test_the_first_to_claim_holds_and_may_claim_again(registry: Registry) -> None:
    assert claims.claim(registry, "object", "a.csv@1", "first") == "first"
    assert claims.claim(registry, "object", "a.csv@1", "second") == "first"
    assert claims.claim(registry, "object", "a.csv@1", "first") == "first"
    assert claims.claim(registry, "object", "a.csv@2", "second") == "second"
    assert claims.claim(registry, "content", "a.csv@1", "third") == "third"


@pytest.mark.parametrize("status", ENDED)
def test_a_content_claim_passes_on_when_its_import_ended_without_records(registry: Registry, status: Status) -> None:
    in_status(registry, "first", status)
    assert claims.claim(registry, "content", "ab12", "first") == "first"
    assert claims.claim(registry, "content", "ab12", "second") == "second"
    assert claims.claim(registry, "content", "ab12", "first") == "second"


@pytest.mark.parametrize("status", [Status.REQUESTED, Status.UPLOADED, Status.COMPLETED, Status.REVERTED])
def test_a_content_claim_stays_with_an_import_that_lives_or_is_done(registry: Registry, status: Status) -> None:
    in_status(registry, "first", status)
    assert claims.claim(registry, "content", "ab12", "first") == "first"
    assert claims.claim(registry, "content", "ab12", "second") == "first"


def test_a_content_claim_stays_when_its_import_is_no_longer_known(registry: Registry) -> None:
    claims.claim(registry, "content", "ab12", "long-gone")
    assert claims.claim(registry, "content", "ab12", "second") == "long-gone"


@pytest.mark.parametrize("status", ENDED)
def test_an_object_claim_stays_for_ever(registry: Registry, status: Status) -> None:
    in_status(registry, "first", status)
    claims.claim(registry, "object", "a.csv@1", "first")
    assert claims.claim(registry, "object", "a.csv@1", "second") == "first"


def test_many_keys_are_claimed_at_once_beside_those_held_and_those_fallen(registry: Registry) -> None:
    in_status(registry, "failed", Status.FAILED)
    in_status(registry, "alive", Status.UPLOADED)
    claims.claim_many(registry, "content", {"fallen": "failed", "held": "alive"})
    wanted = {f"key-{number}": f"import-{number}" for number in range(2_500)}
    got = claims.claim_many(registry, "content", {**wanted, "fallen": "next", "held": "next"})
    assert got == {**wanted, "fallen": "next", "held": "alive"}
    assert claims.claim_many(registry, "content", dict.fromkeys(got, "late")) == got
    assert claims.claim_many(registry, "object", {}) == {}


@pytest.mark.parametrize("key", ["", "x" * 100_000, "été/日本.csv@\x00", "'; DROP TABLE claims; --", "\ud800"])
def test_any_text_can_be_claimed(registry: Registry, key: str) -> None:
    assert claims.claim(registry, "object", key, "first") == "first"
    assert claims.claim(registry, "object", key, "second") == "first"
    assert claims.claim(registry, "object", key + "2", "second") == "second"


def test_a_kind_of_claim_that_does_not_exist_is_refused(registry: Registry) -> None:
    with pytest.raises(ValueError, match="file"):
        claims.claim(registry, "file", "a", "first")  # pyright: ignore[reportArgumentType]


CLAIMANT = """
import json, sys
from import_pipeline.errors import DuplicateImportError
from import_pipeline.stores import claims, imports
from import_pipeline.stores.import_record import NewImport
from import_pipeline.stores.registry import Registry
from import_pipeline.words import Source

url, me = sys.argv[1:]
registry = Registry(url)
imports.find(registry, "anything")
print("ready", flush=True)
sys.stdin.readline()
keys = [f"key-{number}" for number in range(120)]
if me == "b":
    keys.reverse()
created, won, batches = [], [], {}
for key in keys:
    try:
        imports.create(registry, NewImport(id=key, organization="default", record_type="contact", source=Source.BUCKET))
        created.append(key)
    except DuplicateImportError:
        pass
    if claims.claim(registry, "object", key, me) == me:
        won.append(key)
for start in range(0, 3000, 500):
    batches |= claims.claim_many(registry, "object", {f"many-{number}": me for number in range(start, start + 800)})
taken = claims.claim_many(registry, "content", {f"fallen-{number}": me for number in range(300)})
print(json.dumps({"created": created, "won": won, "batches": batches, "taken": taken}))
"""


def test_of_processes_that_want_the_same_keys_exactly_one_gets_each(registry: Registry, url: str) -> None:
    in_status(registry, "failed", Status.FAILED)
    claims.claim_many(registry, "content", {f"fallen-{number}": "failed" for number in range(300)})
    a, b = map(json.loads, run_at_once(CLAIMANT, [(url, name) for name in ("a", "b")]))
    keys = sorted(f"key-{number}" for number in range(120))
    assert sorted(a["created"] + b["created"]) == keys
    assert sorted(a["won"] + b["won"]) == keys
    assert a["batches"] == b["batches"]
    assert set(a["batches"].values()) <= {"a", "b"}
    assert a["taken"] == b["taken"]
    assert set(a["taken"].values()) <= {"a", "b"}
    assert {one.id for one in imports.list_imports(registry, limit=500).items} == {*keys, "failed"}


def test_a_claim_takes_as_long_among_very_many_claims_as_among_few(tmp_path: Path) -> None:
    from import_pipeline_tests.benchmarks.claims import growth, measure

    grown = growth(measure([2_000, 100_000], tmp_path, rounds=30))
    assert max(grown.new, grown.held, grown.in_a_tick) < 3
