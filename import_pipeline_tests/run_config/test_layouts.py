"""The header rows of tools that people use: what each column must become, and that nothing wrong is applied unasked."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from import_pipeline import record_types
from import_pipeline.run_config.suggestions import ColumnValues, Suggestion, suggest

FOLDER = Path(__file__).parent / "layouts"


@dataclass(frozen=True)
class Layout:
    """One tool's header row.

    Attributes:
        fields: Column → the field that it must become, or None.
        values: Column → some of its values.
    """

    tool: str
    record_type: str
    fields: dict[str, str | None]
    values: dict[str, ColumnValues]


def layouts() -> Iterator[Layout]:
    for path in sorted(FOLDER.glob("*.txt")):
        for block in path.read_text(encoding="utf-8").split("\n[")[1:]:
            title, *lines = block.strip().splitlines()
            tool, record_type = title.split("]")
            fields: dict[str, str | None] = {}
            values: dict[str, ColumnValues] = {}
            for line in lines:
                header, field, *samples = (part.strip() for part in line.split("|"))
                cells = [cell.strip() for cell in "".join(samples).split(";") if cell.strip()]
                fields[header] = None if field == "-" else field
                values[header] = ColumnValues(len(cells), tuple(cells))
            yield Layout(tool, record_type.strip(), fields, values)


LAYOUTS = list(layouts())
by_tool = pytest.mark.parametrize("layout", LAYOUTS, ids=[layout.tool for layout in LAYOUTS])


def found(layout: Layout, *, with_values: bool = True) -> tuple[Suggestion, ...]:
    values = layout.values if with_values else None
    return suggest(list(layout.fields), record_types.get(layout.record_type), values)


def test_there_are_layouts_of_more_than_forty_tools():
    assert len(LAYOUTS) > 40


@by_tool
def test_no_wrong_field_is_applied_without_asking(layout: Layout):
    sure = {one.column: one.field for one in found(layout) if one.how in ("exact", "synonym")}
    assert sure == {column: layout.fields[column] for column in sure}


@by_tool
def test_nearly_every_column_gets_its_field(layout: Layout):
    suggested = {one.column: one.field for one in found(layout)}
    missed = {column: field for column, field in layout.fields.items() if field and suggested[column] != field}
    assert len(missed) <= max(1, 0.1 * sum(field is not None for field in layout.fields.values())), missed


def test_ninety_five_of_a_hundred_columns_of_all_tools_get_their_field():
    wanted = right = 0
    for layout in LAYOUTS:
        suggested = {one.column: one.field for one in found(layout)}
        fields = {column: field for column, field in layout.fields.items() if field}
        wanted += len(fields)
        right += sum(suggested[column] == field for column, field in fields.items())
    assert right >= 0.95 * wanted


def test_most_tools_are_mapped_without_asking():
    asking = [layout.tool for layout in LAYOUTS if any(one.is_asked for one in found(layout))]
    assert len(asking) <= 0.1 * len(LAYOUTS), asking
