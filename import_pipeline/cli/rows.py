"""`rows`: what became, or after a dry run would become, of every row of an import, field by field."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from import_pipeline.cli import options, screen, tables
from import_pipeline.cli.csv_file import written_whole
from import_pipeline.cli.home import open_home
from import_pipeline.words import Outcome

_LONG, _BESIDE = 120, 12
"""A longer text is shown around its difference, with so many characters beside it."""


def rows(
    import_id: options.ImportId,
    outcome: Annotated[
        Outcome | None, typer.Option("--outcome", help="Only rows with this outcome.", metavar="OUTCOME")
    ] = None,
    csv: options.CsvFile = None,
    limit: options.Limit = 50,
    after: options.After = 0,
    as_json: options.AsJson = False,
) -> None:
    """Show the rows of an import with their outcome and what changes, before and after."""
    from import_pipeline.service import queries

    home = open_home()
    if csv is not None:
        with written_whole(csv) as path:
            count = queries.write_rows_csv(home, import_id, path, outcome)
        screen.say_line(f"{screen.counted(count, 'line')} written to {csv}")
        return
    found = queries.rows(home, import_id, limit + 1, after, outcome)
    shown, more = found[:limit], len(found) > limit
    if as_json:
        screen.print_json({"object": "list", "data": shown, "has_more": more})
        return
    if not shown:
        of_outcome = f" with the outcome {outcome}" if outcome else ""
        screen.say(f"The import has no {'more ' if after else ''}rows{of_outcome}.")
        return
    print_rows(shown)
    if more:
        screen.say(f"\nMore follow: --after {after + limit}, or all of them with --csv FILE.")


def print_rows(rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows with what changes in their records."""
    table = tables.new_table(("row", "right"), ("outcome", "left"), ("record or reason", "left"), ("changes", "left"))
    table.columns[2].overflow = table.columns[3].overflow = "fold"
    for row in rows:
        number = "none" if row["row_number"] is None else f"{row['row_number']:,}"
        why = row["reason"] or row["record_id"]
        table.add_row(number, row["outcome"], screen.plain(why), changes_of(row["changes"]))
    tables.print_table(table)


def changes_of(changes: Sequence[Mapping[str, Any]]) -> str:
    """Changes as lines of field, before and after; of long texts the part that differs."""
    return "\n".join(
        f"{change['field']}: {' → '.join(differing(screen.plain(change['before']), screen.plain(change['after'])))}"
        for change in changes
    )


def differing(before: str, after: str) -> tuple[str, str]:
    """Two texts as they are, or where they are long, from shortly before their first to after their last difference.

    >>> differing("", "Ada")
    ('(empty)', 'Ada')
    >>> differing("a" * 200 + "b", "a" * 200 + "c")
    ('…aaaaaaaaaaaab', '…aaaaaaaaaaaac')
    """
    if max(len(before), len(after)) > _LONG:
        same = _common(before, after)
        same_end = _common(before[same:][::-1], after[same:][::-1])
        before, after = (_around(text, same, len(text) - same_end) for text in (before, after))
    return before or "(empty)", after or "(empty)"


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))


def _around(text: str, start: int, end: int) -> str:
    first, last = max(0, start - _BESIDE), min(len(text), end + _BESIDE)
    if last - first > _LONG:  # all of it differs: its beginning has to do, --csv has the whole
        last = first + _LONG
    return f"{'…' if first else ''}{text[first:last]}{'…' if last < len(text) else ''}"
