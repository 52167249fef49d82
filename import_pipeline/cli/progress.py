"""Progress on standard error while an import runs: a line for each phase as it ends, and on a terminal a spinner."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from import_pipeline.cli import screen
from import_pipeline.words import Phase

if TYPE_CHECKING:
    from import_pipeline.phases.report import PhaseReport


class Progress:
    """What is shown of the phases of one import; call it as they begin and end."""

    def __init__(self) -> None:
        self._status = None
        self._console = screen.err()

    @contextmanager
    def shown(self) -> Iterator["Progress"]:
        """Show progress while the block runs."""
        if not sys.stderr.isatty():
            yield self
            return
        with self._console.status("Starting …", spinner="line") as self._status:
            yield self

    def __call__(self, phase: Phase, report: "PhaseReport | None") -> None:
        """Show that a phase begins (no report) or has ended."""
        if report is None:
            if self._status is not None:
                self._status.update(f"{_name(phase)} …")
            return
        if not report.skipped:
            self._console.print(_line(report), soft_wrap=True)


def _name(phase: Phase) -> str:
    return f"{phase.position}/{len(Phase)} {phase}"


def _line(report: "PhaseReport") -> str:
    name = f"{_name(report.phase):<17}"
    if report.stopped:
        return f"{name} waits"
    left_out = report.rows_in - report.rows_out
    rows = f"{report.rows_in:>11,} {'row' if report.rows_in == 1 else 'rows'}" + (
        f", {left_out:,} left out" if left_out else ""
    )
    return f"{name} {rows:<36} {screen.duration(report.seconds):>8}"
