"""Which queued imports are started now, and in which runs: the decision behind the sensor `queued_imports`.

Starting a run costs seconds, whatever it does. So where many small files wait, one run of `import_batch` takes many of
them; any other import gets a run of `import_file`.

Runs wait in Dagster's own queue, which takes the first by priority: `Ranks` gives priorities by which organizations
take turns there, too.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagster as dg

from import_pipeline.orchestration.tags import PRIORITY, common_tags, named_imports, tags_of
from import_pipeline.stores import imports
from import_pipeline.stores.workspace import SMALL_BYTES
from import_pipeline.words import PARTITIONS, TAG_ORGANIZATION, Status

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.stores.import_record import ImportRecord

UNFINISHED = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.MANAGED,
    dg.DagsterRunStatus.CANCELING,
]
FILES_PER_RUN = 500
"""So many cost a run some ten to twenty seconds, in which what comes later waits for it."""
ALONE_UP_TO = 4
"""So few waiting imports get a run each: they are done sooner side by side."""


@dataclass(frozen=True)
class NextRun:
    """One run that is to be started: of one partition, or of the imports that its tags name."""

    key: str
    tags: dict[str, str]
    partition: str | None = None


@dataclass(frozen=True)
class NextRuns:
    """The runs of one tick; without any, the reason.

    Attributes:
        runs: What is started.
        new_partitions: Imports that Dagster does not know yet.
        reason: Why nothing is started.
        imports: How many imports the runs take.
        behind: How many imports wait for another one to end.
    """

    runs: tuple[NextRun, ...] = ()
    new_partitions: tuple[str, ...] = ()
    reason: str = "No import waits."
    imports: int = 0
    behind: int = 0

    @property
    def message(self) -> str:
        """What the tick starts and leaves, in one line for its log."""
        left = f"; {self.behind} wait for the former version of their file" if self.behind else ""
        return f"{self.imports} imports are started, in {len(self.runs)} runs{left}."


def next_runs(home: "Home", instance: dg.DagsterInstance) -> NextRuns:
    """Choose the imports to start, as many as the settings and the runs at work allow."""
    settings = home.settings
    unfinished = instance.get_runs(dg.RunsFilter(statuses=UNFINISHED))
    runs_of = {import_id: run.run_id for run in unfinished for import_id in named_imports(run.tags)}
    room = min(settings.objects_per_tick, settings.backlog_limit - len(runs_of))
    if room <= 0:
        return NextRuns(
            reason=f"{len(runs_of)} imports are at work or about to be, and IMPORT_PIPELINE_BACKLOG_LIMIT is "
            f"{settings.backlog_limit}: the others wait."
        )
    queued = imports.queued(home.registry, room + len(runs_of))
    # A run that had an import and gave it back, or lost it, does not take it up again, though it may not have ended.
    free = [record for record in queued if runs_of.get(record.id) in (None, record.run_id)]
    in_order = _in_their_order(home, free)
    waiting, behind = in_order[:room], len(free) - len(in_order)
    if not waiting:
        told = f"{behind} imports wait for the former version of their file." if behind else NextRuns.reason
        return NextRuns(reason=told)
    known = set(instance.get_dynamic_partitions(PARTITIONS)).intersection(record.id for record in waiting)
    new = tuple(record.id for record in waiting if record.id not in known)
    ranks = Ranks(run.tags for run in unfinished)
    runs = tuple(_run_of(records, ranks) for records in _runs(waiting))
    return NextRuns(runs, new, imports=len(waiting), behind=behind)


class Ranks:
    """The order of runs in Dagster's queue: the n-th waiting run of one organization stands beside the n-th of another.

    Within an organization ranks only grow, so that its runs keep their order. One that comes anew begins where the
    queue is now: neither behind all runs that wait, nor before those that the others had been promised.

    Args:
        unfinished: The tags of all runs that wait or are at work.
    """

    def __init__(self, unfinished: Iterable[Mapping[str, str]]) -> None:
        tags = list(unfinished)
        ranks = [-int(one[PRIORITY]) for one in tags if PRIORITY in one]
        self._now = min(ranks, default=0)
        self._last: dict[str, int] = {}
        for one in tags:
            if PRIORITY in one and TAG_ORGANIZATION in one:
                self._note(one[TAG_ORGANIZATION], -int(one[PRIORITY]))

    def next(self, organizations: Collection[str]) -> int:
        """The rank of a new run: that of the one of its organizations whose turn comes first."""
        rank = min(max(self._now, self._last.get(one, self._now - 1) + 1) for one in organizations)
        for organization in organizations:
            self._note(organization, rank)
        return rank

    def _note(self, organization: str, rank: int) -> None:
        self._last[organization] = max(rank, self._last.get(organization, rank))


def _in_their_order(home: "Home", waiting: Sequence["ImportRecord"]) -> list["ImportRecord"]:
    """Without those that bring a new version of a file whose former version is still to be imported, or just is."""
    former = imports.read(home.registry, [record.supersedes for record in waiting if record.supersedes])
    unfinished = {
        record.id
        for record in former
        if record.status in (Status.QUEUED, Status.PROCESSING)
        or (record.status is Status.UPLOADED and record.waits_for is not None)
    }
    return [record for record in waiting if record.supersedes not in unfinished]


def _runs(waiting: Sequence["ImportRecord"]) -> Iterable[list["ImportRecord"]]:
    """The imports of each run: many small ones, where many wait, else one."""
    small = [record for record in waiting if record.size_bytes is not None and record.size_bytes <= SMALL_BYTES]
    in_batches = small if len(waiting) > ALONE_UP_TO and len(small) > 1 else []
    ids = {record.id for record in in_batches}
    yield from ([record] for record in waiting if record.id not in ids)
    # Whose files are few comes into the first run, whatever another one has waiting.
    count = Counter(record.organization for record in in_batches)
    ordered = sorted(in_batches, key=lambda record: (count[record.organization], record.organization))
    yield from (ordered[start : start + FILES_PER_RUN] for start in range(0, len(ordered), FILES_PER_RUN))


def _run_of(records: Sequence["ImportRecord"], ranks: Ranks) -> NextRun:
    priority = {PRIORITY: str(-ranks.next({record.organization for record in records}))}
    # An import that is queued again (confirmed, or tried again) has been changed since: its key is a new one.
    attempts = ",".join(f"{record.id}@{record.updated_at}" for record in records)
    if len(records) == 1:
        return NextRun(attempts, tags_of(records[0]) | priority, records[0].id)
    return NextRun(hashlib.sha256(attempts.encode()).hexdigest()[:32], common_tags(records) | priority)
