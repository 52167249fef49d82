"""Random files with all that stands in files beside rows: every line below the header is counted, and none deletes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from import_pipeline.settings import Settings
from import_pipeline.words import Action, DuplicateHandling
from import_pipeline_tests.examples import examples
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.store_kinds import Stores

KEYS = ("K1", "K2", "K3", "K4", "K5", "K6")
HEADER = ("external_id", "name", "employees")
NAMES = ("Ahorn", "*NSYNC Ltd", "1. FC Ulm", "Total", "Note: Film", "3M", "- Dash", "Vega; Sons", "Wega, Inc")
OTHER_LINES = (
    HEADER,
    ("Total", "", ""),
    ("", "Total", "9"),
    ("Note: all figures of March", "", ""),
    ("", "", ""),
    ("Page 2 of 3", "", ""),
)


@dataclass(frozen=True)
class Text:
    """A file as text, what its lines below the header hold, and how it is cut."""

    lines: tuple[tuple[str, ...], ...]
    delimiter: str
    newline: str
    ends_with_newline: bool
    mark: str

    @property
    def content(self) -> str:
        """The file, quoted where a cell holds what would be read otherwise."""
        lines = [self.delimiter.join(map(self._cell, line)) for line in (HEADER, *self.lines)]
        return self.mark + self.newline.join(lines) + (self.newline if self.ends_with_newline else "")

    def _cell(self, text: str) -> str:
        return f'"{text}"' if self.delimiter in text else text

    @property
    def said_once(self) -> dict[str, int]:
        """Keys of good rows that stand in no other line, with the number that the row gives."""
        good = [line for line in self.lines if len(line) == len(HEADER) and line[0] in KEYS and line[2].isdigit()]
        everywhere = [cell for line in self.lines for cell in line]
        return {key: int(number) for key, _, number in good if everywhere.count(key) == 1}

    @property
    def named(self) -> set[str]:
        """The keys that stand anywhere in the file."""
        return {key for line in self.lines for cell in line for key in KEYS if key == cell}


@st.composite
def texts(draw: st.DrawFn) -> Text:
    """Rows, failing rows, rows that are too short or too long, and lines that are no rows, in any order."""
    key, name = st.sampled_from(KEYS), st.sampled_from(NAMES)
    good = st.tuples(key, name, st.sampled_from(["1", "20", ""]))
    line = st.one_of(
        good,
        good,
        st.tuples(key, name, st.just("many")),
        st.tuples(st.just("Ahorn"), key, name, st.just("1")),  # shifted by a cell
        st.tuples(key, name),
        st.sampled_from(OTHER_LINES),
    )
    lines = [draw(good), *draw(st.lists(line, min_size=1, max_size=6))]
    delimiter, newline = draw(st.sampled_from(",;\t")), draw(st.sampled_from(["\n", "\r\n"]))
    return Text(tuple(lines), delimiter, newline, draw(st.booleans()), draw(st.sampled_from(["", "\ufeff"])))


class Ground:
    """One home for all examples, each of which has an organization of its own."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.importing = Importing(settings, folder)
        self.examples = 0


def check_that_every_line_counts(ground: Ground, text: Text, action: Action) -> None:
    """Import the text over six stored companies: all lines are counted, good rows stored, named records kept."""
    importing, organization = ground.importing, f"o{ground.examples}"
    ground.examples += 1
    companies = "external_id,name\n" + "".join(f"{key},Company {key}\n" for key in KEYS)
    importing.run(companies, "company", organization=organization)
    before = importing.stored("company", organization)
    done = importing.run(
        text.content,
        "company",
        organization=organization,
        action=action,
        duplicate_handling=DuplicateHandling.USE_FIRST,
    )
    after = importing.stored("company", organization)
    if done["total_rows"] is not None:
        assert done["total_rows"] == len(text.lines), f"{len(text.lines)} lines, {done['total_rows']} told: {text}"
    if done["status"] != "completed":
        assert after == before, f"{done['status']}, and something was written: {text}"
        return
    names = ("created", "updated", "unchanged", "skipped", "deleted", "failed")
    assert sum(done[f"{name}_count"] for name in names) == done["total_rows"]
    stored = {one.get("external_id") for one in after}
    assert text.named <= stored, f"{text.named - stored} stand in the file and are gone: {text}"
    assert "external_id" not in stored
    employees = {one.get("external_id"): one.get("employees") for one in after}
    for key, number in text.said_once.items():
        assert employees[key] == number, f"the row of {key} was not taken: {text}"


@pytest.fixture(scope="module")
def ground(stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A home that the examples share."""
    folder = tmp_path_factory.mktemp("lines")
    with stores.new_settings(folder / "home") as settings:
        yield Ground(settings, folder)


@examples(8, report_multiple_bugs=False)
@given(texts(), st.sampled_from([Action.MERGE, Action.OVERWRITE]))
def test_every_line_is_counted_and_no_record_that_the_file_names_is_deleted_unasked(ground, text, action):
    check_that_every_line_counts(ground, text, action)
