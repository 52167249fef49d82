"""The tables and lists that a person sees, readable at 80 columns; what is in them comes from the import object."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from import_pipeline.cli.screen import counted, duration, local_time, out, plain, say
from import_pipeline.words import Outcome, PhaseStatus

_STYLES = {"completed": "green", "failed": "red", "cancelled": "red", "timed_out": "red", "needs_review": "yellow"}
_WIDEST_CELL = 24
KEPT_BY_US = ("created_at", "updated_at", "created_by_import", "updated_by_import")
"""The columns of a record that the store adds itself."""


def print_outcomes(found: Mapping[str, Any]) -> None:
    """What became of the rows of an import; those of a dry run are what would become of them."""
    would = "would be " if found["dry_run"] else ""
    table = new_table(("outcome", "left"), ("rows", "right"))
    for outcome in Outcome:
        count = found[f"{outcome}_count"]
        table.add_row(f"{would}{outcome}", f"{count:,}", style=None if count else "dim")
    if found["overwritten_count"]:
        table.add_row("of the stored records, not in the file and deleted", f"{found['overwritten_count']:,}")
    if found["total_rows"] is not None:
        table.add_section()
        table.add_row("rows of the file", f"{found['total_rows']:,}", style="bold")
    print_table(table)
    told = lines_not_rows(found["details"].get("reading") or {})
    if told and "notices" not in found["details"]:  # which say so, too
        say(told, style="yellow")


def lines_not_rows(reading: Mapping[str, Any]) -> str:
    """How many lines of a file were no rows of its table, by reason; empty where all were."""
    counts = reading.get("lines_not_rows") or {}
    if not counts:
        return ""
    total = sum(counts.values())
    were = "line was no row" if total == 1 else "lines were no rows"
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in counts.items())
    return f"{total:,} {were} and skipped: {reasons}."


def print_phases(found: Mapping[str, Any]) -> None:
    """What each phase took in, let go on and left out."""
    table = new_table(
        ("phase", "left"), ("status", "left"), ("rows in", "right"), ("went on", "right"), ("left out", "right"),
        ("time", "right"),
    )  # fmt: skip
    for number, phase in enumerate(found["phases"], start=1):
        counts = [f"{phase[name]:,}" for name in ("processed", "success", "error")]
        done = phase["status"] == PhaseStatus.COMPLETED
        # what stopped on its way has seen some rows, and let none of them go on
        is_counted = 0 < phase["processed"] == phase["success"] + phase["error"]
        is_running = phase["status"] == PhaseStatus.RUNNING and phase["processed"] > 0
        cells = counts if done or is_counted or is_running else ["", "", ""]
        table.add_row(f"{number} {phase['name']}", _styled(phase["status"]), *cells, _duration(phase))
    print_table(table)


def print_facts(found: Mapping[str, Any]) -> None:
    """What an import is: whose, of what, what was asked; its reason is told apart, in lines that can be copied."""
    asked = f"{found['action']}, {found['duplicate_strategy']}, {found['duplicate_handling']}"
    facts = {
        "import": found["id"],
        "name": found["name"],
        "status": found["status"],
        "file": found["file_name"],
        "size": counted(found["size_bytes"], "byte") if found["size_bytes"] is not None else None,
        "sha256": found["checksum"],
        "record type": found["resource"],
        "organization": found["organization_id"],
        "asked": asked + (", dry run" if found["dry_run"] else ""),
        "mapping": "\n".join(f"{plain(left)} → {plain(right)}" for left, right in found["column_mapping"].items()),
        "came by": " ".join(filter(None, (found["source"], found["created_by"]))),
        "created": local_time(found["created_at"]),
        "updated": local_time(found["updated_at"]),
        "Dagster run": found["run_id"],
    }
    _print_pairs({key: value for key, value in facts.items() if value})


def print_imports(items: Iterable[Mapping[str, Any]]) -> None:
    """Each import with its name and file below its id: nothing is cut, so that all of it can be copied."""
    table = new_table(
        ("import and file", "left"), ("of", "left"), ("status", "left"), ("rows", "right"), ("failed", "right"),
        ("created", "left"),
    )  # fmt: skip
    table.columns[0].overflow = "fold"
    table.columns[0].min_width = 24
    for column in table.columns[1:]:
        column.no_wrap = True
    for item in items:
        rows = "" if item["total_rows"] is None else f"{item['total_rows']:,}"
        failed = f"{item['failed_count']:,}" if item["failed_count"] else ""
        named = "\n".join(plain(text) for text in (item["id"], item["name"], item["file_name"]) if text)
        created = local_time(item["created_at"], "%Y-%m-%d\n%H:%M %Z")
        table.add_row(named, item["resource"], _styled(item["status"]), rows, failed, created)
    print_table(table)


def print_defects(defects: Sequence[Mapping[str, Any]]) -> None:
    """What is wrong, row by row, with the remedy."""
    table = new_table(("row", "right"), ("column", "left"), ("value", "left"), ("what is wrong", "left"))
    table.columns[1].max_width = 15
    table.columns[2].max_width = _WIDEST_CELL
    table.columns[2].overflow = "fold"
    for defect in defects:
        row = "file" if defect["row_number"] is None else f"{defect['row_number']:,}"
        style = "dim" if defect["level"] == "info" else None
        table.add_row(
            row, plain(defect["column"] or defect["field"]), cut(defect["value"]), plain(defect["message"]), style=style
        )
    print_table(table)


def print_suggestions(suggestions: Iterable[Mapping[str, Any]]) -> None:
    """Which field each column probably is, and how sure that is."""
    table = new_table(("column", "left"), ("field", "left"), ("score", "right"), ("how", "left"))
    for found in suggestions:
        score = f"{found['score']:g}" if found["field"] else ""
        style = {"similar": "yellow", "none": "dim"}.get(found["how"])
        table.add_row(plain(found["column"]), found["field"] or "-", score, found["how"], style=style)
    print_table(table)


def print_records(records: Sequence[Mapping[str, Any]], hidden: Iterable[str]) -> None:
    """Records, with as many of their fields as fit the width, and a word about the others."""
    names = [name for name in records[0] if name not in set(hidden)]
    filled = [name for name in names if any(record[name] not in (None, "", []) for record in records)]
    shown, room = [], out().width - 2
    for name in filled:
        width = max(len(name), *(len(cut(record[name])) for record in records)) + 2
        if width > room and shown:
            break
        shown.append(name)
        room -= width
    table = new_table(*((name, "left") for name in shown))
    for column in table.columns:
        column.no_wrap = True
        column.overflow = "ellipsis"
    for record in records:
        table.add_row(*(cut(record[name]) for name in shown))
    print_table(table)
    rest = filled[len(shown) :]
    if rest:
        say(f"\nNot shown: {', '.join(rest)}. --json and --csv FILE have everything.", style="dim")


def print_columns(found: Mapping[str, Any]) -> None:
    """The columns of a file that is looked at: type, some values, suggested field."""
    table = new_table(("column", "left"), ("type", "left"), ("for example", "left"), ("suggested field", "left"))
    table.columns[2].no_wrap = True
    table.columns[2].overflow = "ellipsis"
    for place, suggestion in enumerate(found["suggestions"]):
        column = suggestion["column"]
        values = (row[place] for row in found["sample_rows"] if place < len(row) and row[place])
        field = suggestion["field"]
        suggested = f"{field} ({suggestion['how']}, {suggestion['score']:g})" if field else "-"
        table.add_row(plain(column), found["column_types"][column], cut(next(values, None)), suggested)
    print_table(table)


def print_column_formats(found: Mapping[str, Any]) -> None:
    """How columns of dates and numbers are written, as all of their cells say it."""
    for one in found["column_formats"]:
        column = plain(one["column"])
        if one["value"] is None:
            readings = " or ".join(one["readings"])
            say(f"\n{column} can be read in two ways, {readings} ({plain(one['example'])}): say which.", style="yellow")
        else:
            say(f"\n{column} is written {plain(one['format'])}.")


def print_reading(found: Mapping[str, Any]) -> None:
    """How a file is read."""
    facts = {
        "file": f"{found['file_name']}, {counted(found['size_bytes'], 'byte')}, {counted(found['total_rows'], 'row')}",
        "format": found["format"],
        "encoding": found["encoding"],
        "delimiter": repr(found["delimiter"]) if found["delimiter"] else None,
        "quote": found["quote"],
        "header": f"line {found['header_row']}" if found["header_row"] else "none",
        "lines skipped": found["skipped_lines"],
        "sure": f"{found['confidence']:.0%}",
        "next best": found["runner_up"],
        "notes": "\n".join(plain(note) for note in found["notes"]),
        "sheets": "\n".join(map(_of_sheet, found["sheets"])) if len(found["sheets"]) > 1 else None,
        "tables": "\n".join(
            f"{one['number']}: from line {one['line']}, {counted(one['rows'], 'line')}, "
            f"{plain(', '.join(one['columns']))}"
            for one in found["tables"]
        ),
        "unread": lines_not_rows(found),
    }
    _print_pairs({key: value for key, value in facts.items() if value})


def _of_sheet(sheet: Mapping[str, Any]) -> str:
    facts = [counted(sheet["rows"], "row"), counted(sheet["columns"], "column")]
    facts += ["hidden"] * sheet["hidden"] + ["this one is read"] * sheet["chosen"]
    if sheet["may_be_meant"] and not sheet["chosen"]:
        facts.append("may be meant as well")
    return f"{plain(sheet['name'])}: {', '.join(facts)}"


def cut(value: Any) -> str:
    """A value as a cell shows it: harmless, and not too long."""
    text = plain(value)
    return text if len(text) <= _WIDEST_CELL else text[: _WIDEST_CELL - 1] + "…"


def _print_pairs(facts: Mapping[str, Any]) -> None:
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for key, value in facts.items():
        lines = "\n".join(plain(line) for line in str(value).split("\n"))
        table.add_row(key, _styled(lines) if key == "status" else lines)
    out().print(table)


def new_table(*columns: tuple[str, str]) -> Any:
    """An empty table with these columns, each a name and left or right."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for name, justify in columns:
        table.add_column(name, justify="right" if justify == "right" else "left")
    return table


def print_table(table: Any) -> None:
    """Write a table to standard output, after an empty line."""
    console = out()
    console.print()
    console.print(table)


def _styled(word: str) -> Any:
    from rich.text import Text

    return Text(word, style=_STYLES.get(word, ""))


def _duration(phase: Mapping[str, Any]) -> str:
    return "" if phase["seconds"] is None else duration(phase["seconds"])
