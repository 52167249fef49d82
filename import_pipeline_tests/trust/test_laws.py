"""What holds of every record store, whatever was imported into it, undone, overwritten and deleted."""

import pytest
from hypothesis import given

from import_pipeline_tests.examples import examples
from import_pipeline_tests.trust.laws import check_laws
from import_pipeline_tests.trust.random_imports import histories
from import_pipeline_tests.trust.worlds import World


@pytest.fixture(scope="module")
def world() -> World:
    """A world that the examples share."""
    return World()


@examples(25, report_multiple_bugs=False)
@given(histories())
def test_no_identifier_is_shared_no_reference_leads_nowhere_and_no_record_changes_by_a_row_of_another(world, steps):
    check_laws(world, steps)
