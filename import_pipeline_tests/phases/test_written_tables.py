"""A table of typed values, however it is written, imports to the same values, or a person is asked.

The same over many more tables: `python -m import_pipeline_tests.benchmarks.written_tables`.
"""

from itertools import count

from hypothesis import given

from import_pipeline_tests.examples import examples
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.phases.written_tables import WrittenTable, check, written_tables

_NUMBERS = count()


@examples(5, shrink=False)
@given(table=written_tables())
def test_a_table_imports_to_its_values_however_it_is_written_or_asks(importing: Importing, table: WrittenTable):
    check(importing, table, f"o{next(_NUMBERS)}")
