"""A table of typed values, however it is written, imports to the same values, or a person is asked.

The same over many more tables: `python -m import_pipeline_tests.benchmarks.written_tables`.
"""

from itertools import count

from hypothesis import HealthCheck, Phase, given, settings

from import_pipeline_tests.importing import Importing
from import_pipeline_tests.phases.written_tables import WrittenTable, check, written_tables

_NUMBERS = count()


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.generate],
)
@given(table=written_tables())
def test_a_table_imports_to_its_values_however_it_is_written_or_asks(importing: Importing, table: WrittenTable):
    check(importing, table, f"o{next(_NUMBERS)}")
