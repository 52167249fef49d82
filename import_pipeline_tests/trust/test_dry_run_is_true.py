"""What a dry run says of every row is what the import then does, whatever is stored, filed and asked."""

from collections import Counter

import pytest
from hypothesis import given

from import_pipeline import record_types
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline_tests.examples import examples
from import_pipeline_tests.trust.random_imports import File, imports, records
from import_pipeline_tests.trust.worlds import Line, World

REFERENCES = {"parent_external_id"}  # what a deletion with on_referenced clear empties in companies that no row means


@pytest.fixture(scope="module")
def world() -> World:
    """A world that the examples share."""
    return World()


def check_that_the_dry_run_is_true(world: World, stored: dict, *asked: tuple[File, ImportSpec]) -> None:
    """Import the files into a store one after the other; what is predicted of each is what it then does."""
    world.fill(stored)
    for file, spec in asked:
        _check_one(world, file, spec)


def _check_one(world: World, file: File, spec: ImportSpec) -> None:
    table = record_types.table_of(file.record_type)
    before = world.stored(table)
    work = world.predict(file, spec)
    predicted = world.lines(work)
    assert world.stored(table) == before
    world.carry_out(work)
    after = world.stored(table)
    assert [line.row_number for line in predicted if line.row_number] == list(range(1, len(file.rows) + 1))
    done = world.connection.execute(
        "SELECT row_number, outcome, record_id FROM store.row_outcomes WHERE import_id = ? ORDER BY row_number",
        [work.import_id],
    ).fetchall()
    assert done == [(line.row_number, line.outcome, line.record_id) for line in predicted if line.row_number]
    assert world.lines(work) == predicted
    assert sum(Counter(outcome for _, outcome, _ in done).values()) == len(file.rows)
    _changed_as_told(before, after, predicted, work.import_id, world)


def _changed_as_told(before: dict, after: dict, predicted: list[Line], import_id: str, world: World) -> None:
    """Every difference of the store was told, and everything told is in the store."""
    told = {line.record_id: line for line in predicted if line.outcome in ("created", "updated", "deleted")}
    assert len(told) == sum(line.outcome in ("created", "updated", "deleted") for line in predicted)
    for record_id in before.keys() | after.keys():
        one, other = before.get(record_id, {}), after.get(record_id, {})
        names = [name for name in one.keys() | other.keys() if one.get(name) != other.get(name)]
        changes = {name: (one.get(name), other.get(name)) for name in names}
        if record_id not in told:
            is_reference = record_id not in before and "_company_" in record_id
            is_cleared = (
                record_id in after and changes.keys() <= REFERENCES and not any(new for _, new in changes.values())
            )
            assert not changes or is_reference or is_cleared
            continue
        line = told[record_id]
        kept = "updated" if record_id in before else "created"
        assert line.outcome == (kept if record_id in after else "deleted")
        assert line.changes == changes
    assert told.keys() <= before.keys() | after.keys()


@examples(6)
@given(records(), imports())
def test_what_the_dry_run_says_of_every_row_is_what_the_import_does(world: World, stored, asked):
    check_that_the_dry_run_is_true(world, stored, asked)
