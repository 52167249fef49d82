"""Every code that a defect can have is in the catalogue, with what people call it and what to do about it."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import import_pipeline
from import_pipeline.errors import LimitExceededError
from import_pipeline.intake.notes import BLANK
from import_pipeline.intake.reading import StructuralDefect
from import_pipeline.intake.structural_defects import NO_ROW_CODES
from import_pipeline.phases.defect_catalogue import catalogue, text_of
from import_pipeline.phases.differences import NOT_IN_FILE
from import_pipeline.phases.outcomes import ALREADY_STORED
from import_pipeline.phases.undo_keeping import GONE

ROOT = Path(import_pipeline.__file__).parent
WRITERS = ("StructuralDefect", "tell", "_tell", "_defect", "_add_no_row", "add_no_row", "DefectKind")
"""What writes a defect, its code among the first three values."""
CODE = re.compile(r"[a-z]+(_[a-z]+)*")
CODE_OF_SQL = re.compile(r"\{bind\.bind\((\w+)\)\} AS code|(?:THEN|ELSE) \{literal\((\w+)\)\}|'\{(\w+)\}' AS code")
"""Constants of which SQL makes a code."""


def _codes_written() -> Iterator[tuple[str, str]]:
    """Where a code is written, and the code: constants of calls that write defects, of `code` by name, and of SQL."""
    for folder in ("intake", "phases", "record_types"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            module = "import_pipeline." + str(path.relative_to(ROOT).with_suffix("")).replace("/", ".")
            text = path.read_text("utf-8")
            for found in _codes_of(ast.parse(text)):
                if (code := _value(module, found)) is not None:
                    yield module, code
            for names in CODE_OF_SQL.findall(text):
                for name in filter(None, names):
                    if (code := _value(module, ast.Name(name))) is not None:
                        yield module, code


def _codes_of(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
            yield from (word.value for word in node.keywords if word.arg == "code" and called != "replace")
            if called in WRITERS:
                yield from (one for one in node.args[:3] if _may_be_code(one))
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "code":
                    yield value


def _may_be_code(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) or (isinstance(value, ast.Name) and value.id.isupper())


def _value(module: str, found: ast.expr) -> str | None:
    """The code that a constant stands for; None where it is a variable, whose values come from elsewhere."""
    value = found.value if isinstance(found, ast.Constant) else None
    if isinstance(found, ast.Name):
        value = getattr(import_module(module), found.id, None)
    return value if isinstance(value, str) and CODE.fullmatch(value) else None


OTHER_CODES = ("bad_cells_left_empty", "columns_not_imported", "ids_with_decimals", "lists_not_split", "code")
"""Codes of notices of an import, and a kind of cells, which are no defects."""


def test_every_code_that_is_written_is_in_the_catalogue() -> None:
    written = {code: module for module, code in _codes_written() if code not in OTHER_CODES}
    assert len(written) > 45, sorted(written)
    assert not {code: module for code, module in written.items() if code not in catalogue()}


def test_every_code_has_a_title_and_a_remedy() -> None:
    for code, entry in catalogue().items():
        assert entry.code == code
        assert len(entry.title) > 3, code
        assert entry.title[0].isupper(), code
        assert len(entry.remedy) > 5, code
        assert entry.remedy[-1] == ".", code
        assert import_module(entry.declared_in)


@pytest.mark.parametrize("reason", [*NO_ROW_CODES, BLANK, ALREADY_STORED, NOT_IN_FILE, GONE])
def test_a_reason_that_no_defect_tells_has_a_text(reason: str) -> None:
    assert catalogue()[reason].text[-1] == "."
    assert text_of(reason) == catalogue()[reason].text


@pytest.mark.parametrize(
    "setting",
    sorted(
        set(
            re.findall(
                r"IMPORT_PIPELINE_(?:MAX|PARSE)_\w+",
                "".join(path.read_text("utf-8") for path in (ROOT / "intake").rglob("*.py")),
            )
        )
    ),
)
def test_every_limit_of_reading_is_in_the_catalogue(setting: str) -> None:
    assert LimitExceededError("rows", 2, 1, setting).code in catalogue()


def test_a_structural_defect_of_a_code_that_nobody_could_look_up_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'odd_line'.*structural_defects\.py"):
        StructuralDefect(1, "odd_line", "The line is odd.")
