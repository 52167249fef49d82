"""The kinds of defect that the phases after the first find, one module each; a module put here is found by itself.

What is wrong inside one cell is a rule of the record type (`record_types/rules`), not a kind of this package.
"""

import importlib
import pkgutil
from functools import cache

from import_pipeline.phases.defects.kind import DefectKind
from import_pipeline.phases.work import Work
from import_pipeline.sql import Parameters
from import_pipeline.words import DefectLevel, Outcome, Phase

__all__ = ["DefectKind", "find_defects", "kinds"]


_LEVELS = {Outcome.FAILED: DefectLevel.ERROR, Outcome.SKIPPED: DefectLevel.INFO, None: DefectLevel.WARNING}


@cache
def kinds() -> tuple[DefectKind, ...]:
    """All kinds, in the order in which they are looked for."""
    modules = (module.name for module in pkgutil.iter_modules(__path__) if module.name != "kind")
    found = (importlib.import_module(f"{__name__}.{module}").KIND for module in modules)
    return tuple(sorted(found, key=lambda kind: (kind.phase.position, kind.order, kind.code)))


def find_defects(work: Work, phase: Phase) -> None:
    """Look for every kind of defect of a phase; a row that has one takes no part in what follows.

    Kinds are looked for one after the other, each among the rows that the former ones left.
    """
    for kind in kinds():
        if kind.phase is phase:
            _find(work, kind)


def _find(work: Work, kind: DefectKind) -> None:
    bind = Parameters()
    select = kind.find(work, bind)
    if select is None:
        return
    outcome = kind.outcome_in(work)
    level = kind.level or _LEVELS[outcome]
    phase, code = bind.bind(str(kind.phase)), bind.bind(kind.code)
    found = work.number(
        f"""
        INSERT INTO defects BY NAME
        SELECT row_number, "column", field, {phase} AS phase, {code} AS code, message, value,
            {bind.bind(str(level))} AS level
        FROM ({select})
        """,
        bind,
    )
    if found and outcome is not None:
        work.execute(
            """
            INSERT INTO left_out
            SELECT DISTINCT row_number, $phase, $outcome, $code FROM defects
            WHERE phase = $phase AND code = $code
                AND row_number NOT IN (SELECT row_number FROM left_out WHERE phase = $phase AND reason = $code)
            """,
            {"phase": str(kind.phase), "code": kind.code, "outcome": str(outcome)},
        )
