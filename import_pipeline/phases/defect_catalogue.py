"""The catalogue of defects: every code that an import can give a row or a file, with its title and what to do about it.

Gathered from where the codes are declared: structural defects (`intake/structural_defects.py`), kinds of the phases
(`phases/defects/`), field types and rules (`record_types/`); those that a module of the phases writes by itself are
listed here. Only a check that a record type makes without a rule brings a code of its own: its name.
"""

import inspect
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from import_pipeline.intake import structural_defects
from import_pipeline.phases import (
    cell_checks,
    error_cells,
    exported_ids,
    kept_values,
    p6_processing,
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
    """

    code: str
    title: str
    remedy: str
    declared_in: str


_OF_ONE_PHASE = (
    (error_cells, error_cells.ERROR_VALUE, "Error of a spreadsheet", "Correct the cell there, or empty it."),
    (
        error_cells,
        error_cells.FORMULA_WITHOUT_RESULT,
        "Formula without result",
        "Open the workbook in a spreadsheet program, save it there, and import it again.",
    ),
    (records_file, records_file.INVALID_EXTRA, "Not a JSON object", 'Write it as {"Badge": "red"}, or leave it empty.'),
    (several_values, several_values.SEVERAL_VALUES, "Several values", "Give each value a column of its own."),
    (several_values, several_values.TEXT_LEFT_OUT, "Text left out", "Give the text a column of its own."),
    (cell_checks, cell_checks.REPEATED, "Not unique", "Make the values differ, or leave one of the rows out."),
    (javascript, javascript.SAID, "Message of a row hook", "Do what the hook's author says in it."),
    (javascript, javascript.FAILED, "Row hook failed", "Correct the hook, or the row."),
    (
        exported_ids,
        exported_ids.CODE,
        "Names a record that is not stored",
        "Correct the id, or leave it out for a new record.",
    ),
    (
        kept_values,
        kept_values.CODE,
        "Stored value was kept",
        "To change it, import with duplicate_strategy overwrite, or map the value in value_mappings.",
    ),
    (
        referring,
        referring.REFERENCES_CLEARED,
        "References are emptied",
        "Nothing: on_referenced clear asks for it. Without it the record stays.",
    ),
    (
        p6_processing,
        p6_processing.CHANGED_SINCE_PLAN,
        "Changed since it was planned",
        "Replay the rows that failed: they are compared with the record as it is by then.",
    ),
    (undo_keeping, undo_keeping.CHANGED, "Changed since the import", "Nothing, or correct the record by hand."),
    (undo_keeping, undo_keeping.DELETED, "Deleted since the import", "Nothing, or import the record again."),
    (
        undo_keeping,
        undo_keeping.NO_IMAGE,
        "Former state is not known",
        "Correct the record by hand: what it was before is not kept.",
    ),
)


@cache
def catalogue() -> dict[str, CatalogueEntry]:
    """All codes; what declares a code first says what it means."""
    found: dict[str, CatalogueEntry] = {}
    for entry in (*_structural(), *_of_kinds(), *_of_one_phase(), *_of_types(), *_of_rules()):
        found.setdefault(entry.code, entry)
    return found


def title_of(code: str) -> str:
    """What people call a code; one of a record type's own check by its words."""
    entry = catalogue().get(code)
    return entry.title if entry is not None else _title(code)


def _structural() -> list[CatalogueEntry]:
    where = structural_defects.__name__
    return [CatalogueEntry(kind.code, kind.title, kind.remedy, where) for kind in structural_defects.KINDS.values()]


def _of_kinds() -> list[CatalogueEntry]:
    return [CatalogueEntry(kind.code, kind.title, kind.remedy, kind.find.__module__) for kind in kinds()]


def _of_one_phase() -> list[CatalogueEntry]:
    return [CatalogueEntry(code, title, remedy, module.__name__) for module, code, title, remedy in _OF_ONE_PHASE]


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
