"""What is written in any dialect and encoding is read back cell by cell, by both readers alike."""

from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from import_pipeline.intake import read_payload
from import_pipeline.intake.payload import open_table
from import_pipeline.intake.table import Payload
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings
from import_pipeline_tests.examples import examples
from import_pipeline_tests.intake.written_tables import ENCODINGS, Written, anything, dialects, plausible, tables


def both_ways(content: bytes, options: ReadOptions) -> tuple[tuple[str, ...], list[list[str]], list[list[str]]]:
    """The header, the rows in the workspace, and the rows by the exact reader."""
    with TemporaryDirectory() as folder, duckdb.connect() as connection:
        path = Path(folder) / "payload"
        path.write_bytes(content)
        table = open_table(Payload(path, Path(folder) / "copy"), options, Settings())
        exact = [row for block in table.blocks() for row in block]
        read_payload(connection, path, options, Settings())
        rows = connection.execute("SELECT * FROM source_text ORDER BY rowid").fetchall()
    return table.header or (), [[cell or "" for cell in row] for row in rows], exact


@examples(20)
@given(tables(anything), dialects(), st.sampled_from(ENCODINGS))
def test_a_told_dialect_keeps_any_text(rows: list[list[str]], written: Written, encoding: str) -> None:
    header = [f"name {i}" for i in range(len(rows[0]))]
    told = ReadOptions(
        encoding=encoding,
        delimiter=written.delimiter,
        quote=written.quote,
        escape=written.escape,
        header_row=1,
        repair_text=False,  # any text includes what looks read in a wrong encoding
    )
    found = both_ways(written.text([header, *rows]).encode(encoding), told)
    assert found == (tuple(header), rows, rows)


@examples(20)
@given(
    st.lists(st.tuples(plausible, plausible, plausible), min_size=4, max_size=12),
    dialects([",", ";", "\t", "|", "||", "\x1f"]),
    st.sampled_from([*ENCODINGS, "cp1252"]),
)
def test_a_detected_dialect_keeps_plausible_text(
    cells: list[tuple[str, str, str]], written: Written, encoding: str
) -> None:
    rows = [[str(number), f"Ada {chr(65 + number)}", *row] for number, row in enumerate(cells)]
    header = ["No", "Name", "First value", "Second value", "Remark"]
    found = both_ways(written.text([header, *rows]).encode(encoding), ReadOptions(repair_text=False))
    assert found == (tuple(header), rows, rows)
