"""What may happen to imports is said once: the events, what may follow what, and the table in CONTRIBUTING agree."""

from pathlib import Path

from import_pipeline.service.events import EVENTS
from import_pipeline.words import TRANSITIONS, Status

CONTRIBUTING = Path(__file__).parents[2] / "CONTRIBUTING.md"


def table() -> str:
    """The events as a table: what happens, where an import is for it, where it is then, and when."""
    lines = ["| event | from | to | when |", "| --- | --- | --- | --- |"]
    for name, event in EVENTS.items():
        to = " or ".join(event.to) or "as it is"
        lines.append(f"| {name} | {', '.join(event.only_from)} | {to} | {event.when} |")
    return "\n".join(lines)


def test_what_may_follow_what_is_what_some_event_leads_to() -> None:
    by_events = {status: set[Status]() for status in Status}
    for event in EVENTS.values():
        for status in event.only_from:
            by_events[status] |= set(event.to) - {status}
    assert by_events == {status: set(follow) for status, follow in TRANSITIONS.items()}


def test_contributing_shows_every_event() -> None:
    assert table() in CONTRIBUTING.read_text(encoding="utf-8")
