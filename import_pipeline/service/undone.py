"""What an undo that has ended means for the import that it undid: it is reverted, or keeps what could not go."""

from typing import TYPE_CHECKING

from import_pipeline.service import transitions
from import_pipeline.service.showing import undo_counts
from import_pipeline.stores import imports
from import_pipeline.stores.import_record import ImportRecord

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.phases.report import PhaseReport


def settle(home: "Home", record: ImportRecord, report: "PhaseReport") -> str | None:
    """Say of the import that is undone that it is reverted; if it was an undo, what it undid is completed again.

    An undo that had to keep records leaves the import completed, so that it can be undone again.

    Returns:
        The reason of the undo: how many records it kept, if it kept some.
    """
    counts = undo_counts(report.outcomes)
    kept = counts["kept"] + counts["errored"]
    if kept:
        undone = imports.get(home.registry, str(record.undoes))
        told = f"{report.rows_in - kept:,} of {report.rows_in:,} records taken back, {kept:,} kept."
        again = "Undo it again to take back what can go by then."
        imports.update(home.registry, undone.id, reason=f"Partly undone by {record.id}: {told} {again}")
        return told
    is_undone, undone = True, record.undoes
    while undone is not None:
        (transitions.revert if is_undone else transitions.restore)(home, [undone], record.id)
        is_undone, undone = not is_undone, imports.get(home.registry, undone).undoes
    return None
