"""What the tests of reading share."""

from pathlib import Path

import pytest

from import_pipeline.intake import Reading
from import_pipeline_tests.intake.reading import ReadWorkbook, read_file


@pytest.fixture
def read_workbook(tmp_path: Path) -> ReadWorkbook:
    """Reads a workbook: rows, reading, and code → message of what is told of the file."""

    def reading(content: bytes, **options: object) -> tuple[list[tuple], Reading, dict[str, str]]:
        rows, found, defects = read_file(tmp_path / "book", content, **options)
        return rows, found, {code: message for number, _, code, message in defects if number is None}

    return reading
