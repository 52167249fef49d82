"""The catalogue of codes: each that is a defect or the reason of an outcome, with title, text and what to do about it.

Gathered from where the codes are declared: structural defects (`intake/structural_defects.py`), kinds of the phases
(`phases/defects/`), field types and rules (`record_types/`); those that a module of the phases writes by itself are
listed here. Only a check that a record type makes without a rule brings a code of its own: its name.
"""

import inspect
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from import_pipeline.intake import notes, structural_defects
from import_pipeline.phases import (
    cell_checks,
    differences,
    error_cells,
    exported_ids,
    kept_values,
    outcomes,
    records_file,
    referring,
    several_values,
    undo_keeping,
)
from import_pipeline.phases.defects import kinds
from import_pipeline.phases.hooks import javascript
from import_pipeline.record_types import field_types, rules
from import_pipeline.record_types.inline import types as inline_types


@dataclass(frozen=True)
class CatalogueEntry:
    """What a code means.

    Attributes:
        code: Its name for programs.
        title: Its name for people.
        remedy: What to do about it, in general; the message of a defect says it of the row.
        declared_in: The module in which it is declared.
        text: What it says of a row that has no message of its own; empty where each has one.
        counted: How one and several rows are counted when an import ends: what follows the number, with {name} and
            {plural} of the record type; None where they are not.
    """

    code: str
    title: str
    remedy: str
    declared_in: str
    text: str = ""
    counted: tuple[str, str] | None = None


_OF_ONE_PHASE = (
    # reasons of rows with which nothing is wrong
    CatalogueEntry(
        notes.BLANK,
        "Blank line",
        "Nothing: the line is skipped.",
        notes.__name__,
        text="The row is empty.",
        counted=("line is blank", "lines are blank"),
    ),
    CatalogueEntry(
        outcomes.ALREADY_STORED,
        "Stored already",
        "To change the record, import with another duplicate_strategy than skip.",
        outcomes.__name__,
        text="The record is stored already, and stays as it is.",
    ),
    CatalogueEntry(
        differences.NOT_IN_FILE,
        "Not in the file",
        "Nothing: an overwrite deletes what the file does not name.",
        differences.__name__,
        text="No row of the file means this record.",
    ),
    CatalogueEntry(
        undo_keeping.GONE,
        "Taken back already",
        "Nothing.",
        undo_keeping.__name__,
        text="The record is as it was before that import already.",
    ),
    # cells
    CatalogueEntry(
        error_cells.ERROR_VALUE,
        "Error of a spreadsheet",
        "Correct the cell there, or empty it.",
        error_cells.__name__,
    ),
    CatalogueEntry(
        error_cells.FORMULA_WITHOUT_RESULT,
        "Formula without result",
        "Open the workbook in a spreadsheet program, save it there, and import it again.",
        error_cells.__name__,
    ),
    CatalogueEntry(
        records_file.INVALID_EXTRA,
        "Not a JSON object",
        'Write it as {"Badge": "red"}, or leave it empty.',
        records_file.__name__,
    ),
    CatalogueEntry(
        several_values.SEVERAL_VALUES,
        "Several values",
        "Give each value a column of its own.",
        several_values.__name__,
    ),
    CatalogueEntry(
        several_values.TEXT_LEFT_OUT,
        "Text left out",
        "Give the text a column of its own.",
        several_values.__name__,
    ),
    CatalogueEntry(
        cell_checks.REPEATED,
        "Not unique",
        "Make the values differ, or leave one of the rows out.",
        cell_checks.__name__,
    ),
    CatalogueEntry(
        javascript.SAID, "Message of a row hook", "Do what the hook's author says in it.", javascript.__name__
    ),
    CatalogueEntry(javascript.FAILED, "Row hook failed", "Correct the hook, or the row.", javascript.__name__),
    # records
    CatalogueEntry(
        exported_ids.CODE,
        "Names a record that is not stored",
        "Correct the id, or leave it out for a new record.",
        exported_ids.__name__,
    ),
    CatalogueEntry(
        kept_values.CODE,
        "Stored value was kept",
        "To change it, import with duplicate_strategy overwrite, or map the value in value_mappings.",
        kept_values.__name__,
        counted=("value was kept against that of its row", "values were kept against those of their rows"),
    ),
    CatalogueEntry(
        referring.REFERENCES_CLEARED,
        "References are emptied",
        "Nothing: on_referenced clear asks for it. Without it the record stays.",
        referring.__name__,
        counted=(
            "{name} goes, and the references to it are emptied",
            "{plural} go, and the references to them are emptied",
        ),
    ),
    CatalogueEntry(
        outcomes.CHANGED_SINCE_PLAN,
        "Changed since it was planned",
        "Replay the rows that failed: they are compared with the record as it is by then.",
        outcomes.__name__,
    ),
    CatalogueEntry(
        undo_keeping.CHANGED,
        "Changed since the import",
        "Nothing, or correct the record by hand.",
        undo_keeping.__name__,
    ),
    CatalogueEntry(
        undo_keeping.DELETED,
        "Deleted since the import",
        "Nothing, or import the record again.",
        undo_keeping.__name__,
    ),
    CatalogueEntry(
        undo_keeping.NO_IMAGE,
        "Former state is not known",
        "Correct the record by hand: what it was before is not kept.",
        undo_keeping.__name__,
    ),
)
"""What a module of the phases writes by itself."""


@cache
def catalogue() -> dict[str, CatalogueEntry]:
    """All codes; what declares a code first says what it means."""
    found: dict[str, CatalogueEntry] = {}
    for entry in (*_structural(), *_of_kinds(), *_OF_ONE_PHASE, *_of_types(), *_of_rules()):
        found.setdefault(entry.code, entry)
    return found


def title_of(code: str) -> str:
    """What people call a code; one of a record type's own check by its words."""
    entry = catalogue().get(code)
    return entry.title if entry is not None else _title(code)


def text_of(reason: str) -> str:
    """What the reason of an outcome says of a row that has no message of its own."""
    entry = catalogue().get(reason)
    return (entry.text or entry.title) if entry is not None else _title(reason)


def _structural() -> list[CatalogueEntry]:
    where = structural_defects.__name__
    return [
        CatalogueEntry(kind.code, kind.title, kind.remedy, where, kind.text, kind.counted)
        for kind in structural_defects.KINDS.values()
    ]


def _of_kinds() -> list[CatalogueEntry]:
    return [
        CatalogueEntry(kind.code, kind.title, kind.remedy, kind.find.__module__, counted=kind.counted)
        for kind in kinds()
    ]


def _of_types() -> list[CatalogueEntry]:
    """The codes of text that is no value of its type; the type's message says what would be right."""
    choice = inline_types.Choice("a", ("a",))
    inline = [
        inline_types.resolve_type(name, {}, (choice,) if inline_types.takes_choices(name) else (), name).type
        for name in inline_types.names()
    ]
    own = [import_module(f"{field_types.__name__}.{name}").TYPE for name in field_types.names()]
    return [
        CatalogueEntry(one.code, _title(one.code), one.message, type(one).__module__)
        for one in (*own, *inline)
        if one.code
    ]


def _of_rules() -> list[CatalogueEntry]:
    """The codes of values that break a rule: its first sentence says what must hold."""
    found = []
    for name in rules.names():
        module = import_module(f"{rules.__name__}.{name}")
        rule = (inspect.getdoc(module) or "").split("\n", 1)[0]
        found.append(CatalogueEntry(module.CODE, _title(module.CODE), f"What must hold: {rule}", module.__name__))
    return found


def _title(code: str) -> str:
    return code.replace("_", " ").capitalize()
