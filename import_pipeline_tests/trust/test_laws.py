"""What holds of every record store, whatever was imported into it, undone, overwritten and deleted."""

import pytest
from hypothesis import Phase, given, settings

from import_pipeline_tests.trust.laws import check_laws
from import_pipeline_tests.trust.random_imports import histories
from import_pipeline_tests.trust.worlds import UNHURRIED, World

FAST = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=UNHURRIED,
    phases=[Phase.generate, Phase.shrink],
    report_multiple_bugs=False,
)


@pytest.fixture(scope="module")
def world() -> World:
    """A world that the examples share."""
    return World()


@FAST
@given(histories())
def test_no_identifier_is_shared_no_reference_leads_nowhere_and_no_record_changes_by_a_row_of_another(world, steps):
    check_laws(world, steps)
