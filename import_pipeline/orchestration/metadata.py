"""What Dagster shows of a phase: the figures of a `PhaseReport` as metadata of its materialization.

Numbers come as numbers, so that the UI plots them over imports. Rows of the file are shown only where a setting allows
it, few and short: an event log is no place for contact data.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import dagster as dg

from import_pipeline.orchestration.plot import outcomes_markdown
from import_pipeline.words import Phase, Status

if TYPE_CHECKING:
    from import_pipeline.phases.report import PhaseReport

SAMPLE_ROWS = 5
CELL_LENGTH = 60
_PLOTTED = {Phase.VALIDATION: "predicted_outcomes", Phase.CLEANUP: "outcomes"}


def table(
    rows: Iterable[Mapping[str, Any]], limit: int = SAMPLE_ROWS, cell_length: int = CELL_LENGTH
) -> dg.TableMetadataValue | None:
    """Rows as a table of text, cut to a few short ones; None without any."""
    records = [
        dg.TableRecord({str(column): _short(value, cell_length) for column, value in row.items()})
        for row, _ in zip(rows, range(limit), strict=False)
    ]
    if not records:
        return None
    columns = [dg.TableColumn(name, "text") for name in records[0].data]
    return dg.MetadataValue.table(records, schema=dg.TableSchema(columns=columns))


def counted(counts: Mapping[str, int], what: str) -> dg.TableMetadataValue | None:
    """Counts by name as a table, in the order given; None without any."""
    return table(({what: name, "rows": f"{count:,}"} for name, count in counts.items()), limit=50)


def of_report(
    report: "PhaseReport", *, status: Status | None = None, results: str | None = None, show_values: bool = False
) -> dict[str, Any]:
    """The metadata of one phase of one import.

    Args:
        report: What the phase tells.
        status: Where the import stands, if it stopped in this phase.
        results: Where the results and error files lie, for the last phase.
        show_values: Whether the first rows are shown.
    """
    found: dict[str, Any] = {
        "import": report.import_id,
        "rows_in": report.rows_in,
        "rows_out": report.rows_out,
        "defects": sum(report.defects.values()),
        "defects_by_code": counted(report.defects, "code"),
        "seconds": dg.MetadataValue.float(round(report.seconds, 3)),
        "rows_per_second": round(report.rows_per_second),
    }
    if report.stopped:
        found |= {"status": status.value if status else None, "reason": report.reason}
    if report.phase in _PLOTTED:
        found |= {_PLOTTED[report.phase]: dg.MetadataValue.md(outcomes_markdown(report.outcomes)), "results": results}
    found |= {name: count for name, count in report.outcomes.items() if count}
    found |= {name: value for name, value in report.notes.items() if value != ""}
    found |= {notice["code"]: notice["message"] for notice in report.notices}
    if show_values:
        found["sample"] = table(report.sample)
    return {name: value for name, value in found.items() if value is not None}


def of_failure(import_id: str, reason: str) -> dict[str, Any]:
    """The metadata of an import that failed in this phase while others of its run went on."""
    return {"import": import_id, "status": Status.FAILED.value, "reason": reason}


def _short(value: Any, length: int) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= length else text[: length - 1] + "…"
