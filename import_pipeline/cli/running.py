"""Running an import in this process and telling how it ended: progress, tables or JSON, and the exit status."""

import json
import re
import shlex
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import typer

from import_pipeline.cli import screen, tables
from import_pipeline.cli.interrupts import Interrupts
from import_pipeline.cli.progress import Progress
from import_pipeline.cli.refusals import COMPLETED, NOT_COMPLETED
from import_pipeline.cli.refusals import INTERRUPTED as INTERRUPTED_EXIT
from import_pipeline.words import Action, PhaseStatus, Status

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.orchestration.runs import ImportRunner

SHOWN_DEFECTS = 10
INTERRUPTED_WRITING = "It was interrupted while its records were written; `import-pipeline resume ID` finishes it."
_SAID = {"failed": "failed", "cancelled": "was cancelled", "needs_review": "waits for a decision"}


def run_and_tell(home: "Home", import_id: str, *, as_json: bool) -> None:
    """Run the phases of an import, show how it went, and end with its exit status.

    Raises:
        typer.Exit: Always.
    """
    from import_pipeline.service import queries

    interrupted = _execute(home, import_id)
    found = queries.import_object(home, import_id)
    completed = found["status"] == Status.COMPLETED
    if as_json:
        screen.print_json(found)
    if (as_json or interrupted) and not completed:  # of what was interrupted there are no rows to tell of
        screen.complain(reason_of(found))
    elif not as_json:
        _tell(home, found)
    if completed:
        raise typer.Exit(COMPLETED)
    raise typer.Exit(INTERRUPTED_EXIT if interrupted else NOT_COMPLETED)


def _execute(home: "Home", import_id: str) -> bool:
    """Run the phases through Dagster.

    Returns:
        Whether a person, or the system, interrupted it. The import says so, too, unless it had ended before.
    """
    progress = Progress()
    signals = Interrupts()
    try:
        with signals.noticed(), progress.shown():
            _run_phases(home, import_id, progress, signals)
    except BaseException:  # Dagster and the databases make errors of their own of an interruption
        if not signals.came:
            raise
    if signals.came:
        _end_interrupted(home, import_id)
    return signals.came


def _run_phases(home: "Home", import_id: str, progress: Progress, signals: Interrupts) -> None:
    """Run the phases; a file that is no short one is read while Dagster is loaded, which leaves a core idle."""
    from import_pipeline.service.reading_ahead import is_worth_reading_ahead, read_ahead

    if not is_worth_reading_ahead(home, import_id):
        with _ready_runner(home, progress) as runner:
            runner.execute(import_id)
        return
    with ThreadPoolExecutor(1, thread_name_prefix="loading") as thread, ExitStack() as stack:
        with signals.held_back():
            loading = thread.submit(_ready_runner, home, progress)
            stack.enter_context(read_ahead(home, import_id))
            runner = stack.enter_context(loading.result())
        runner.execute(import_id)


def _ready_runner(home: "Home", progress: Progress) -> "ImportRunner":
    from import_pipeline.orchestration.runs import ImportRunner

    runner = ImportRunner(home.settings, progress)
    runner.get_ready()
    return runner


def _end_interrupted(home: "Home", import_id: str) -> None:
    """Have the import say that it was interrupted, unless it had ended before or writes its records."""
    from import_pipeline.service import imports, transitions
    from import_pipeline.service.breaking_off import INTERRUPTED

    record = imports.get(home, import_id)
    if record.status is Status.FAILED:
        imports.update(home, import_id, reason=INTERRUPTED)
        return
    is_open = not record.status.is_final and record.status is not Status.NEEDS_REVIEW
    if is_open and not transitions.cancel(home, [import_id], INTERRUPTED).records:
        imports.update(home, import_id, reason=INTERRUPTED_WRITING)


def suggestions_of(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The suggested mapping that an import waits with, if that is what it waits for."""
    waits = found["status"] == Status.NEEDS_REVIEW
    return list(found["details"].get("suggestions") or ()) if waits else []


def _tell(home: "Home", found: dict[str, Any]) -> None:
    if suggestions_of(found):
        tell_suggestions(found)
        return
    screen.say_line(
        f"{found['file_name']} → {found['resource']} of {found['organization_id']}: "
        f"{found['status'].replace('_', ' ')}  ({found['id']})"
    )
    if found["total_rows"] is not None:
        tables.print_outcomes(found)
    if any(phase["status"] == PhaseStatus.COMPLETED for phase in found["phases"]):
        tables.print_phases(found)
    if found["status"] == Status.COMPLETED:
        if found["reason"]:
            screen.say(f"\n{found['reason']}")
    else:
        screen.complain(reason_of(found))
    tell_defects(home, found)
    tell_choices(found)


def tell_defects(home: "Home", found: dict[str, Any]) -> None:
    """Show the first defects, and where the others are."""
    from import_pipeline.service import queries

    listed = queries.defects(home, found["id"], limit=SHOWN_DEFECTS + 2)
    # what stopped the import is told as the reason
    defects = [one for one in listed if one["row_number"] is not None or one["message"] != found["reason"]]
    if not defects:
        return
    screen.say("\nFirst defects:" if len(defects) > SHOWN_DEFECTS else "\nDefects:", style="bold")
    tables.print_defects(defects[:SHOWN_DEFECTS])
    if len(defects) > SHOWN_DEFECTS:
        screen.say_line(f"\nAll of them: import-pipeline defects {found['id']}  (with --csv FILE as a file)")
    if found["has_errors_file"]:
        screen.say_line(f"\nFailed rows, to correct: import-pipeline download {found['id']} errors.csv")


def tell_choices(found: dict[str, Any]) -> None:
    """Show the commands by which an import goes on or is dropped that waits for no more than a person's consent."""
    if found["status"] == Status.NEEDS_REVIEW and found["details"].get("accepting"):
        screen.say_line(f"\nGo on all the same:  import-pipeline confirm {found['id']}")
        screen.say_line(f"Drop it:             import-pipeline cancel {found['id']}")


def tell_suggestions(found: dict[str, Any]) -> None:
    """Show the suggested mapping and the command that goes on with it."""
    suggestions = suggestions_of(found)
    screen.say(f"Which column is which field of a {found['resource']}? Suggested from the headers:", style="bold")
    tables.print_suggestions(suggestions)
    mapping = {one["column"]: one["field"] for one in suggestions if one["field"]}
    mapping = mapping or {suggestions[0]["column"]: "FIELD"}
    for doubt in _doubts(found):
        screen.complain(f"Import {found['id']} waits: {doubt}")
    screen.say("\nCorrect what is wrong in this mapping and go on with:")
    screen.say_line(confirm_command(found["id"], mapping))
    if any(one["field"] is None and one.get("why") for one in suggestions):
        screen.say("\nThe same with --keep-unmapped keeps the columns that go to no field.")


def confirm_command(import_id: str, mapping: dict[str, str]) -> str:
    """The command that goes on with an import and a mapping, as a shell takes it."""
    return f"import-pipeline confirm {import_id} --mapping {shlex.quote(json.dumps(mapping, ensure_ascii=False))}"


def _doubts(found: dict[str, Any]) -> list[str]:
    """Why the suggestions were not simply used, a sentence for each column."""
    from import_pipeline import record_types

    suggestions = found["details"]["suggestions"]
    asked = [one for one in suggestions if one["how"] == "similar" or (one["field"] is None and one.get("why"))]
    doubts = [
        f"{one['column']!r} {'' if one['field'] else 'goes to no field, and '}{_reason_in_words(one)}." for one in asked
    ]
    if not doubts and found["action"] == Action.DELETE:
        known = record_types.get(found["resource"]).identifiers if found["resource"] in record_types.names() else ()
        others = [one["field"] for one in suggestions if one["field"] in known]
        by_others = f" To delete by {others[0]!r}, start it anew with --match-by {others[0]}." if others else ""
        return [f"a delete needs the id of each record, and no column is one.{by_others}"]
    return doubts or ["no column says which record a row means."]


def _reason_in_words(suggestion: dict[str, Any]) -> str:
    why = suggestion.get("why")
    if not suggestion["field"]:
        return why or ""
    return f"may be no {suggestion['field']}: {why}" if why else "may mean something else"


def reason_of(found: dict[str, Any]) -> str:
    """Why an import did not complete, with the commands that go on as a shell takes them."""
    reason = found["reason"] or "No reason is known; the details lie in Dagster's log of the run."
    said = _SAID.get(found["status"], f"is {found['status'].replace('_', ' ')}")
    return with_its_id(found, f"Import {found['id']} of {found['file_name']!r} {said}. {reason}")


def with_its_id(found: dict[str, Any], told: str) -> str:
    """A text with commands about an import that name it."""
    # only where a command names the import: a column may be called ID, too
    return re.sub(r"(import-pipeline [a-z]+) ID\b", lambda command: f"{command[1]} {found['id']}", told)
