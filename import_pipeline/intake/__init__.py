"""Bytes to rows: what a payload is, how it is written, and its cells as text in the workspace.

Reading starts at `read_payload`, looking at `preview`. Each file beside this one has one job; a further format is
one further file under `formats/`. The names below load on first use, because their modules import DuckDB.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from import_pipeline.intake.payload import preview, read_payload, read_rows
    from import_pipeline.intake.reading import Preview, Reading, RowsRead

__all__ = ["Preview", "Reading", "RowsRead", "preview", "read_payload", "read_rows"]

_HOMES = {
    "Preview": "import_pipeline.intake.reading",
    "Reading": "import_pipeline.intake.reading",
    "RowsRead": "import_pipeline.intake.reading",
    "preview": "import_pipeline.intake.payload",
    "read_payload": "import_pipeline.intake.payload",
    "read_rows": "import_pipeline.intake.payload",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
