"""`convert`: payloads of any format as plain CSV (UTF-8, comma, double quote, LF), every cell's text untouched.

The header comes first where the file has one; a file without a header gets none.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from import_pipeline.errors import PayloadError
from import_pipeline.intake.limits import limited
from import_pipeline.intake.payload import open_table, settled
from import_pipeline.intake.reading import Reading
from import_pipeline.intake.table import Payload, Table
from import_pipeline.intake.workbooks.csv_rows import CsvRows
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings


@dataclass(frozen=True)
class ConvertResult:
    """What became of one file: either `target` and `reading`, or the `reason` why it was refused."""

    source: Path
    target: Path | None
    reading: Reading | None = None
    rows: int = 0
    defects: int = 0
    reason: str | None = None


def convert(files: Iterable[Path], out_dir: Path, options: ReadOptions, settings: Settings) -> list[ConvertResult]:
    """Write each file once more as plain CSV under the same name.

    Args:
        files: The files; one that cannot be read is refused, and nothing is written for it.
        out_dir: Folder of the results; made if it is missing.
        options: What was told by hand, for all files alike.
        settings: The limits.

    Returns:
        One result for each file, in their order.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    return [_convert_one(path, out_dir / path.name, options, settings) for path in files]


def _convert_one(path: Path, target: Path, options: ReadOptions, settings: Settings) -> ConvertResult:
    if target.exists() and path.exists() and target.samefile(path):
        return ConvertResult(path, None, reason="The result would overwrite the file. Choose another folder.")
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with TemporaryDirectory(prefix="convert-") as folder:
            table = settled(open_table(Payload(path, Path(folder) / "copy"), options, settings), settings)
            rows = _write(table, part, settings)
    except PayloadError as error:
        part.unlink(missing_ok=True)
        return ConvertResult(path, None, reason=error.message)
    part.replace(target)
    return ConvertResult(path, target, table.reading, rows, len(table.findings.defects))


def _write(table: Table, target: Path, settings: Settings) -> int:
    rows = 0
    with target.open("w", encoding="utf-8", newline="") as handle:
        lines = CsvRows(handle)
        if table.header is not None:
            lines.write(table.header_written or table.header)
        for block in limited(table.rows(), settings) if table.width else ():
            for row in block:
                lines.write(row)
            rows += len(block)
    return rows
