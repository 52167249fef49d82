"""Undoing gives the store as it was, undoing that gives it as it had become, and nothing of a later import is lost."""

import pytest
from hypothesis import given

from import_pipeline_tests.examples import examples
from import_pipeline_tests.trust.random_imports import imports, records, successive_imports
from import_pipeline_tests.trust.worlds import World


@pytest.fixture(scope="module")
def world() -> World:
    """A world that the examples share."""
    return World()


def check_that_undo_is_exact(world: World, stored: dict, asked: tuple) -> None:
    """Import, undo, undo the undo, undo again: each time the store is what it was, bookkeeping included."""
    world.fill(stored)
    before = world.everything()
    done = world.run(*asked).import_id
    after = world.everything()
    assert {action for action, _ in world.undo(done).values()} <= {"create", "update", "delete"}
    assert world.everything() == before
    undone = world.latest
    world.undo(undone, undid=done)
    assert world.everything() == after
    redone = world.latest
    world.undo(redone, undid=undone)
    assert world.everything() == before


def check_that_a_later_import_keeps_what_it_wrote(world: World, stored: dict, first: tuple, second: tuple) -> None:
    """Import twice and undo the first: what the second wrote stays, what it left alone is as before, or is listed."""
    world.fill(stored)
    before = world.everything()
    early = world.run(*first).import_id
    between = world.everything()
    late = world.run(*second).import_id
    after = world.everything()
    told = world.undo(early)
    undone = world.everything()
    for name, of_type in after.items():
        for record_id in of_type.keys() | between[name].keys() | before[name].keys():
            states = [one[name].get(record_id) for one in (before, between, after, undone)]
            action, reason = told.get(record_id, ("none", None))
            if states[1] != states[2]:  # the later import wrote or deleted it
                assert states[3] == states[2]
                assert action in ("none", "skip", "unchanged")
            elif action in ("create", "update", "delete"):
                assert states[3] == states[0]
            else:
                assert states[3] == states[2]
                assert states[0] == states[2] or reason is not None
    assert not any(action == "fail" for action, _ in told.values())
    world.undo(world.latest, undid=early)
    assert world.everything() == after
    assert late in world.types


@examples(5)
@given(records(), imports())
def test_after_an_undo_the_store_is_as_it_was_and_after_undoing_that_as_it_had_become(world: World, stored, asked):
    check_that_undo_is_exact(world, stored, asked)


@examples(5)
@given(records(), successive_imports())
def test_undoing_an_import_keeps_what_a_later_one_wrote(world: World, stored, asked):
    check_that_a_later_import_keeps_what_it_wrote(world, stored, *asked)
