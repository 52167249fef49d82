"""What a phase tells of each import of its batch: counted for all of them at once, whether there is one or a hundred.

What the checks look at is in `checks.py`, what is told besides counts in `notices.py`; nothing here changes anything.
"""

import time
from collections import defaultdict
from collections.abc import Mapping

from import_pipeline.phases.checks import CHECKS, SAMPLES, accounted_for, is_counted, no_defects
from import_pipeline.phases.counts import count_each, count_rows, first_lines
from import_pipeline.phases.outcomes import count_outcomes
from import_pipeline.phases.report import CheckReport, Notes, Notice, PhaseReport
from import_pipeline.phases.work import Work
from import_pipeline.words import Phase


def reports_of(
    work: Work,
    phase: Phase,
    started: float,
    rows_in: Mapping[str, int],
    notes: Mapping[str, Notes],
    notices: Mapping[str, list[Notice]] | None = None,
    rows: str = "rows",
    still_in: str = "true",
    planned: bool | None = None,
) -> dict[str, PhaseReport]:
    """The reports of a phase.

    Args:
        work: The batch, after the phase.
        phase: The phase.
        started: When it began, by `time.monotonic`; each import is told its share of the seconds.
        rows_in: Import id → how many rows came in.
        notes: Import id → what the phase says of it.
        notices: Import id → what it tells besides its counts.
        rows: The table of the rows that it works on.
        still_in: SQL condition on those that go on.
        planned: Whether there is a plan; it is made in phase 4, unless this is said.
    """
    of_phase = f"phase = '{phase}'"
    found = count_each(work, "defects", "field", "code", is_counted(phase), where=of_phase)
    columns, counted = 'row_number, "column", field, code, message, value', f"{of_phase} AND {is_counted(phase)}"
    any_found = any(is_so for groups in found.values() for _, _, is_so, _ in groups)
    shown = (
        first_lines(work, "defects", columns, SAMPLES, order="row_number, field", where=counted) if any_found else {}
    )
    rows_out = count_rows(work, rows, where=still_in)
    planned = phase.position >= Phase.PARSING.position if planned is None else planned
    outcomes = count_outcomes(work) if planned else {}
    total = work.total_rows_each() if phase is Phase.CLEANUP else {}
    in_plan, distinct = "action IS NOT NULL", "count(DISTINCT row_number)"
    lines = count_rows(work, "plan", where=in_plan, count=distinct) if phase is Phase.CLEANUP else {}

    def checks(import_id: str) -> list[CheckReport]:
        if phase is Phase.CLEANUP:
            return [accounted_for(total[import_id], lines[import_id], outcomes[import_id])]
        counts: defaultdict[str, int] = defaultdict(int)
        for name, code, counted, count in found[import_id]:
            if counted:
                counts[f"{name}: {code}" if name else code] += count
        return [no_defects(phase, name, _most_first(counts), shown.get(import_id, [])) for name in CHECKS[phase]]

    def defects(import_id: str) -> dict[str, int]:
        codes: defaultdict[str, int] = defaultdict(int)
        for _, code, _, count in found[import_id]:
            codes[code] += count
        return _most_first(codes)

    seconds = (time.monotonic() - started) / max(1, len(work.import_ids()))
    return {
        import_id: PhaseReport(
            import_id=import_id,
            phase=phase,
            rows_in=rows_in[import_id],
            rows_out=rows_out[import_id],
            defects=defects(import_id),
            outcomes=outcomes.get(import_id, {}),
            notes=notes.get(import_id, {}),
            notices=(notices or {}).get(import_id, []),
            checks=checks(import_id),
            seconds=seconds,
        )
        for import_id in work.import_ids()
    }


def _most_first(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
