"""What the sensor takes from the upload folder, what it leaves, and that nothing is taken twice or missed."""

import os
from pathlib import Path

import pytest

from import_pipeline.intake.arrival_reports import ReportReason
from import_pipeline.intake.arrivals import REPORTS_PER_TICK, find_arrivals
from import_pipeline.intake.arrivals_cursor import OVERLAP_SECONDS
from import_pipeline.intake.bucket import Bucket, StoredObject
from import_pipeline.intake.buckets import open_bucket
from import_pipeline.intake.object_claims import mint_import_id
from import_pipeline.settings import Settings
from import_pipeline_tests.intake.upload_sensor import NOW, PLACE, Sensor, names, obj, reasons


def test_a_settled_object_becomes_an_import_of_its_folder_once() -> None:
    sensor = Sensor()
    listing = [obj("a.csv", place="uploads/acme/companies/")]
    arrival = sensor.look(listing, NOW).new[0]
    assert (arrival.organization, arrival.record_type, arrival.name) == ("acme", "company", "a.csv")
    assert arrival.import_id == mint_import_id("local", listing[0])
    assert arrival.sidecar is None
    assert sensor.look(listing, NOW + 30).new == ()


def test_the_import_id_depends_on_bucket_key_and_version_alone() -> None:
    ids = {
        mint_import_id("local", obj("a.csv")),
        mint_import_id("local", obj("b.csv")),
        mint_import_id("local", obj("a.csv", version="v2")),
        mint_import_id("s3://b", obj("a.csv")),
    }
    assert len(ids) == 4
    assert mint_import_id("local", obj("a.csv", modified=1.0)) in ids
    assert all(len(each) == 24 and each.startswith("imp_") for each in ids)


def test_a_look_that_was_cut_short_before_its_claims_gives_the_same_imports_again() -> None:
    sensor = Sensor()
    listing = [obj("a.csv", modified=NOW - 10 * OVERLAP_SECONDS), obj("b.csv")]
    first = sensor.look(listing, NOW, claims=False)
    second = sensor.look(listing, NOW + 10)
    assert [arrival.import_id for arrival in first.new] == [arrival.import_id for arrival in second.new]
    assert len(second.new) == 2
    assert sensor.look(listing, NOW + 20).new == ()


def test_a_growing_object_waits_until_it_rests() -> None:
    sensor = Sensor(settle_seconds=5)
    growing = obj("a.csv")
    for second in range(4):
        growing = obj("a.csv", modified=NOW + second, size=10 * second, version=f"v{second}")
        found = sensor.look([growing], NOW + second + 0.5)
        assert found.new == ()
        assert found.waiting == (growing,)
    assert names(sensor.look([growing], NOW + 3 + 4.9)) == []
    assert names(sensor.look([growing], NOW + 3 + 5)) == ["a.csv"]


def test_an_object_with_a_time_in_the_future_settles_by_what_we_saw() -> None:
    sensor = Sensor(settle_seconds=5)
    ahead = obj("a.csv", modified=NOW + 100_000)
    assert names(sensor.look([ahead], NOW)) == []
    changed = obj("a.csv", modified=NOW + 100_001, version="v2")
    assert names(sensor.look([changed], NOW + 4)) == []
    assert names(sensor.look([changed], NOW + 8)) == []
    assert names(sensor.look([changed], NOW + 9)) == ["a.csv"]
    # and it does not hide what comes after it
    assert names(sensor.look([changed, obj("b.csv", modified=NOW + 10)], NOW + 20)) == ["b.csv"]


def test_no_time_to_settle_takes_objects_at_once() -> None:
    assert names(Sensor(settle_seconds=0).look([obj("a.csv", modified=NOW)], NOW)) == ["a.csv"]


def test_an_object_without_bytes_is_reported_once_it_rests_and_imported_when_it_has_some() -> None:
    sensor = Sensor()
    empty = obj("a.csv", size=0, modified=NOW)
    assert sensor.look([empty], NOW + 1).reported == ()
    assert reasons(sensor.look([empty], NOW + 10)) == {"a.csv": ReportReason.NO_BYTES}
    assert sensor.look([empty], NOW + 20).reported == ()
    assert names(sensor.look([obj("a.csv", modified=NOW + 30, version="v2")], NOW + 40)) == ["a.csv"]


def test_an_overwritten_object_is_a_new_import_under_the_same_key() -> None:
    sensor = Sensor()
    first = sensor.look([obj("a.csv")], NOW).new[0]
    second = sensor.look([obj("a.csv", modified=NOW + 10, version="v2")], NOW + 30).new[0]
    assert second.obj.key == first.obj.key
    assert second.import_id != first.import_id
    # the old version coming back with its old time is known, and not a third import
    assert sensor.look([obj("a.csv")], NOW + 60).new == ()


def test_a_sidecar_goes_with_its_object_and_is_no_import_itself() -> None:
    sensor = Sensor()
    sidecar = obj("a.csv.import.yaml")
    found = sensor.look([obj("a.csv"), sidecar], NOW)
    assert [(arrival.name, arrival.sidecar) for arrival in found.new] == [("a.csv", sidecar)]
    assert set(found.new[0].claims.values()) == {found.new[0].import_id}
    later = sensor.look([obj("a.csv"), sidecar], NOW + 10)
    assert (later.new, later.reported, later.waiting) == ((), (), ())


def test_a_sidecar_that_comes_while_its_object_settles_is_used() -> None:
    sensor = Sensor(settle_seconds=5)
    data = obj("a.csv", modified=NOW)
    assert sensor.look([data], NOW + 1).new == ()
    sidecar = obj("a.csv.import.yaml", modified=NOW + 4)
    found = sensor.look([data, sidecar], NOW + 6)
    assert found.new == ()
    assert set(found.waiting) == {data, sidecar}
    assert [arrival.sidecar for arrival in sensor.look([data, sidecar], NOW + 9).new] == [sidecar]


def test_a_sidecar_alone_is_reported_once_and_used_when_its_object_comes() -> None:
    sensor = Sensor()
    sidecar = obj("a.csv.import.yaml")
    assert reasons(sensor.look([sidecar], NOW)) == {"a.csv.import.yaml": ReportReason.ORPHAN_SIDECAR}
    assert sensor.look([sidecar], NOW + 10).reported == ()
    data = obj("a.csv", modified=NOW + 20)
    assert [arrival.sidecar for arrival in sensor.look([sidecar, data], NOW + 30).new] == [sidecar]


def test_a_sidecar_that_comes_too_late_is_reported_even_if_its_object_is_old() -> None:
    sensor = Sensor()
    data = obj("a.csv", modified=NOW - 10 * OVERLAP_SECONDS)
    assert names(sensor.look([data], NOW)) == ["a.csv"]
    sensor.look([data, obj("b.csv", modified=NOW)], NOW + 10)
    sidecar = obj("a.csv.import.yaml", modified=NOW + 20)
    found = sensor.look([data, sidecar], NOW + 30)
    assert reasons(found) == {"a.csv.import.yaml": ReportReason.LATE_SIDECAR}
    assert found.new == ()
    assert sensor.look([data, sidecar], NOW + 40).reported == ()


def test_the_sidecar_of_an_empty_object_waits_for_its_content() -> None:
    sensor = Sensor()
    sidecar = obj("a.csv.import.yaml")
    assert reasons(sensor.look([obj("a.csv", size=0), sidecar], NOW)) == {"a.csv": ReportReason.NO_BYTES}
    assert sensor.look([obj("a.csv", size=0), sidecar], NOW + 10).reported == ()
    full = obj("a.csv", version="v2", modified=NOW + 20)
    assert [arrival.sidecar for arrival in sensor.look([full, sidecar], NOW + 30).new] == [sidecar]


@pytest.mark.parametrize(
    "key",
    [
        "uploads/a.csv",
        "uploads/acme/a.csv",
        "uploads/acme/unicorn/a.csv",
        "uploads/acme/contact/2026/a.csv",
        "uploads/Not An Organization/contact/a.csv",
        "uploads/acme/contact/../../a.csv",
        "uploads//contact/a.csv",
        "uploads/acme/contact/a\n\x1b[31m.csv",
        "uploads/acme/contact/\udcff.csv",
    ],
)
def test_an_object_in_no_known_place_is_reported_once_with_what_is_wrong(key: str) -> None:
    sensor = Sensor()
    listing = [StoredObject(key, 10, NOW - 60, "v1"), obj("good.csv")]
    found = sensor.look(listing, NOW)
    assert names(found) == ["good.csv"]
    (report,) = found.reported
    assert report.reason is ReportReason.BAD_PLACE
    assert "uploads/<organization>/<record type>" in report.message
    assert report.message.isprintable()
    report.message.encode()
    assert sensor.look(listing, NOW + 10).reported == ()


@pytest.mark.parametrize("name", [".a.csv.Xy12z", "a.csv.part", "a.csv.filepart", "a.csv.crdownload", "A.TMP"])
def test_a_file_that_a_program_is_still_copying_is_not_taken_under_its_passing_name(name: str) -> None:
    sensor = Sensor()
    assert reasons(sensor.look([obj(name)], NOW)) == {name: ReportReason.UNFINISHED_NAME}
    assert names(sensor.look([obj("a.csv")], NOW + 10)) == ["a.csv"]


def test_many_objects_are_taken_oldest_first_a_few_in_each_look() -> None:
    sensor = Sensor(objects_per_tick=2)
    listing = [obj(f"{number}.csv", modified=NOW - 100 + number) for number in (5, 1, 4, 2, 3)]
    looks = [sensor.look(listing, NOW + 10 * turn) for turn in range(4)]
    assert [names(found) for found in looks] == [["1.csv", "2.csv"], ["3.csv", "4.csv"], ["5.csv"], []]
    assert [found.postponed for found in looks] == [3, 1, 0, 0]


def test_organizations_take_turns_so_that_none_waits_for_what_another_drops() -> None:
    sensor = Sensor(objects_per_tick=3)
    flood = [obj(f"{number}.csv", modified=NOW - 100 + number) for number in range(20)]
    other = [obj(f"o{number}.csv", modified=NOW - 10, place="uploads/zoo/contact/") for number in range(2)]
    first = sensor.look([*flood, *other], NOW)
    assert names(first) == ["0.csv", "o0.csv", "1.csv"]
    assert names(sensor.look([*flood, *other], NOW + 10)) == ["2.csv", "o1.csv", "3.csv"]


def test_a_hundred_thousand_misplaced_objects_delay_nobody_and_are_told_bit_by_bit() -> None:
    sensor = Sensor(objects_per_tick=2)
    misplaced = [obj(f"{number}.csv", modified=NOW - 900, place="uploads/acme/planet/") for number in range(100_000)]
    good = [obj(f"good{number}.csv") for number in range(3)]
    first = sensor.look([*misplaced, *good], NOW)
    assert names(first) == ["good0.csv", "good1.csv"]
    assert len(first.reported) == REPORTS_PER_TICK
    second = sensor.look([*misplaced, *good], NOW + 10)
    assert names(second) == ["good2.csv"]
    assert not {report.key for report in first.reported} & {report.key for report in second.reported}


def test_a_new_version_of_its_sidecar_takes_up_an_object_whose_import_left_no_records() -> None:
    sensor = Sensor()
    data, wrong = obj("a.csv"), obj("a.csv.import.yaml")
    (refused,) = sensor.look([data, wrong], NOW).new
    right = obj("a.csv.import.yaml", version="v2", modified=NOW + 10)
    assert sensor.look([data, wrong], NOW + 15).new == ()
    sensor.lapsed = {data.key}
    (again,) = sensor.look([data, right], NOW + 20).new
    assert (again.obj, again.sidecar, again.import_id != refused.import_id) == (data, right, True)
    assert sensor.look([data, right], NOW + 30).new == ()


def test_a_smaller_limit_than_the_setting_is_kept() -> None:
    listing = [obj(f"{number}.csv") for number in range(9)]
    found = find_arrivals(
        listing, None, NOW, bucket_name="local", claimed=lambda keys: {}, settings=Settings(), limit=4
    )
    assert len(found.new) == 4
    assert found.postponed == 5


def test_objects_of_a_real_bucket_are_taken_once_whatever_their_names(bucket: Bucket, tmp_path: Path) -> None:
    sensor = Sensor(settle_seconds=0, bucket_name=bucket.name)
    for name in ("a b.csv", "#[x]?%41.csv", "grüße.csv", "grüße.csv.import.yaml"):
        bucket.write_text(PLACE + name, "email\na@example.com\n")
    now = max(each.modified for each in bucket.find("uploads/")) + 1
    found = sensor.look(bucket.find("uploads/"), now)
    assert sorted(names(found)) == ["#[x]?%41.csv", "a b.csv", "grüße.csv"]
    for arrival in found.new:
        bucket.download(arrival.obj, tmp_path / "copy", 100)
    assert sensor.look(bucket.find("uploads/"), now + 10).new == ()
    bucket.write_text(PLACE + "a b.csv", "email\nb@example.com\n")
    assert names(sensor.look(bucket.find("uploads/"), now + 20)) == ["a b.csv"]


def test_a_real_file_that_is_still_written_is_not_taken(settings: Settings) -> None:
    bucket = open_bucket(settings)
    path = settings.local_bucket / PLACE / "a.csv"
    path.parent.mkdir(parents=True)
    sensor = Sensor(settle_seconds=5)
    with path.open("w", buffering=1) as file:
        for line in range(3):
            file.write(f"{line}\n")
            (growing,) = bucket.find("uploads/")
            assert growing.size == 2 * (line + 1)
            assert sensor.look([growing], growing.modified + 1).waiting == (growing,)
    os.utime(path, (1_000_000_000, 1_000_000_000))  # as programs do that keep the time of the original
    (whole,) = bucket.find("uploads/")
    assert sensor.look([whole], whole.modified + 1).new == ()
    assert names(sensor.look([whole], whole.modified + 6)) == ["a.csv"]
