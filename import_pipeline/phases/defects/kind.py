"""What a kind of defect is: its code, its phase, what becomes of the row, and the SQL that finds it."""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass

from import_pipeline.phases.work import Work
from import_pipeline.sql import Parameters
from import_pipeline.words import DefectLevel, Outcome, Phase


@dataclass(frozen=True)
class DefectKind:
    """One kind of defect of one phase.

    Attributes:
        code: Its name for programs; never changed once released.
        title: Its name for people.
        phase: The phase that looks for it.
        outcome: What becomes of the row: failed, or skipped where nothing is wrong with it. None: it stays in, with a
            warning.
        find: Gives the SELECT of the rows that have it, as
            `row_number, "column", field, value, message`, or None where it cannot occur.
            The message names what is wrong and what to do.
        order: Kinds of one phase are looked for from the lowest to the highest.
        outcome_of: Gives the outcome where the spec decides it.
        remedy: What to do about it, in general; the message of a defect says it of the row.
        counted: How one and several of them are counted when an import ends: what follows the number, with {name} and
            {plural} of the record type.
        level: How bad it is, where that does not follow from the outcome: a failed row is an error, others are info.
    """

    code: str
    title: str
    phase: Phase
    outcome: Outcome | None
    find: Callable[[Work, Parameters], str | None]
    order: int = 50
    outcome_of: Callable[[Work], Outcome | None] | None = None
    level: DefectLevel | None = None
    _: KW_ONLY
    remedy: str
    counted: tuple[str, str] | None = None

    def outcome_in(self, work: Work) -> Outcome | None:
        """What becomes of the row in this import."""
        return self.outcome if self.outcome_of is None else self.outcome_of(work)
