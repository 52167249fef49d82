"""A law of the review: steps do to each cell what they say; undone in turn they give back exactly what was there."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from import_pipeline.errors import MisuseError
from import_pipeline.service import review_operations, review_pages, reviewing
from import_pipeline.service.review_filters import RowFilter
from import_pipeline.service.review_operations import Step
from import_pipeline.stores import imports
from import_pipeline.words import ReviewKind
from import_pipeline_tests.examples import examples
from import_pipeline_tests.importing import Importing

COLUMNS = ("external_id", "email", "first_name", "city")
FILE = (
    "external_id,email,first_name,city\n"
    '1,a b,Ann, Aachen\n2,A.B,,aa\n3,x@,ann \xc4\xdf,AA\\1\n4,b@example.com,Bob,Bonn\n5,"(b)","[a-z]",\n'
)
TEXTS = st.sampled_from(["", "a", "A", "b", ".", "\\", "\\1", " ", "ann", "\xe4", "[a-z]", "(", "aa"])
COLUMN_SETS = st.lists(st.sampled_from(COLUMNS), unique=True, max_size=3).map(tuple)
NUMBERS = st.none() | st.lists(st.sampled_from([1, 2, 3, 5]), min_size=1, unique=True).map(tuple)


@st.composite
def steps(draw: Any) -> Step:
    kind = draw(st.sampled_from([kind for kind in ReviewKind if kind is not ReviewKind.EDIT]))
    find = draw(TEXTS)
    return Step(
        kind=kind,
        columns=draw(COLUMN_SETS),
        rows=RowFilter(q=draw(st.none() | TEXTS.filter(bool)), row_numbers=draw(NUMBERS)),
        find=find,
        text=draw(TEXTS),
        whole_cell=not find or draw(st.booleans()),
        match_case=draw(st.booleans()),
    )


EDITS = st.dictionaries(
    st.sampled_from([1, 2, 3, 5]),
    st.dictionaries(st.sampled_from(COLUMNS), st.none() | TEXTS, min_size=1),
    min_size=1,
)


class Review:
    """An import that waits for review, with what its rows show."""

    def __init__(self, importing: Importing) -> None:
        mapping = {name: name for name in COLUMNS}
        import_id = importing.begin(FILE, column_mapping=mapping, invalid_data="block")
        importing.go(import_id)
        self.home, self.record = importing.home, imports.get(importing.home.registry, import_id)

    def rows(self) -> dict[int, tuple[dict[str, Any], bool]]:
        page = review_pages.page(self.home, self.record)
        return {row["row_number"]: (row["cells"], row["left_out"]) for row in page["rows"]}

    def take(self, step: Any) -> int | None:
        if isinstance(step, Step):
            return review_operations.run(self.home, self.record, step)["operation_id"]
        return reviewing.correct(self.home, self.record, step)


def expected(rows: dict[int, tuple[dict[str, Any], bool]], step: Any) -> dict[int, tuple[dict[str, Any], bool]]:
    """What the rows show after a step, told once more in plain Python."""
    if not isinstance(step, Step):
        return {
            number: (cells | {name: text or None for name, text in step.get(number, {}).items()}, left_out)
            for number, (cells, left_out) in rows.items()
        }
    found = {}
    for number, (cells, left_out) in rows.items():
        is_meant = step.rows.row_numbers is None or number in step.rows.row_numbers
        is_meant = is_meant and (
            not step.rows.q or any(step.rows.q.lower() in (text or "").lower() for text in cells.values())
        )
        if is_meant and step.kind is ReviewKind.LEAVE_OUT:
            left_out = True
        elif is_meant and not left_out:
            cells = {
                name: changed(text, step) if name in (step.columns or COLUMNS) else text for name, text in cells.items()
            }
        found[number] = (cells, left_out)
    return found


def changed(text: str | None, step: Step) -> str | None:
    match step.kind:
        case ReviewKind.SET:
            return step.text or None
        case ReviewKind.CLEAR:
            return None
        case ReviewKind.TRIM:
            return (text or "").strip() or None
    given, find = text or "", step.find
    if step.whole_cell:
        return (step.text if (given == find if step.match_case else given.lower() == find.lower()) else given) or None
    if step.match_case:
        return given.replace(find, step.text) or None
    made, at = "", 0
    while at < len(given):
        is_here = given[at : at + len(find)].lower() == find.lower()
        made += step.text if is_here else given[at]
        at += len(find) if is_here else 1
    return made or None


@pytest.fixture
def review(importing: Importing) -> Review:
    return Review(importing)


@examples(12)
@given(taken=st.lists(st.one_of(steps(), steps(), EDITS), min_size=1, max_size=6))
def test_steps_do_what_they_say_and_undone_give_back_exactly_what_was_there(review: Review, taken: list[Any]) -> None:
    former = [review.rows()]
    numbers: list[int | None] = []
    for step in taken:
        numbers.append(review.take(step))
        former.append(review.rows())
        assert former[-1] == expected(former[-2], step), step
    for number, rows in zip(reversed(numbers), reversed(former[:-1]), strict=True):
        if number is not None:
            reviewing.undo(review.home, review.record, number)
        assert review.rows() == rows


def test_a_step_that_takes_too_long_is_broken_off_and_changes_nothing(
    review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_operations, "MOST_SECONDS", 0.05)
    long = {1: {"first_name": "\xe9" * 6_000}}
    review.take(long)
    former = review.rows()
    with pytest.raises(MisuseError, match="takes more than"):
        review.take(Step(kind=ReviewKind.REPLACE, find="\xe9" * 1_000, text="e"))
    assert review.rows() == former


def test_a_step_that_would_make_too_long_texts_is_refused_before_they_are_made(review: Review) -> None:
    review.take({number: {"city": "a" * 100_000} for number in (1, 2, 3, 5)})
    with pytest.raises(MisuseError, match="characters in all"):
        review.take(Step(kind=ReviewKind.REPLACE, find="A", text="b" * 1_000))
