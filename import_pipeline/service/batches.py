"""A batch at work: the imports that one run takes through their phases in one workspace, and how it executes a phase.

One import has a workspace of its own, in a file; several small ones of the same organization, record type and spec
share one in memory; which of them do is decided in `run_imports.py`. What becomes of the imports when a phase ends,
stops or breaks is decided in `running.py`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import ReviewNeededError
from import_pipeline.phases import running
from import_pipeline.phases.batch import Member, Members
from import_pipeline.phases.running import PhaseDone
from import_pipeline.phases.undo import Undone
from import_pipeline.phases.undo_running import run_undo_phase
from import_pipeline.phases.work import Work
from import_pipeline.run_config.declared import record_type_of
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import publishing, reading_ahead, remembering
from import_pipeline.service.fetching import Fetched, payloads_of
from import_pipeline.service.phase_ends import is_last
from import_pipeline.stores import imports
from import_pipeline.stores.engine import working_on, working_on_several
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import MappingDirection, Phase

if TYPE_CHECKING:
    import duckdb

    from import_pipeline.home import Home
    from import_pipeline.service.watching import Watch


def _never(_: BaseException) -> bool:
    return False


@dataclass
class Batch:
    """The imports that one run works on in one workspace.

    Attributes:
        home: The home.
        import_ids: Those that are in it, in their order.
        run_id: The run that works on them.
        cancels: Whether what broke a phase was somebody who wanted the run to end, and so its imports.
        left: Those that left it, and are queued again.
        alone: Those that left it and go on by themselves: there it is told what is wrong with them.
    """

    home: "Home"
    import_ids: list[str]
    run_id: str | None = None
    cancels: Callable[[BaseException], bool] = _never
    left: set[str] = field(default_factory=set)
    alone: set[str] = field(default_factory=set)
    members: Members = field(default_factory=Members)
    _connection: "duckdb.DuckDBPyConnection | None" = None

    @property
    def is_several(self) -> bool:
        """Whether its workspace is for the rows of several imports, however many of them are left."""
        return self._connection is not None

    def opened(self, record: ImportRecord) -> "AbstractContextManager[duckdb.DuckDBPyConnection]":
        """The workspace, open while a phase works."""
        if self._connection is not None:
            return nullcontext(self._connection)
        return working_on(self.home.settings, record.id, record.organization, payload_bytes=record.size_bytes)


@contextmanager
def batch_of_several(
    home: "Home",
    records: Sequence[ImportRecord],
    run_id: str | None,
    cancels: Callable[[BaseException], bool] = _never,
) -> Iterator[Batch]:
    """A batch of several imports, with its workspace while the block runs."""
    with working_on_several(home.settings, records[0].organization) as connection:
        members = Members(tuple(Member(record.id, 0, 0) for record in records))
        yield Batch(home, [record.id for record in records], run_id, cancels, members=members, _connection=connection)


@dataclass(frozen=True)
class Executed:
    """What the execution of a phase came to.

    Attributes:
        done: What the phase tells; None where the import was put aside, because its bytes were imported before.
        changes: Import id → fields of the import to set.
        reason: Why it was put aside.
    """

    done: PhaseDone | None
    changes: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    reason: str | None = None


def execute_phase(batch: Batch, records: Sequence[ImportRecord], phase: Phase, watch: "Watch") -> Executed:
    """Run one phase in the workspace of a batch.

    Args:
        batch: The batch.
        records: The imports of it that are at work.
        phase: The phase.
        watch: Who watches the phase while it works.

    Raises:
        ReviewNeededError: A person has to decide.
        ImportPipelineError: The batch cannot go on.
    """
    first = records[0]
    spec = ImportSpec.model_validate(first.spec)
    with batch.opened(first) as connection, watch.over(connection):
        work = Work(connection, first.id, spec, record_type_of(spec), batch.home.settings, watch, members=batch.members)
        if first.undoes is not None:
            executed = _execute_undo(batch.home, first, work, phase)
        elif phase is Phase.PREVALIDATION:
            executed = _prevalidate(batch, records, work, watch)
        else:
            work.leave(set(work.import_ids()) - {record.id for record in records})
            executed = Executed(running.run_phase(work, phase))
        if is_last(first, phase):
            publishing.publish(batch.home, work, batch.run_id)
        return executed


def _execute_undo(home: "Home", record: ImportRecord, work: Work, phase: Phase) -> Executed:
    undone = imports.get(home.registry, str(record.undoes))
    done = run_undo_phase(work, phase, Undone(undone.id, undone.undoes))
    rows = done.reports[record.id].rows_in
    return Executed(done, {record.id: {"total_rows": rows}} if phase is Phase.PREVALIDATION else {})


def _prevalidate(batch: Batch, records: Sequence[ImportRecord], work: Work, watch: "Watch") -> Executed:
    home, fetched = batch.home, Fetched()
    ahead = reading_ahead.take(records[0]) if not batch.is_several else None
    payloads = payloads_of(home, records, work, watch, fetched, ahead.download if ahead else None)
    told: dict[str, Any] = {}
    try:
        done = running.run_prevalidation(work, payloads, (ahead.reading, ahead.seconds) if ahead else None)
    except ReviewNeededError as review:
        recalled = remembering.recall(home, work.spec, review)
        if recalled is None or fetched.payload is None:
            raise
        spec, told = recalled
        done = running.run_prevalidation(replace(work, spec=spec), iter([fetched.payload]))
    finally:
        payloads.close()
    batch.alone |= done.unreadable | fetched.unreadable
    if fetched.put_aside is not None:
        return Executed(None, reason=fetched.put_aside)
    mapping, rows = done.work.spec.column_mapping, done.work.total_rows_each()
    direction = MappingDirection.COLUMN_TO_FIELD
    changes: dict[str, dict[str, Any]] = {}
    for record in imports.read(home.registry, list(done.readings)) if batch.is_several else records:
        asked = ImportSpec.model_validate(record.spec) if batch.is_several else done.work.spec
        own = asked.replaced(column_mapping=mapping, mapping_direction=direction)
        changes[record.id] = {
            **fetched.files[record.id],
            "spec": own.model_dump(mode="json"),
            "total_rows": rows[record.id],
            "details": record.details | {"reading": done.readings[record.id].as_dict()} | told,
        }
    return Executed(done, changes)
