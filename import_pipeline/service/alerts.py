"""Alerts: which imports failed or wait for a person since the last look, and telling people by chat and by e-mail.

A look into the registry, not at runs: it sees imports of every way in, also those that never had a run. Each channel
has a place of its own, so that one that is down neither stops the other nor lets it hear twice.
"""

import json
import smtplib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from import_pipeline.errors import ImportPipelineError
from import_pipeline.stores import imports

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.settings import Settings
    from import_pipeline.stores.import_record import ImportRecord

OVERLAP_SECONDS = 10
MOST = 20
"""So many imports are named in one message; of the others it tells the number."""
_TIMEOUT_SECONDS = 15.0
_MAIL_PORTS = {"smtp": 25, "smtps": 465}

Send = Callable[[str, str], None]
"""Sends a subject and a text."""
Tell = Callable[["ImportRecord"], str]
"""Says of an import, in one line, what became of it."""


@dataclass(frozen=True)
class Alerted:
    """What one look came to.

    Attributes:
        cursor: For the next look.
        sent: How many imports each channel was told of.
        errors: Why a channel did not take its message; it is tried again.
    """

    cursor: str
    sent: dict[str, int]
    errors: dict[str, str]


def channels_of(settings: "Settings") -> dict[str, Send]:
    """The channels that are set."""
    found: dict[str, Send] = {}
    if settings.alert_webhook is not None:
        url = settings.alert_webhook.get_secret_value()
        found["chat"] = lambda subject, text: _post(url, f"{subject}\n{text}")
    if settings.alert_mail_to and settings.alert_smtp_url is not None:
        found["mail"] = lambda subject, text: _mail(settings, subject, text)
    return found


def alert(home: "Home", cursor: str | None, tell: Tell) -> Alerted:
    """Tell each channel of the imports that failed or wait for a person since it was told last.

    A channel that is new begins now: what happened before, nobody is told.

    Args:
        home: The home.
        cursor: What the look before gave.
        tell: Says what became of an import.
    """
    now = home.registry.now()
    before = json.loads(cursor or "{}")
    places: dict[str, dict[str, list[str] | int]] = {}
    sent: dict[str, int] = {}
    errors: dict[str, str] = {}
    for name, send in channels_of(home.settings).items():
        place = before.get(name)
        if place is None:
            past = imports.stopped(home.registry, now - OVERLAP_SECONDS)
            places[name] = {"since": now, "told": [_key(one) for one in past]}
            continue
        found = imports.stopped(home.registry, place["since"] - OVERLAP_SECONDS)
        new = [record for record in found if _key(record) not in place["told"]]
        try:
            if new:
                send(_subject(new), _text(new, tell))
        except (OSError, smtplib.SMTPException, ImportPipelineError) as error:
            errors[name] = f"{type(error).__name__}: {error}"
            places[name] = place
            continue
        sent[name] = len(new)
        places[name] = {"since": now, "told": [_key(record) for record in found]}
    return Alerted(json.dumps(places), sent, errors)


def _key(record: "ImportRecord") -> str:
    return f"{record.id}@{record.updated_at if record.ended_at is None else record.ended_at}"


def _subject(records: "Sequence[ImportRecord]") -> str:
    counts: dict[str, int] = {}
    for record in records:
        counts[record.status.value] = counts.get(record.status.value, 0) + 1
    return "Imports: " + ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))


def _text(records: "Sequence[ImportRecord]", tell: Tell) -> str:
    lines = [f"- {tell(record)}" for record in records[:MOST]]
    more = [f"… and {len(records) - MOST} more: import-pipeline list"] if len(records) > MOST else []
    return "\n".join([*lines, *more])


def _post(url: str, text: str) -> None:
    """Post as chat services take it (Slack, Mattermost, Teams, Google Chat, …): JSON with the text under `text`."""
    import httpx

    try:
        answer = httpx.post(url, json={"text": text}, timeout=_TIMEOUT_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as failure:
        raise ImportPipelineError(
            f"The chat webhook of IMPORT_PIPELINE_ALERT_WEBHOOK cannot be called ({type(failure).__name__})."
        ) from None
    if not answer.is_success:
        raise ImportPipelineError(f"The chat webhook of IMPORT_PIPELINE_ALERT_WEBHOOK answered {answer.status_code}.")


def _mail(settings: "Settings", subject: str, text: str) -> None:
    assert settings.alert_smtp_url is not None
    server = urlsplit(settings.alert_smtp_url.get_secret_value())
    if server.scheme not in _MAIL_PORTS or server.hostname is None:
        raise ImportPipelineError(
            "IMPORT_PIPELINE_ALERT_SMTP_URL must be smtp://[user:password@]host[:port] or smtps://…."
        )
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, settings.alert_mail_from, settings.alert_mail_to
    message.set_content(text)
    kind = smtplib.SMTP_SSL if server.scheme == "smtps" else smtplib.SMTP
    with kind(server.hostname, server.port or _MAIL_PORTS[server.scheme], timeout=_TIMEOUT_SECONDS) as connection:
        connection.ehlo()
        if server.scheme == "smtp" and connection.has_extn("starttls"):
            connection.starttls()
        if server.username:
            connection.login(unquote(server.username), unquote(server.password or ""))
        connection.send_message(message)
