"""The checks that a phase reports: one for each thing that it looks at, with how often and where it did not hold.

The names are fixed, so that Dagster can declare them without running anything; defects and outcomes are counted.
"""

from import_pipeline.phases.report import CheckReport
from import_pipeline.phases.work import Work
from import_pipeline.words import Phase

_SAMPLES = 5

# Phase → name of its check → what it says.
CHECKS: dict[Phase, dict[str, str]] = {
    Phase.PREVALIDATION: {
        "schema": "Every row can be read and every cell passes the Pandera schema of its record type."
    },
    Phase.PREPARSING: {"unique_in_file": "No identity stands in the file twice."},
    Phase.TRANSFORMING: {"identifiable": "Every row means one record, stored or new."},
    Phase.PARSING: {"unique_in_batch": "No two rows mean the same record."},
    Phase.VALIDATION: {"references": "Every id and every record that a row refers to exists."},
    Phase.PROCESSING: {"plan_stands": "What was planned still stood when it was written."},
    Phase.CLEANUP: {"rows_accounted_for": "Every row of the file has exactly one outcome."},
}


def checks_of(work: Work, phase: Phase, outcomes: dict[str, int]) -> list[CheckReport]:
    """The report of each check of a phase."""
    return [
        _rows_accounted_for(work, description, outcomes)
        if name == "rows_accounted_for"
        else _no_defects(work, phase, name)
        for name, description in CHECKS[phase].items()
    ]


def _no_defects(work: Work, phase: Phase, name: str) -> CheckReport:
    values = {"phase": str(phase)}
    counts = work.counts(
        """
        SELECT coalesce(field || ': ', '') || code, count(*) FROM defects
        WHERE phase = $phase GROUP BY ALL ORDER BY 2 DESC
        """,
        values,
    )
    samples = work.dictionaries(
        f"""
        SELECT row_number, "column", field, code, message, value FROM defects
        WHERE phase = $phase ORDER BY row_number, field LIMIT {_SAMPLES}
        """,
        values,
    )
    return CheckReport(name, not counts, "WARN", CHECKS[phase][name], counts, samples)


def _rows_accounted_for(work: Work, description: str, outcomes: dict[str, int]) -> CheckReport:
    total, counted = work.total_rows(), sum(outcomes.values())
    lines = work.number("SELECT count(DISTINCT row_number) FROM plan WHERE action IS NOT NULL")
    passed = total == counted == lines
    counts = {"total_rows": total} | {outcome: count for outcome, count in outcomes.items() if count}
    return CheckReport("rows_accounted_for", passed, "ERROR", description, counts)
