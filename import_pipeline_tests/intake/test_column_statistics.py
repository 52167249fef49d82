"""What DuckDB tells of the columns of a table that was read, without a look at their cells."""

import duckdb

from import_pipeline.intake import column_statistics, tables
from import_pipeline.intake.column_statistics import ColumnStatistics


def test_the_longest_text_the_letters_and_the_gaps_of_each_column_are_known_once_it_is_written(tmp_path):
    with duckdb.connect(str(tmp_path / "workspace.duckdb")) as connection:
        tables.create_from_blocks(connection, 3, [[["ab", "é", "x" * 5000], ["a", "é Max String Length: 3][", ""]]])
        assert column_statistics.of_columns(connection, 3) == [
            ColumnStatistics(2, False, False),
            ColumnStatistics(25, True, False),
            ColumnStatistics(5000, False, True),
        ]


def test_of_a_table_in_an_open_transaction_the_worst_is_assumed_and_its_cells_are_looked_at():
    with duckdb.connect() as connection:
        connection.begin()
        tables.create_from_blocks(connection, 1, [[["äöü"], ["a"]]])
        told = column_statistics.of_columns(connection, 1)
        assert told == [ColumnStatistics()]
        assert tables.longest_cell(connection, told, 100) == 6
        assert tables.columns_far_beyond_ascii(connection, told) == [0]


def test_a_table_without_rows_has_no_statistics():
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE source_text (c1 VARCHAR)")
        assert column_statistics.of_columns(connection, 1) == []
