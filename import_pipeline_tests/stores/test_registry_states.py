"""What may follow what: every pair of statuses, and long random lives of imports against a model."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from import_pipeline.errors import DuplicateImportError, NotFoundError, StateError
from import_pipeline.stores import claims, imports
from import_pipeline.stores.import_changes import Change, Decide, change
from import_pipeline.stores.import_record import ImportRecord, NewImport
from import_pipeline.stores.registry import Registry
from import_pipeline.words import FINAL_STATUSES, TRANSITIONS, Source, Status
from import_pipeline_tests.examples import examples
from import_pipeline_tests.moving import move


@pytest.fixture
def registry(registry_url: str) -> Iterator[Registry]:
    with Registry(registry_url) as registry:
        yield registry


def new(import_id: str, organization: str = "default") -> NewImport:
    return NewImport(id=import_id, organization=organization, record_type="contact", source=Source.TERMINAL)


def road_to(status: Status) -> list[Status]:
    """The shortest legal way from requested to a status."""
    roads = {Status.REQUESTED: []}
    for here in (waiting := [Status.REQUESTED]):
        for there in sorted(TRANSITIONS[here] - roads.keys()):
            roads[there] = [*roads[here], there]
            waiting.append(there)
    return roads[status]


@pytest.mark.parametrize("start", Status)
def test_only_the_allowed_changes_of_status_happen(registry: Registry, start: Status) -> None:
    for to in Status:
        import_id = f"to-{to}"
        imports.create(registry, new(import_id))
        for step in road_to(start):
            move(registry, import_id, step, reason=f"now {step}")
        before = imports.get(registry, import_id)
        assert before.status is start
        if to in TRANSITIONS[start] or (to is start and not start.is_final):
            after = move(registry, import_id, to, reason="because", total_rows=7)
            assert (after.status, after.reason, after.total_rows) == (to, "because", 7)
            assert after == imports.get(registry, import_id)
        else:
            with pytest.raises(StateError, match=import_id):
                move(registry, import_id, to, reason="because", total_rows=7)
            assert imports.get(registry, import_id) == before


def test_an_import_that_nobody_knows_cannot_move(registry: Registry) -> None:
    with pytest.raises(NotFoundError, match="nobody"):
        move(registry, "nobody", Status.UPLOADED)


def test_staying_in_a_status_changes_fields_and_keeps_the_reason(registry: Registry) -> None:
    imports.create(registry, new("one"))
    move(registry, "one", Status.UPLOADED)
    move(registry, "one", Status.PROCESSING)
    move(registry, "one", Status.NEEDS_REVIEW, reason="no identifier is mapped")
    kept = move(registry, "one", Status.NEEDS_REVIEW, details={"seen": True})
    assert (kept.reason, kept.details) == ("no identifier is mapped", {"seen": True})
    assert move(registry, "one", Status.NEEDS_REVIEW, reason="another").reason == "another"
    assert move(registry, "one", Status.QUEUED).reason is None


def test_a_change_is_decided_by_where_an_import_is_in_that_moment(registry: Registry) -> None:
    imports.create_many(registry, [new("one"), new("other")])
    for import_id in ("one", "other"):
        move(registry, import_id, Status.UPLOADED)

    def take_up(run_id: str) -> Decide:
        def decide(record: ImportRecord, _: int) -> Change | StateError:
            if record.status is Status.PROCESSING:
                return StateError(record.id, record.status, Status.PROCESSING, [])
            return Change(Status.PROCESSING, {"run_id": run_id})

        return decide

    assert change(registry, ["one"], take_up("r1"))[0][0].run_id == "r1"
    changed, refused = change(registry, ["one", "other"], take_up("r2"), all_or_none=True)
    assert (changed, list(refused)) == ([], ["one"])
    changed, refused = change(registry, ["one", "other"], take_up("r2"))
    assert ([record.id for record in changed], list(refused)) == (["other"], ["one"])
    assert imports.get(registry, "one").run_id == "r1"


def test_times_tell_when_the_latest_attempt_began_and_ended(tmp_path: Path) -> None:
    now = 100
    with Registry(f"sqlite:///{tmp_path}/registry.sqlite", clock=lambda: now) as registry:
        imports.create(registry, new("one"))
        times = []
        for to in (
            *(Status.UPLOADED, Status.PROCESSING, Status.QUEUED, Status.PROCESSING, Status.FAILED),
            *(Status.QUEUED, Status.PROCESSING, Status.COMPLETED, Status.REVERTED),
        ):
            now += 1
            one = move(registry, "one", to)
            assert (one.created_at, one.updated_at) == (100, now)
            times.append((to.value, one.started_at, one.ended_at))
    assert times == [
        ("uploaded", None, None),
        ("processing", 102, None),
        ("queued", 102, None),
        ("processing", 102, None),
        ("failed", 102, 105),
        ("queued", None, None),
        ("processing", 107, None),
        ("completed", 107, 108),
        ("reverted", 107, 108),
    ]


IDS = st.sampled_from(["a", "b", "c"])
KEYS = st.sampled_from(["k1", "k2", "k3"])


class Lives(RuleBasedStateMachine):
    """Imports and claims in a real file, beside a model of dictionaries."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.registry = Registry(f"sqlite:///{self.folder.name}/registry.sqlite")
        self.statuses: dict[str, Status] = {}
        self.claims: dict[tuple[str, str], str] = {}

    @rule(import_id=IDS)
    def create(self, import_id: str) -> None:
        if import_id in self.statuses:
            with pytest.raises(DuplicateImportError):
                imports.create(self.registry, new(import_id))
        else:
            imports.create(self.registry, new(import_id))
            self.statuses[import_id] = Status.REQUESTED

    @rule(ids=st.lists(IDS, max_size=4))
    def create_many(self, ids: list[str]) -> None:
        for one in imports.create_many(self.registry, [new(import_id) for import_id in ids]):
            assert one.status is self.statuses.setdefault(one.id, Status.REQUESTED)

    @rule(import_id=IDS, to=st.sampled_from(list(Status)), rows=st.none() | st.integers(0, 9))
    def move(self, import_id: str, to: Status, rows: int | None) -> None:
        changes: dict[str, Any] = {} if rows is None else {"total_rows": rows}
        status = self.statuses.get(import_id)
        if status is None:
            with pytest.raises(NotFoundError):
                move(self.registry, import_id, to, **changes)
        elif to in TRANSITIONS[status] or (to is status and to not in FINAL_STATUSES):
            assert move(self.registry, import_id, to, **changes).status is to
            self.statuses[import_id] = to
        else:
            with pytest.raises(StateError):
                move(self.registry, import_id, to, **changes)

    @rule(kind=st.sampled_from(["object", "content"]), wanted=st.dictionaries(KEYS, IDS))
    def claim(self, kind: str, wanted: dict[str, str]) -> None:
        ended = {Status.FAILED, Status.CANCELLED, Status.EXPIRED, Status.TIMED_OUT}
        for key, import_id in wanted.items():
            holder = self.claims.get((kind, key))
            if holder is None or (kind == "content" and self.statuses.get(holder) in ended):
                self.claims[kind, key] = import_id
        got = claims.claim_many(self.registry, "object" if kind == "object" else "content", wanted)
        assert got == {key: self.claims[kind, key] for key in wanted}

    @invariant()
    def registry_and_model_agree(self) -> None:
        assert {one.id: one.status for one in imports.list_imports(self.registry, limit=10).items} == self.statuses
        counts = imports.count_by_status(self.registry)
        assert sum(counts.values()) == len(self.statuses)

    def teardown(self) -> None:
        self.registry.close()
        self.folder.cleanup()


TestLives = Lives.TestCase
TestLives.settings = examples(8, stateful_step_count=20)
