"""Taking imports through all their phases: which of them go in one batch, and in which order batches follow.

The imports of an organization come in their order, or as if they had: who conflicts with an earlier one of its batch,
or is not as the others, leaves it and goes on in a later one.
"""

from collections.abc import Callable, Sequence
from itertools import groupby, takewhile
from typing import TYPE_CHECKING, Any

from import_pipeline.phases.batch import MOST_FILES
from import_pipeline.phases.gathering import may_be_several
from import_pipeline.run_config.declared import record_type_of
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service.batches import Batch, batch_of_several
from import_pipeline.service.running import PhaseResult, run_phase
from import_pipeline.stores import imports
from import_pipeline.stores.engine import kept_open
from import_pipeline.stores.workspace import SMALL_BYTES
from import_pipeline.words import Phase, Status

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.stores.import_record import ImportRecord

OnResult = Callable[[Phase, PhaseResult], None]
_OF_ONE_FILE = ("name", "created_by", "upload_mode", "import_again")


def run_imports(
    home: "Home",
    import_ids: Sequence[str],
    run_id: str | None,
    on_result: OnResult,
    cancels: Callable[[BaseException], bool] = lambda error: False,
) -> None:
    """Take imports through all phases, in batches as large as may be.

    Args:
        home: The home.
        import_ids: The imports, in their order.
        run_id: The run that works on them.
        on_result: Told what each phase of each batch came to.
        cancels: Whether what broke a phase was somebody who wanted the run to end, and so its imports.
    """
    records = sorted(imports.read(home.registry, import_ids), key=lambda record: record.organization)
    ended = [record.id for record in records if record.status.is_final]
    unknown = set(import_ids) - {record.id for record in records}
    for import_id in [*ended, *sorted(unknown)]:  # most often there is nothing to do, and it is told why
        _all_phases(Batch(home, [import_id], run_id, cancels), on_result)
    records = [record for record in records if not record.status.is_final]
    for (*_, is_plain), group in groupby(records, key=_asked):
        waiting, size = list(group), MOST_FILES if is_plain else 1
        alone: set[str] = set()
        while waiting:
            tried = _next_batch(waiting[:size], alone)
            if len(tried) > 1:
                with batch_of_several(home, tried, run_id, cancels) as batch:
                    done = _all_phases(batch, on_result)
                alone |= batch.alone
                # Where few went in one batch, a smaller one wastes less; the first goes alone if nobody did.
                size = MOST_FILES if len(done) == len(tried) else max(2, 2 * len(done))
                alone |= set() if done else {waiting[0].id}
            else:
                with kept_open():  # a short file is done in less time than its workspace takes to open and close
                    done = _all_phases(Batch(home, [waiting[0].id], run_id, cancels), on_result)
            waiting = [record for record in waiting if record.id not in done]


def _next_batch(waiting: "Sequence[ImportRecord]", alone: set[str]) -> "list[ImportRecord]":
    """Those in front of the first that goes alone; that one, where it is the first."""
    return list(takewhile(lambda record: record.id not in alone, waiting)) or list(waiting[:1])


def _all_phases(batch: Batch, on_result: OnResult) -> set[str]:
    """Take a batch through all phases; gives the imports that did not leave it for a later one."""
    begun = set(batch.import_ids)
    for phase in Phase:
        if batch.import_ids:
            on_result(phase, run_phase(batch, phase))
    return begun - batch.left


def _asked(record: "ImportRecord") -> tuple[Any, ...]:
    """What imports have in common that can be in one batch; last, whether they can at all."""
    spec = {name: value for name, value in record.spec.items() if name not in _OF_ONE_FILE}
    return record.organization, record.record_type, repr(sorted(spec.items())), _is_plain(record)


def _is_plain(record: "ImportRecord") -> bool:
    """Whether an import begins at the beginning, with a small file of which each row stands for itself."""
    if record.status not in (Status.UPLOADED, Status.QUEUED) or record.undoes is not None:
        return False
    if record.object_key is None or record.size_bytes is None or record.size_bytes > SMALL_BYTES:
        return False
    spec = ImportSpec.model_validate(record.spec)
    return record.resume_phase in (None, Phase.PREVALIDATION) and may_be_several(spec, record_type_of(spec))
