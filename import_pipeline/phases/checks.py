"""The checks that a phase reports: one for each thing that it looks at, with how often and where it did not hold.

The names are fixed, so that Dagster can declare them without running anything; defects and outcomes are counted.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from import_pipeline.phases.report import CheckReport
from import_pipeline.words import Phase

SAMPLES = 5

# Phase → name of its check → what it says.
CHECKS: dict[Phase, dict[str, str]] = {
    Phase.PREVALIDATION: {
        "schema": "Every row can be read and every cell passes the Pandera schema of its record type."
    },
    Phase.PREPARSING: {"unique_in_file": "No identity stands in the file twice."},
    Phase.TRANSFORMING: {"identifiable": "Every row means one record, stored or new."},
    Phase.PARSING: {"unique_in_batch": "No two rows mean the same record, and no two records get one identifier."},
    Phase.VALIDATION: {"references": "Every record that a row refers to exists, and none that is to go is needed."},
    Phase.PROCESSING: {"plan_stands": "What was planned still stood when it was written."},
    Phase.CLEANUP: {"rows_accounted_for": "Every row of the file has exactly one outcome."},
}


def is_counted(phase: Phase) -> str:
    """SQL condition on a phase's defects: what a later phase warns of is no fault of what its check looks at."""
    return "true" if phase is Phase.PREVALIDATION else "level <> 'warning'"


def no_defects(phase: Phase, name: str, counts: Mapping[str, int], samples: Sequence[Mapping[str, Any]]) -> CheckReport:
    """The report of a check that looks for defects.

    Args:
        phase: The phase.
        name: The check.
        counts: What was found, with how often.
        samples: Some of these defects.
    """
    return CheckReport(name, not counts, "WARN", CHECKS[phase][name], counts, [dict(sample) for sample in samples])


def accounted_for(total: int, lines: int, outcomes: Mapping[str, int]) -> CheckReport:
    """The report of the last check: as many rows have an outcome as there are.

    Args:
        total: The rows of the file.
        lines: The rows for which the plan has an action.
        outcomes: The rows by outcome.
    """
    passed = total == sum(outcomes.values()) == lines
    counts = {"total_rows": total} | {outcome: count for outcome, count in outcomes.items() if count}
    name = "rows_accounted_for"
    return CheckReport(name, passed, "ERROR", CHECKS[Phase.CLEANUP][name], counts)
