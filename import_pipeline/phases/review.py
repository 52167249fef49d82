"""What a person has to decide before anything is written: failed rows, possible duplicates, deletions, a preview.

Each question is asked with its figures; all of them are asked at once, and to confirm the import is to accept them:
what that means for the spec stands in `accepting`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from import_pipeline.errors import ReviewNeededError
from import_pipeline.intake.structural_defects import LEFT_OUT, NO_ROW_CODES
from import_pipeline.phases.deletions import count_deletions
from import_pipeline.phases.identities import comparable
from import_pipeline.phases.notices import notices_of
from import_pipeline.phases.outcomes import ALREADY_STORED, count_outcomes
from import_pipeline.phases.work import Work
from import_pipeline.record_types.identity import identity_sql
from import_pipeline.sql import literal, quote
from import_pipeline.words import ID_FIELD, Action, InvalidData, OnPossibleDuplicate, Outcome, Phase

_LARGE_TABLE = 20
_LARGE_PART = 0.5
_GOOD = f"""
    SELECT row_number FROM plan WHERE action NOT IN ('fail', 'skip') OR reason = {literal(ALREADY_STORED)}"""
"""SELECT of the rows with which nothing is wrong."""
_NAMED_REASONS = 5
_GO_ON = "Confirm the import to go on all the same, or cancel it, correct the file and import that."
_WRITE_IT = "Confirm the import to write it, or cancel it."
_ACCEPTING_PREVIEW = {"preview": False}
_CUT_OFF = "the file is cut off, or a quote in it is never closed"


@dataclass(frozen=True)
class _Question:
    """What a person is asked.

    Attributes:
        reason: What is so, with the figures.
        accepting: The changes of the spec by which it is accepted.
        figures: What programs read.
    """

    reason: str
    accepting: dict[str, Any]
    figures: dict[str, Any]


def ask_for_review(work: Work) -> None:
    """Stop before anything is written where a person has to look.

    Raises:
        ReviewNeededError: With the reasons; its culprits are the figures, and `accepting`.
    """
    questions = [question for ask in _QUESTIONS if (question := ask(work)) is not None]
    if not questions:
        return
    figures: dict[str, Any] = {}
    accepting: dict[str, Any] = {}
    for question in questions:
        figures |= question.figures
        accepting |= question.accepting
    reasons = " ".join(question.reason for question in questions)
    is_preview_alone = accepting == _ACCEPTING_PREVIEW
    go_on = _WRITE_IT if is_preview_alone else _GO_ON
    raise ReviewNeededError(f"{reasons} Nothing was written. {go_on}", **figures, accepting=accepting)


def _too_many_failed(work: Work) -> _Question | None:
    spec, failed, total = work.spec, _count_failed(work), work.total_rows()
    passed = []
    if spec.max_failed_rows is not None and failed > spec.max_failed_rows:
        passed.append(f"max_failed_rows is {spec.max_failed_rows}")
    if spec.max_failed_fraction is not None and failed > spec.max_failed_fraction * total:
        passed.append(f"max_failed_fraction is {spec.max_failed_fraction:g}")
    if not passed:
        return None
    reasons = _failed_by_reason(work)
    return _Question(
        f"{failed} of {total} rows failed ({_named(reasons)}), and {' and '.join(passed)}.",
        {"max_failed_rows": None, "max_failed_fraction": None},
        {"failed_rows": failed, "total_rows": total, "failed_by_reason": reasons},
    )


def _failed_and_blocked(work: Work) -> _Question | None:
    failed = _count_failed(work)
    if not failed or work.spec.invalid_data is not InvalidData.BLOCK:
        return None
    return _Question(
        f"{_of_rows(work, failed)} failed, and invalid_data is block.",
        {"invalid_data": InvalidData.REMOVE_ROWS.value},
        {"failed_rows": failed},
    )


def _possible_duplicates(work: Work) -> _Question | None:
    if work.spec.on_possible_duplicate is not OnPossibleDuplicate.ASK:
        return None
    found = _count_possible_duplicates(work)
    if not found:
        return None
    return _Question(
        f"{_rows(found)} may repeat stored {work.record_type.plural} that say otherwise; the defects name them.",
        {"on_possible_duplicate": OnPossibleDuplicate.CREATE.value},
        {"possible_duplicates": found},
    )


def _deletions_of_an_overwrite(work: Work) -> _Question | None:
    """To delete what a file does not name is right only if the file is whole, and not much is deleted by mistake."""
    if work.spec.action is not Action.OVERWRITE or work.spec.confirm_deletions:
        return None
    stored, deleted = count_deletions(work)
    if not deleted:
        return None
    failed, not_read = _count_unaccounted(work, "action = 'fail'"), _count_not_read(work)
    left_out = _count_unaccounted(work, f"reason = {literal(LEFT_OUT)}")
    doubts = []
    if failed:
        doubts.append(f"{_of_rows(work, failed)} failed ({_named(_failed_by_reason(work))})")
        spoiled = _count_with_defects(work)
        doubts += [f"{_rows(spoiled)} have defects in all"] if spoiled > failed else []
    if left_out:
        doubts.append(f"{_rows(left_out)} {'was' if left_out == 1 else 'were'} left out in the review")
    if not_read:
        doubts.append(_lines_not_read(not_read))
    if not work.number(f"SELECT count(*) FROM ({_GOOD})"):
        doubts.append("no row is good")
    if _is_truncated(work):
        doubts.append(_CUT_OFF)
    if stored > _LARGE_TABLE and deleted > stored * _LARGE_PART:
        doubts.append("that is more than half of them")
    if not doubts:
        return None
    return _Question(
        f"The overwrite would delete {deleted} of {stored} {work.record_type.plural}, which no good row names: "
        f"{', '.join(doubts)}.",
        {"confirm_deletions": True},
        {"stored_records": stored, "deleted_records": deleted, "failed_rows": failed, "lines_not_read": not_read},
    )


def _deletions_of_an_unread_list(work: Work) -> _Question | None:
    if work.spec.action is not Action.DELETE or work.spec.confirm_deletions:
        return None
    deleted = work.number("SELECT count(*) FROM plan WHERE action = 'delete'")
    not_read, is_truncated = _count_not_read(work), _is_truncated(work)
    if not deleted or not (not_read or is_truncated):
        return None
    doubts = [_lines_not_read(not_read)] if not_read else []
    doubts += [_CUT_OFF] if is_truncated else []
    return _Question(
        f"{deleted} {work.record_type.plural} would be deleted by a list that was not read whole: {', '.join(doubts)}.",
        {"confirm_deletions": True},
        {"deleted_records": deleted, "lines_not_read": not_read},
    )


def _previewed(work: Work) -> _Question | None:
    """What would be written is shown before, where that was asked for; it is asked last, with all other figures."""
    if not work.spec.preview:
        return None
    outcomes = count_outcomes(work)[work.import_id]
    overwritten = work.number("SELECT count(*) FROM overwritten")
    told = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items() if count)
    told += f", {overwritten} deleted that the file does not name" if overwritten else ""
    figures = {
        **outcomes,
        "overwritten": overwritten,
        "deletions": outcomes[Outcome.DELETED] + overwritten,
        "possible_duplicates": _count_possible_duplicates(work),
    }
    notices = notices_of(work).get(work.import_id, [])
    return _Question(f"A preview: {told}.", _ACCEPTING_PREVIEW, {"preview": figures, "notices": notices})


_QUESTIONS: tuple[Callable[[Work], _Question | None], ...] = (
    _too_many_failed,
    _failed_and_blocked,
    _possible_duplicates,
    _deletions_of_an_overwrite,
    _deletions_of_an_unread_list,
    _previewed,
)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _lines_not_read(count: int) -> str:
    return "1 line was not read as a row" if count == 1 else f"{count} lines were not read as rows"


def _of_rows(work: Work, count: int) -> str:
    return f"{count} of {_rows(work.total_rows())}"


def _named(reasons: dict[str, int]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in list(reasons.items())[:_NAMED_REASONS])


def _count_possible_duplicates(work: Work) -> int:
    return work.number("SELECT count(DISTINCT row_number) FROM defects WHERE code = 'possible_duplicate'")


def _count_failed(work: Work) -> int:
    return work.number("SELECT count(*) FROM plan WHERE action = 'fail'")


def _count_with_defects(work: Work) -> int:
    """Rows that failed, and rows that go on though a cell of them was not taken as it stands."""
    failed = "SELECT row_number FROM plan WHERE action = 'fail'"
    return work.number(
        f"SELECT count(*) FROM ({failed} UNION SELECT row_number FROM defects) WHERE row_number IS NOT NULL"
    )


def _failed_by_reason(work: Work) -> dict[str, int]:
    return work.counts(
        "SELECT reason, count(*) FROM plan WHERE action = 'fail' GROUP BY reason ORDER BY count(*) DESC, reason"
    )


def _count_not_read(work: Work) -> int:
    reasons = ", ".join(literal(code) for code in NO_ROW_CODES if code != LEFT_OUT)
    return work.number(
        f"""
        SELECT count(DISTINCT row_number) FROM left_out
        WHERE phase = '{Phase.PREVALIDATION}' AND reason IN ({reasons})
        """
    )


def _is_truncated(work: Work) -> bool:
    return bool(work.number("SELECT count(*) FROM defects WHERE code = 'truncated_file'"))


def _count_unaccounted(work: Work, condition: str) -> int:
    """The rows of the plan of which nobody knows whom they mean: none of their strong identifiers is in a good row."""
    failed = f"SELECT row_number FROM plan WHERE {condition}"
    named = []
    for field, mapped in work.mapped().items():
        if field != ID_FIELD and field not in work.record_type.strong:
            continue
        cell = f"nullif(trim({quote(mapped.column_name)}), '')"
        written = cell if field == ID_FIELD else identity_sql(work.record_type.field(field), cell)
        known = f"SELECT {comparable(work, field, '', set())} FROM typed_rows WHERE row_number IN ({_GOOD})"
        if mapped.column is not None:
            named.append(f"SELECT rowid + 1 FROM source_text WHERE rowid + 1 IN ({failed}) AND {written} IN ({known})")
    accounted = " UNION ALL ".join(named) or "SELECT NULL WHERE false"
    return work.number(f"SELECT count(*) FROM ({failed}) WHERE row_number NOT IN ({accounted})")
