"""What a phase reports: counts, defects by code, checks. Every interface shows these same reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from import_pipeline.words import Phase

Notes = dict[str, str | int | float]
"""What a phase says of an import in its own words, by name."""
Notice = dict[str, Any]
"""What an import tells besides its counts: `code`, `count`, `message`, and what else programs may want to know."""


def in_words(notices: Sequence[Notice]) -> str:
    """All notices as one text."""
    return " ".join(notice["message"] for notice in notices)


@dataclass(frozen=True)
class CheckReport:
    """One check of a phase: what was looked at, whether it held, and where it did not."""

    name: str
    passed: bool
    severity: str
    """WARN where rows are bad, ERROR where the pipeline would be wrong."""
    description: str
    counts: Mapping[str, int] = field(default_factory=dict)
    samples: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class PhaseReport:
    """What one phase of one import did."""

    import_id: str
    phase: Phase
    rows_in: int = 0
    rows_out: int = 0
    defects: Mapping[str, int] = field(default_factory=dict)
    """Number of defects by code."""
    outcomes: Mapping[str, int] = field(default_factory=dict)
    """Number of rows by outcome: predicted from phase 4 on, final from phase 6 on."""
    seconds: float = 0.0
    notes: Mapping[str, str | int | float] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    """What the import tells besides its counts (`notices.py`): of its last phase, and of phase 5."""
    checks: list[CheckReport] = field(default_factory=list)
    stopped: bool = False
    """The import stopped in this phase and waits for a person."""
    skipped: bool = False
    """The phase did nothing, for the import had stopped before, or an earlier run had done it."""
    done_before: bool = False
    """An earlier run of the import had done the phase: later phases go on."""
    reason: str | None = None

    @property
    def rows_per_second(self) -> float:
        """Rows that came in, for each second of the phase."""
        return self.rows_in / self.seconds if self.seconds else 0.0
