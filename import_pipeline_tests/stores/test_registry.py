"""What the registry keeps of imports and their phases, and how it lists them."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from import_pipeline.errors import (
    DuplicateImportError,
    InvalidNameError,
    MisuseError,
    NotFoundError,
    StateError,
)
from import_pipeline.stores import import_changes, imports, phase_log
from import_pipeline.stores.import_record import ImportRecord, NewImport
from import_pipeline.stores.registry import Registry
from import_pipeline.words import Phase, PhaseMode, PhaseStatus, Source, Status, UploadMode
from import_pipeline_tests.moving import move


@pytest.fixture
def registry(registry_url: str) -> Iterator[Registry]:
    with Registry(registry_url) as registry:
        yield registry


def new(import_id: str | None = None, organization: str = "default", status: Status = Status.REQUESTED) -> NewImport:
    return NewImport(
        id=import_id, organization=organization, record_type="contact", source=Source.BUCKET, status=status
    )


def test_an_import_is_kept_with_everything_that_was_said_of_it(registry: Registry) -> None:
    said = NewImport(
        id="spring-list",
        organization="acme",
        record_type="company",
        source=Source.API,
        name="Spring list",
        status=Status.UPLOADED,
        reason="given by hand",
        details={"suggestions": [{"column": "E-Mail", "score": 91.5}]},
        spec={"record_type": "company", "tags": ["a", "ü"]},
        upload_mode=UploadMode.SYNC,
        file_name="été 2024.csv",
        content_type="text/csv",
        checksum="ab" * 32,
        size_bytes=5_000_000_000,
        object_key="uploads/acme/company/été 2024.csv",
        object_version="v1",
        has_upload_file=True,
        supersedes="winter-list",
        created_by="mara",
    )
    imports.create(registry, said)
    kept = imports.get(registry, "spring-list")
    for name in NewImport.__dataclass_fields__:
        assert getattr(kept, name) == getattr(said, name), name
    assert kept.updated_by == "mara"
    assert (kept.total_rows, kept.processed_rows, kept.failed_count) == (None, 0, 0)
    assert (kept.started_at, kept.ended_at) == (None, None)
    assert isinstance(kept.created_at, int)
    assert kept.created_at == kept.updated_at


def test_an_import_that_came_to_life_again_is_not_noted_as_one_that_wrote_nothing(registry: Registry) -> None:
    for import_id in ("a", "b"):
        imports.create(registry, new(import_id))
        move(registry, import_id, Status.FAILED, writing_since=5)
    ended = imports.read(registry, ["a", "b"])
    move(registry, "b", Status.QUEUED, writing_since=None)
    move(registry, "b", Status.PROCESSING, writing_since=5)
    imports.note_nothing_written(registry, ended)
    assert [one.writing_since for one in imports.read(registry, ["a", "b"])] == [None, 5]


def test_a_registry_that_another_thread_closes_this_moment_is_used_all_the_same(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    imports.create(registry, new("a"))
    number_of_process, closed = os.getpid, list[bool]()

    def closed_meanwhile() -> int:  # asked between the look for an engine and its use
        if not closed:
            closed.append(True)
            registry.close()
        return number_of_process()

    monkeypatch.setattr(os, "getpid", closed_meanwhile)
    assert imports.get(registry, "a").id == "a"
    assert closed


def test_an_import_without_an_id_gets_one_of_its_own(registry: Registry) -> None:
    ids = {imports.create(registry, new()).id for _ in range(5)}
    assert len(ids) == 5
    assert all(re.fullmatch("imp_[0-9a-f]{20}", import_id) for import_id in ids)


@pytest.mark.parametrize("import_id", ["", "-a", "a b", "../a", "a\n", "é", "x" * 65, "a\x00"])
def test_an_id_that_is_not_allowed_is_refused_and_never_found(registry: Registry, import_id: str) -> None:
    with pytest.raises(InvalidNameError):
        imports.create(registry, new(import_id))
    assert imports.find(registry, import_id) is None
    assert imports.list_imports(registry).total_count == 0


def test_an_organization_that_is_not_allowed_is_refused(registry: Registry) -> None:
    with pytest.raises(InvalidNameError, match="organization"):
        imports.create(registry, new(organization="../other"))


def test_a_second_import_of_the_same_id_is_refused_and_the_first_stays(registry: Registry) -> None:
    first = imports.create(registry, new("once", organization="acme"))
    with pytest.raises(DuplicateImportError, match="once"):
        imports.create(registry, new("once", organization="other"))
    assert imports.get(registry, "once") == first
    assert imports.list_imports(registry).total_count == 1


@pytest.mark.parametrize("status", [status for status in Status if status not in ("requested", "uploaded", "queued")])
def test_no_import_begins_in_the_middle(registry: Registry, status: Status) -> None:
    with pytest.raises(StateError):
        imports.create(registry, new(status=status))


def test_many_imports_come_back_in_their_order_and_those_that_exist_stay_as_they_are(registry: Registry) -> None:
    imports.create(registry, new("b"))
    before = move(registry, "b", Status.UPLOADED, file_name="b.csv")
    got = imports.create_many(registry, [new("c"), new("b"), new("a"), new("c", organization="other"), new()])
    assert [one.id for one in got[:4]] == ["c", "b", "a", "c"]
    assert got[1] == before
    assert got[0] == got[3]
    assert got[0].organization == "default"
    assert [one.id for one in imports.list_imports(registry).items[::-1]] == ["b", "c", "a", got[4].id]
    assert all(len(one.phases) == 7 for one in got)
    assert imports.create_many(registry, []) == []


def test_more_imports_than_one_statement_can_name_are_made_at_once(registry: Registry) -> None:
    made = imports.create_many(registry, (new(f"n{number}", status=Status.QUEUED) for number in range(2_500)))
    assert [one.id for one in made] == [f"n{number}" for number in range(2_500)]
    assert imports.count_by_status(registry)[Status.QUEUED] == 2_500
    assert len(imports.get(registry, "n2499").phases) == 7


def test_an_import_of_another_organization_is_not_found(registry: Registry) -> None:
    imports.create(registry, new("mine", organization="acme"))
    assert imports.get(registry, "mine", organization="acme").id == "mine"
    with pytest.raises(NotFoundError, match="mine"):
        imports.get(registry, "mine", organization="other")
    with pytest.raises(NotFoundError):
        imports.get(registry, "nobody")
    assert imports.find(registry, "nobody") is None


def test_lists_are_newest_first_in_pages_and_filtered(registry: Registry) -> None:
    imports.create_many(registry, (new(f"acme-{number}", organization="acme") for number in range(5)))
    imports.create(registry, NewImport(id="firm", organization="other", record_type="company", source=Source.TERMINAL))
    move(registry, "acme-1", Status.CANCELLED)

    first, last = (
        imports.list_imports(registry, organization="acme", limit=2),
        imports.list_imports(registry, organization="acme", limit=2, page=3),
    )
    assert [one.id for one in first.items] == ["acme-4", "acme-3"]
    assert (first.total_count, first.has_more, first.page, first.limit) == (5, True, 1, 2)
    assert [one.id for one in last.items] == ["acme-0"]
    assert not last.has_more
    beyond = imports.list_imports(registry, organization="acme", limit=2, page=9)
    assert (beyond.items, beyond.has_more, beyond.total_count) == ((), False, 5)

    assert [one.id for one in imports.list_imports(registry, record_type="company").items] == ["firm"]
    assert [one.id for one in imports.list_imports(registry, status=Status.CANCELLED).items] == ["acme-1"]
    assert imports.list_imports(registry, organization="other", status=Status.CANCELLED).total_count == 0
    assert imports.list_imports(registry, limit=6).has_more is False


@pytest.mark.parametrize(("page", "limit"), [(0, 25), (1, 0), (-1, 25)])
def test_a_page_that_cannot_be_is_refused(registry: Registry, page: int, limit: int) -> None:
    with pytest.raises(MisuseError, match="at least 1"):
        imports.list_imports(registry, page=page, limit=limit)


def test_every_status_is_counted(registry: Registry) -> None:
    imports.create_many(registry, [new("a"), new("b", status=Status.QUEUED), new("c", organization="acme")])
    assert imports.count_by_status(registry) == dict.fromkeys(Status, 0) | {Status.REQUESTED: 2, Status.QUEUED: 1}
    assert imports.count_by_status(registry, "acme") == dict.fromkeys(Status, 0) | {Status.REQUESTED: 1}


def test_organizations_take_turns_in_the_queue_and_each_keeps_its_order(registry: Registry) -> None:
    imports.create_many(
        registry, (new(f"big-{number}", organization="big", status=Status.QUEUED) for number in range(6))
    )
    imports.create_many(
        registry, (new(f"small-{number}", organization="small", status=Status.QUEUED) for number in range(2))
    )
    imports.create(registry, new("late", organization="third", status=Status.QUEUED))
    imports.create(registry, new("waits", organization="fourth"))
    order = ["big-0", "small-0", "late", "big-1", "small-1", "big-2", "big-3", "big-4", "big-5"]
    assert [one.id for one in imports.queued(registry, 100)] == order
    assert [one.id for one in imports.queued(registry, 4)] == order[:4]


def test_objects_of_which_there_is_one_import_alone_are_found(registry: Registry) -> None:
    for import_id, name in (("first", "a.csv"), ("second", "a.csv"), ("only", "b.csv")):
        given = {"organization": "default", "record_type": "contact", "source": Source.BUCKET, "object_key": name}
        imports.create(registry, NewImport(id=import_id, **given))
    assert imports.only_ones_of_objects(registry, ["a.csv", "b.csv", "c.csv"]) == {"b.csv"}
    assert imports.only_ones_of_objects(registry, []) == set()


def test_a_change_gives_imports_as_they_are_read_afterwards(registry: Registry) -> None:
    for import_id in ("one", "two"):
        imports.create(registry, new(import_id, status=Status.QUEUED))
    begun = {"mode": "sync", "status": "running", "total": 3, "started_at": 5}
    values = {"run_id": "run", "resume_phase": Phase.PARSING, "details": {"told": ["x"]}}
    change = import_changes.Change(Status.PROCESSING, values, "why", {Phase.PARSING: begun})
    changed, refused = import_changes.change(registry, ["two", "one"], lambda record, now: change)
    assert (changed, refused) == (imports.read(registry, ["two", "one"]), {})


def test_the_newest_import_of_an_object_is_found(registry: Registry) -> None:
    assert imports.latest_of_object(registry, "uploads/default/contact/a.csv") is None
    for version in ("v1", "v2"):
        imports.create(
            registry,
            NewImport(
                id=version,
                organization="default",
                record_type="contact",
                source=Source.BUCKET,
                object_key="uploads/default/contact/a.csv",
                object_version=version,
            ),
        )
    latest = imports.latest_of_object(registry, "uploads/default/contact/a.csv")
    assert latest is not None
    assert latest.id == "v2"


def test_fields_are_set_without_a_change_of_status(registry: Registry) -> None:
    imports.create(registry, new("one"))
    changed = imports.update(
        registry,
        "one",
        total_rows=10,
        processed_rows=10,
        created_count=8,
        failed_count=2,
        details={"a": 1},
        updated_by="mara",
    )
    assert changed == imports.get(registry, "one")
    assert (changed.status, changed.total_rows, changed.created_count) == (Status.REQUESTED, 10, 8)
    assert changed.details == {"a": 1}
    with pytest.raises(NotFoundError):
        imports.update(registry, "nobody", total_rows=1)


@pytest.mark.parametrize("name", ["status", "id", "organization", "created_at", "ended_at", "colour", "phases"])
def test_fields_that_only_the_registry_sets_cannot_be_set(registry: Registry, name: str) -> None:
    before = imports.create(registry, new("one"))
    changes: dict[str, Any] = {name: "x"}
    with pytest.raises(TypeError, match=name):
        imports.update(registry, "one", **changes)
    with pytest.raises(TypeError, match=name):
        move(registry, "one", Status.UPLOADED, **changes)
    assert imports.get(registry, "one") == before


def test_an_import_starts_with_seven_pending_phases_in_order(registry: Registry) -> None:
    phases = imports.create(registry, new("one")).phases
    assert [phase.name for phase in phases] == list(Phase)
    assert {phase.status for phase in phases} == {PhaseStatus.PENDING}
    assert imports.get(registry, "one").phases == phases
    with pytest.raises(NotFoundError):
        imports.get(registry, "nobody")


def test_a_phase_is_followed_from_start_to_end_and_started_anew(tmp_path: Path) -> None:
    now = 1_000
    with Registry(f"sqlite:///{tmp_path}/registry.sqlite", clock=lambda: now + 0.9) as registry:
        imports.create_many(registry, [new("one"), new("other")])

        def parsing(record: ImportRecord) -> tuple[object, ...]:
            phase = record.phases[3]
            return (
                *(phase.name, phase.mode, phase.status, phase.total, phase.processed, phase.success, phase.error),
                *(phase.started_at, phase.ended_at),
            )

        phase_log.start(registry, "one", Phase.PARSING, PhaseMode.SYNC, 100)
        assert parsing(imports.get(registry, "one")) == ("parsing", "sync", "running", 100, 0, 0, 0, 1_000, None)
        now = 1_005
        phase_log.progress(registry, "one", Phase.PARSING, processed=60, total=110)
        assert parsing(imports.get(registry, "one")) == ("parsing", "sync", "running", 110, 60, 0, 0, 1_000, None)
        phase_log.end(registry, "one", Phase.PARSING, PhaseStatus.COMPLETED, processed=100, success=90)
        phase_log.progress(registry, "one", Phase.PARSING, processed=70)
        assert parsing(imports.get(registry, "one")) == ("parsing", "sync", "completed", 110, 100, 90, 0, 1_000, 1_005)
        now = 1_010
        phase_log.start(registry, "one", Phase.PARSING, PhaseMode.ASYNC)
        assert parsing(imports.get(registry, "one")) == ("parsing", "async", "running", None, 0, 0, 0, 1_010, None)

        others = [phase for phase in imports.get(registry, "one").phases if phase.name is not Phase.PARSING]
        assert {phase.status for phase in (*others, *imports.get(registry, "other").phases)} == {PhaseStatus.PENDING}
        with pytest.raises(NotFoundError):
            phase_log.start(registry, "nobody", Phase.PARSING)
