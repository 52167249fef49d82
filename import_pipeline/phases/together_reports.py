"""What the phases tell of each of several imports in one workspace: the same reports as of an import alone.

A few statements count for all imports at once; nothing here changes anything.
"""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from import_pipeline.phases.checks import CHECKS, SAMPLES, accounted_for
from import_pipeline.phases.notices import notices_of
from import_pipeline.phases.outcomes import outcome_of_action
from import_pipeline.phases.report import CheckReport, PhaseReport
from import_pipeline.phases.running import SAMPLE_ROWS, notes_of
from import_pipeline.phases.together import File
from import_pipeline.phases.work import Work
from import_pipeline.words import Outcome, Phase

Reports = dict[str, dict[Phase, PhaseReport]]
"""Import id → phase → what it tells."""


class Clock:
    """How long each phase took, of those that ended since the last look.

    Attributes:
        began: When the first of them began, in epoch seconds.
        seconds: Phase → seconds; phases that ran as one get equal parts.
    """

    def __init__(self) -> None:
        self.began = int(time.time())
        self.seconds: dict[Phase, float] = {}
        self._last = time.monotonic()

    def ended(self, *phases: Phase) -> None:
        """Note that phases ended now."""
        now = time.monotonic()
        self.seconds |= dict.fromkeys(phases, (now - self._last) / len(phases))
        self._last = now


_OWN = "JOIN numbering ON numbering.row_number = given.row_number"


def reports_of(work: Work, files: Sequence[File], seconds: Mapping[Phase, float]) -> Reports:
    """The reports of all phases of the imports that are in the workspace.

    Args:
        work: The shared work, after phase 6.
        files: The files of these imports.
        seconds: How long each phase took for all of them; each import is told its share.
    """
    left = _left_out(work)
    codes = _codes(work)
    told = _samples_of_defects(work)
    samples = _grouped(work, _first_rows("rows", SAMPLE_ROWS))
    outcomes = _outcomes(work)
    reports: Reports = {}
    notices = notices_of(work)
    for file in files:
        rows, of_phase = file.rows, {}
        for phase in Phase:
            key = (file.import_id, str(phase))
            rows_out = rows - left.get(key, 0)
            counted = outcomes[file.import_id] if phase.position >= Phase.PARSING.position else {}
            defects: defaultdict[str, int] = defaultdict(int)
            for _, code, count in codes.get(key, ()):
                defects[code] += count
            of_phase[phase] = PhaseReport(
                import_id=file.import_id,
                phase=phase,
                rows_in=rows,
                rows_out=rows_out,
                defects=dict(defects),
                outcomes=counted,
                sample=samples.get(file.import_id, []),
                seconds=seconds[phase] / len(files),
                notes=_notes(file, phase, counted),
                notices=notices.get(file.import_id, []) if phase is Phase.CLEANUP else [],
                checks=[
                    accounted_for(file.rows, sum(counted.values()), counted)
                    if name == "rows_accounted_for"
                    else _no_defects(phase, name, codes.get(key, ()), told.get(key, []))
                    for name in CHECKS[phase]
                ],
            )
            rows = rows_out
        reports[file.import_id] = of_phase
    return reports


def _notes(file: File, phase: Phase, outcomes: Mapping[str, int]) -> dict[str, str | int | float]:
    if phase is Phase.PREVALIDATION:
        return notes_of(file.reading, file.spec)
    if phase is Phase.CLEANUP:
        return {"errors_file_rows": outcomes[Outcome.FAILED], "overwritten": 0}
    return {"overwritten": 0} if phase is Phase.VALIDATION else {}


def _no_defects(
    phase: Phase, name: str, codes: Sequence[tuple[str | None, str, int]], samples: list[dict[str, Any]]
) -> CheckReport:
    counts = {f"{field}: {code}" if field else code: count for field, code, count in codes}
    return CheckReport(name, not counts, "WARN", CHECKS[phase][name], counts, samples)


def _left_out(work: Work) -> dict[tuple[str, str], int]:
    """How many rows of each import each phase left out; a row is left out once."""
    places = ", ".join(f"'{phase}': {phase.position}" for phase in Phase)
    found = work.execute(
        f"""
        SELECT import_id, phase, count(*)
        FROM (
            SELECT row_number, arg_min(phase, MAP {{{places}}}[phase]) AS phase FROM left_out GROUP BY row_number
        ) AS given
        {_OWN}
        GROUP BY ALL
        """
    ).fetchall()
    return {(import_id, phase): count for import_id, phase, count in found}


def _codes(work: Work) -> dict[tuple[str, str], list[tuple[str | None, str, int]]]:
    """Field, code and number of the defects of each phase of each import, the commonest first."""
    found = work.execute(
        f"""
        SELECT import_id, phase, field, code, count(*)
        FROM defects AS given
        {_OWN}
        GROUP BY ALL
        ORDER BY count(*) DESC, code, field
        """
    ).fetchall()
    codes: defaultdict[tuple[str, str], list[tuple[str | None, str, int]]] = defaultdict(list)
    for import_id, phase, field, code, count in found:
        codes[import_id, phase].append((field, code, count))
    return codes


def _samples_of_defects(work: Work) -> dict[tuple[str, str], list[dict[str, Any]]]:
    found: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    lines = _grouped(work, _first_rows("defects", SAMPLES, ", phase"))
    for import_id, samples in lines.items():
        for sample in samples:
            phase = sample.pop("phase")
            found[import_id, phase].append(sample)
    return found


def _outcomes(work: Work) -> dict[str, dict[str, int]]:
    found = work.execute(
        f"SELECT import_id, {outcome_of_action()}, count(*) FROM plan AS given {_OWN} GROUP BY ALL"
    ).fetchall()
    outcomes: defaultdict[str, dict[str, int]] = defaultdict(lambda: {str(outcome): 0 for outcome in Outcome})
    for import_id, outcome, count in found:
        outcomes[import_id][outcome] = count
    return outcomes


def _first_rows(table: str, limit: int, also: str = "") -> str:
    """SELECT of the first lines that a table has of each import, the row numbers as in its file."""
    return f"""
        SELECT numbering.import_id AS of_import, numbering.row_in_file AS row_number, given.* EXCLUDE (row_number)
        FROM {table} AS given
        {_OWN}
        QUALIFY row_number() OVER (PARTITION BY numbering.import_id{also} ORDER BY given.row_number) <= {limit}
        ORDER BY of_import, numbering.row_number
    """


def _grouped(work: Work, select: str) -> dict[str, list[dict[str, Any]]]:
    grouped: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in work.dictionaries(select):
        grouped[line.pop("of_import")].append(line)
    return grouped
