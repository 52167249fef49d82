"""The cursor of the sensor keeps its work small and is only that: old times, lost cursors and clocks hide nothing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from import_pipeline.intake.arrivals_cursor import OVERLAP_SECONDS, SWEEP_SECONDS
from import_pipeline.intake.bucket import StoredObject
from import_pipeline.intake.object_claims import claim_key, mint_import_id
from import_pipeline_tests.examples import examples
from import_pipeline_tests.intake.upload_sensor import NOW, Sensor, names, obj


def test_an_object_that_arrives_with_an_old_time_is_taken_by_the_next_sweep() -> None:
    sensor = Sensor()
    present = obj("present.csv")
    sensor.look([present], NOW)
    old = obj("old.csv", modified=NOW - 1000 * OVERLAP_SECONDS)
    taken = []
    turns = int(SWEEP_SECONDS // 30) + 1
    for turn in range(1, turns + 1):
        taken += names(sensor.look([old, present], NOW + 30 * turn))
    assert taken == ["old.csv"]


def test_an_object_that_shows_up_a_while_after_its_time_is_taken_at_the_next_look() -> None:
    sensor = Sensor()
    sensor.look([obj("present.csv", modified=NOW)], NOW + 10)
    slow = obj("slow.csv", modified=NOW - OVERLAP_SECONDS / 2)
    assert names(sensor.look([obj("present.csv", modified=NOW), slow], NOW + 20)) == ["slow.csv"]


@pytest.mark.parametrize(
    "cursor", ["", "x", "[]", "7", '{"mark": "x"}', '{"bucket": "local", "mark": NaN, "settling": [1]}']
)
def test_a_cursor_that_cannot_be_read_costs_a_sweep_and_loses_nothing(cursor: str) -> None:
    sensor = Sensor()
    sensor.look([obj("taken.csv")], NOW)
    sensor.cursor = cursor
    found = sensor.look([obj("taken.csv"), obj("old.csv", modified=1.0)], NOW + 10)
    assert names(found) == ["old.csv"]


def test_the_cursor_of_another_bucket_is_not_used() -> None:
    sensor = Sensor()
    sensor.look([obj("a.csv")], NOW)
    sensor.bucket_name = "s3://other"
    assert names(sensor.look([obj("a.csv", modified=1.0)], NOW + 10)) == ["a.csv"]


def test_a_clock_that_is_set_back_hides_nothing() -> None:
    sensor = Sensor()
    sensor.look([obj("a.csv")], NOW)
    earlier = NOW - 100 * OVERLAP_SECONDS
    assert names(sensor.look([obj("a.csv"), obj("b.csv", modified=earlier - 60)], earlier)) == ["b.csv"]


def test_the_cursor_stays_small_however_many_objects_settle_or_are_taken() -> None:
    sensor = Sensor(objects_per_tick=100_000)
    young = [obj("ü" * 100 + f"{number}.csv", modified=NOW) for number in range(100_000)]
    found = sensor.look(young, NOW + 1)
    assert len(found.waiting) == 100_000
    assert len(found.cursor.encode()) < 1_000_000
    sensor.claims = {claim_key("local", each): "imp_x" for each in young}
    assert len(sensor.look(young, NOW + 60).cursor) < 1_000


def test_a_look_at_objects_that_were_taken_asks_for_few_claims() -> None:
    sensor = Sensor()
    listing = [obj(f"{number}.csv", modified=NOW - number * 60) for number in range(10_000)]
    sensor.claims = {claim_key("local", each): "imp_x" for each in listing}
    sensor.look(listing, NOW)
    sensor.asked = 0
    sensor.look(listing, NOW + 30)
    assert sensor.asked <= OVERLAP_SECONDS / 60 + 1


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["a.csv", "b.csv", "c.csv"]),
        st.integers(0, 3),  # version
        st.sampled_from([0.0, -3.0, 20.0, -90_000.0]),  # its time against ours
        st.sampled_from([1.0, 7.0, 30.0, 700.0]),  # until the next look
        st.booleans(),  # whether the look is cut short before its claims
    ),
    max_size=12,
)


@examples(60)
@given(events=EVENTS)
def test_whatever_happens_every_version_that_stays_is_taken_exactly_once(events) -> None:
    sensor = Sensor(objects_per_tick=2)
    listing: dict[str, StoredObject] = {}
    now, taken = NOW, []
    for name, version, skew, pause, claims in events:
        listing[name] = obj(name, version=f"v{version}", modified=now + skew)
        now += pause
        found = sensor.look(list(listing.values()), now, claims=claims)
        taken += [arrival.import_id for arrival in found.new if claims]
    for _ in range(8):
        now += SWEEP_SECONDS
        taken += [arrival.import_id for arrival in sensor.look(list(listing.values()), now).new]
    assert len(taken) == len(set(taken))
    assert {mint_import_id("local", each) for each in listing.values()} <= set(taken)
    assert json.loads(sensor.cursor or "{}")["settling"] == {}
