"""What Dagster shows of a phase: the figures of a `PhaseReport` as metadata of its materialization.

Numbers come as numbers, so that the UI plots them over imports. Of rows, a few that failed are shown, as shapes unless
a setting allows their values: an event log is no place for contact data.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import dagster as dg

from import_pipeline.orchestration.masking import masked
from import_pipeline.orchestration.plot import outcomes_markdown
from import_pipeline.orchestration.tags import file_of
from import_pipeline.words import Phase, Status

if TYPE_CHECKING:
    from import_pipeline.phases.report import PhaseReport
    from import_pipeline.stores.import_record import ImportRecord

SAMPLE_ROWS = 5
CELL_LENGTH = 60
REASON_LENGTH = 200
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


def of_report(report: "PhaseReport", *, results: str | None = None, show_values: bool = False) -> dict[str, Any]:
    """The metadata of one phase of one import.

    Args:
        report: What the phase tells.
        results: Where the results and error files lie, for the last phase.
        show_values: Whether values of the rows that failed are shown, or their shapes.
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
    if report.phase in _PLOTTED:
        found |= {_PLOTTED[report.phase]: dg.MetadataValue.md(outcomes_markdown(report.outcomes)), "results": results}
    found |= {name: count for name, count in report.outcomes.items() if count}
    found |= {name: value for name, value in report.notes.items() if value != ""}
    found |= {notice["code"]: notice["message"] for notice in report.notices}
    failed = [sample for check in report.checks for sample in check.samples]
    found["rows_that_failed"] = table(
        (sample if show_values else masked(report.phase, sample) for sample in failed), cell_length=REASON_LENGTH
    )
    return {name: value for name, value in found.items() if value is not None}


def of_stop(record: "ImportRecord", reason: str) -> dict[str, Any]:
    """The metadata of an import that did not get through a phase: it failed, waits for a person, or was left out."""
    found = {
        "import": record.id,
        "file": file_of(record),
        "organization": record.organization,
        "record_type": record.record_type,
        "status": record.status.value,
        "reason": reason,
        "answer": answer_of(record) if record.status is Status.NEEDS_REVIEW else "",
    }
    return {name: value for name, value in found.items() if value}


def answer_of(record: "ImportRecord") -> str:
    """How an import goes on that waits for a person."""
    return (
        f"Launch import_file for the partition {record.id} with the answer in the run config of prevalidation: "
        "column_mapping or auto_map, reading (such as date_format), confirm_deletions, or confirm: true, which accepts "
        f"what is asked. In the terminal: import-pipeline confirm {record.id}"
    )


def _short(value: Any, length: int) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= length else text[: length - 1] + "…"
