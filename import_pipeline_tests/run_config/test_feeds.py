from pathlib import Path

import pytest

import import_pipeline
from import_pipeline.run_config.feeds import MAX_FEEDS_BYTES, Feed, Feeds, parse_feeds, read_feeds

FEEDS = """
feeds:
  - name: daily_leads
    cron: "0  6 * * 1-5"
    url: uploads/acme/contacts/leads-*.csv
    spec:
      duplicate_strategy: fill
      tags: leads, daily
  - name: partners
    cron: "@weekly-is-not-used"
    url: x
"""


def usable(text: str) -> tuple[Feed, ...]:
    found = parse_feeds(text, "feeds.yaml")
    assert not found.wrong
    return found.usable


def entry_of(**changes: str | None) -> str:
    entry = {"name": "f", "cron": "'0 6 * * *'", "url": "uploads/acme/contact/leads-*.csv"} | changes
    lines = [f"{key}: {value}" for key, value in entry.items() if value is not None]
    return "\n  - " + "\n    ".join(lines)


def feed(**changes: str | None) -> Feed:
    (found,) = usable("feeds:" + entry_of(**changes))
    return found


def test_a_feed_has_name_cron_pattern_and_spec():
    (found,) = usable(FEEDS[: FEEDS.index("  - name: partners")])
    assert (found.name, found.cron, found.pattern) == (
        "daily_leads",
        "0 6 * * 1-5",
        "uploads/acme/contacts/leads-*.csv",
    )
    assert (found.organization, found.record_type) == ("acme", "contact")
    assert found.spec.duplicate_strategy == "fill"
    assert found.spec.tags == ("leads", "daily")
    assert found.prefix == "uploads/acme/contacts/"


def test_a_feed_takes_the_objects_of_its_pattern_only():
    found = feed()
    assert found.takes("uploads/acme/contact/leads-1.csv")
    assert not found.takes("uploads/acme/contact/leads-1.csv.import.yaml")
    assert not found.takes("uploads/acme/contact/LEADS-1.csv")
    assert not found.takes("uploads/acme/contact/leads-1/x.csv")
    assert not found.takes("uploads/other/contact/leads-1.csv")
    assert not feed(url="uploads/acme/contact/leads*").takes("uploads/acme/contact/leads.csv.import.yaml")


def test_a_file_name_alone_is_looked_for_in_the_feeds_own_folder():
    found = feed(url="leads-?.csv", record_type="contact", organization="acme")
    assert found.pattern == "uploads/acme/contact/leads-?.csv"
    assert feed(url="leads.csv", record_type="contact").prefix == "uploads/default/contact/"


def test_a_feed_may_look_into_any_other_folder_that_is_named():
    found = feed(url="incoming/*/leads-[0-9].csv", record_type="contact", organization="acme")
    assert found.prefix == "incoming/"
    assert found.takes("incoming/2024/leads-1.csv")
    assert not found.takes("incoming/2024/05/leads-1.csv")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": None}, ["'name' is missing"]),
        ({"name": "Daily Leads"}, ["'name'", "'Daily Leads'"]),
        ({"cron": None}, ["'cron' is missing"]),
        ({"cron": "hourly"}, ["'cron'", "'hourly'", "five parts"]),
        ({"cron": "'0 6 * * * *'"}, ["five parts"]),
        ({"cron": "'0 6 * * $'"}, ["five parts"]),
        ({"url": None}, ["'url' is missing"]),
        ({"url": "s3://bucket/leads.csv"}, ["'url'", "a place in the bucket"]),
        ({"url": "uploads/../contact/x.csv"}, ["'url'", "a place in the bucket"]),
        ({"url": "/etc/passwd"}, ["a place in the bucket"]),
        ({"url": "uploads/*/contact/leads.csv"}, ["organization and record type written out"]),
        ({"url": "uploads/acme/cont*/leads.csv"}, ["organization and record type written out"]),
        ({"url": "uploads/acme/leads/leads.csv"}, ["'contact'"]),
        ({"url": "uploads/acme/leads.csv"}, ["must be uploads/<organization>/<record type>/<name>"]),
        ({"url": "'*/acme/leads.csv'", "record_type": "contact"}, ["Name the first folder"]),
        ({"url": "leads.csv"}, ["'record_type' is missing", "'contact'"]),
        ({"organization": "other"}, ["'organization'", "'other'", "'acme'"]),
        ({"record_type": "company"}, ["'record_type'", "'company'", "'contact'"]),
        ({"spec": "{action: upsert}"}, ["spec", "'action'", "'upsert'"]),
        ({"spec": "{tag: a}"}, ["spec", "Did you mean 'tags'?"]),
        ({"spec": "{organization: other}"}, ["'organization'", "'other'", "'acme'"]),
        ({"spec": "[a]"}, ["'spec'"]),
        ({"enabled": "yes"}, ["Unknown key 'enabled'"]),
    ],
)
def test_a_feed_that_does_not_fit_is_told_with_file_feed_key_and_remedy_and_the_others_stay(
    changes: dict, words: list[str]
):
    found = parse_feeds("feeds:" + entry_of(**changes) + entry_of(name="other"), "feeds.yaml")
    assert [one.name for one in found.usable] == ["other"]
    (wrong,) = found.wrong
    for word in [*words, "feeds.yaml, feed 1"]:
        assert word in wrong.reason


def test_an_unknown_record_type_is_told_with_the_known_ones():
    (wrong,) = parse_feeds("feeds:" + entry_of(url="leads.csv", record_type="lead")).wrong
    assert "contact" in wrong.reason


def test_of_two_feeds_of_one_name_none_is_used():
    entry = "  - {name: f, cron: '0 6 * * *', url: uploads/acme/contact/x.csv}\n"
    found = parse_feeds("feeds:\n" + entry + entry)
    assert (found.usable, len(found.wrong)) == ((), 2)
    assert all("more than one feed called 'f'" in wrong.reason for wrong in found.wrong)
    assert len({wrong.name for wrong in found.wrong}) == 2
    assert all(wrong.takes("uploads/acme/contact/x.csv") for wrong in found.wrong)


@pytest.mark.parametrize("text", ["", "feeds:", "feeds: []"])
def test_a_file_without_feeds_is_no_fault(text: str):
    assert parse_feeds(text) == Feeds()


@pytest.mark.parametrize("text", ["feeds: 3", "feed: []", "text", "feeds: []\nmore: 1", "- 3", "feeds: [3]"])
def test_a_file_of_another_shape_is_told(text: str):
    found = parse_feeds(text)
    assert found.usable == ()
    assert "feeds.yaml" in found.wrong[0].reason


def test_a_missing_file_means_no_feeds(tmp_path: Path):
    assert read_feeds(tmp_path / "feeds.yaml") == Feeds()


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path):
    assert "cannot be read" in read_feeds(tmp_path).wrong[0].reason


def test_a_file_that_is_too_large_is_refused_without_reading_it_all(tmp_path: Path):
    (tmp_path / "feeds.yaml").write_text("#" * (MAX_FEEDS_BYTES + 10))
    assert "more than" in read_feeds(tmp_path / "feeds.yaml").wrong[0].reason


def test_the_feeds_file_of_the_project_can_be_read_and_its_example_too():
    shipped = Path(import_pipeline.__file__).parent.parent / "data" / "feeds.yaml"
    assert read_feeds(shipped) == Feeds()
    lines = shipped.read_text().splitlines()
    example = "\n".join(line[2:] for line in lines if line.startswith(("# feeds:", "#  ")))
    assert [found.name for found in usable(example)] == ["daily_leads"]
