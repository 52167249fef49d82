"""What DuckDB keeps beside the columns of `source_text`: how long their texts are at most, and what kinds there are.

It knows this from writing them, so that asking takes no look at the cells. Where it does not know (a table that the
open transaction wrote), the answer is what could be at worst, and whoever asks looks at the cells.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from import_pipeline.sql import quote

if TYPE_CHECKING:
    import duckdb

_TOLD = re.compile(
    r"Has Unicode: (?P<unicode>true|false), Max String Length: (?P<longest>\d+)\]\[Has Null: (?P<null>true|false)"
    r", Has No Null: (?:true|false)\](?:\[Approx Unique: \d+\])?$"
)


@dataclass(frozen=True)
class ColumnStatistics:
    """What the texts of a column can be; none is more than is said here.

    Attributes:
        longest: Bytes of its longest text at most; None if that is not known.
        beyond_ascii: Whether a text may have a character beyond ASCII.
        has_empty: Whether a cell may be empty.
    """

    longest: int | None = None
    beyond_ascii: bool = True
    has_empty: bool = True


def of_columns(connection: "duckdb.DuckDBPyConnection", width: int) -> list[ColumnStatistics]:
    """The statistics of each column of `source_text`; none where it has no rows."""
    columns = ", ".join(f"stats({quote(f'c{place + 1}')})" for place in range(width))
    told = connection.execute(f"SELECT {columns} FROM source_text LIMIT 1").fetchone()
    return [_statistics(text) for text in told or ()]


def _statistics(text: str | None) -> ColumnStatistics:
    found = _TOLD.search(text or "")
    if found is None:
        return ColumnStatistics()
    return ColumnStatistics(int(found["longest"]), found["unicode"] == "true", found["null"] == "true")
