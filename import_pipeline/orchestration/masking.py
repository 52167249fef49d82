"""What of a file's rows may stand in Dagster's event log, which is read without a login: their shape, not their values.

`Anna@Example.com` becomes `Aaaa@Aaaaaaa.aaa`: enough to see what is wrong with it. Who may see the values finds them by
`import-pipeline defects`, over HTTP, or here where IMPORT_PIPELINE_SHOW_VALUES is set.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import HookError, ImportPipelineError, StoppedError
from import_pipeline.words import Phase, Status

if TYPE_CHECKING:
    from import_pipeline.stores.import_record import ImportRecord

_QUOTES_VALUES = "The message quotes values of rows: `import-pipeline defects ID` shows it."
_SHORTEST_QUOTED = 3
_OF_FOREIGN_ERROR = re.compile(r"[A-Za-z_]\w*: ")
"""How a reason begins that is no word of ours (`service/reasons.py`): with the name of the error."""


def shape_of(value: Any) -> str:
    """The shape of a value: letters as A or a, digits as 9, and what is neither as it is.

    >>> shape_of("Jürgen.2@example.com")
    'Aaaaaa.9@aaaaaaa.aaa'
    """
    return "".join(_shape_of_letter(letter) for letter in str(value))


def masked(phase: Phase, sample: Mapping[str, Any]) -> dict[str, Any]:
    """A sample of a check without a value of any row.

    Args:
        phase: The phase of the check.
        sample: A defect: its row, column, field, code, message and value.
    """
    shown = dict(sample)
    value = shown.get("value")
    if value is not None:
        shown["value"] = shape_of(value)
    if "message" in shown:
        message = _message(phase, str(shown.get("code")), str(shown["message"] or ""))
        if value is not None and len(str(value)) >= _SHORTEST_QUOTED:
            message = message.replace(str(value), shape_of(value))
        shown["message"] = message
    return shown


def told_of(error: Exception, import_id: str, *, show_values: bool) -> str:
    """Why an import failed; what was not written by us, and so may quote a row, is left to who may see it.

    Args:
        error: What its phase raised.
        import_id: The import.
        show_values: Whether values of rows may be shown.
    """
    if show_values:
        return str(error)
    if isinstance(error, ImportPipelineError) and not isinstance(error, HookError | StoppedError):
        return error.message
    if isinstance(error, StoppedError):
        return f"Import {import_id!r} is {error.culprits['status']}, so its run ended. {_told_elsewhere(import_id)}"
    return f"{type(error).__name__}. What it says may quote rows of the file. {_told_elsewhere(import_id)}"


def told_again(reason: str | None, import_id: str, *, show_values: bool) -> str:
    """The reason that an import ended with before, which may quote a row."""
    return (reason or "no reason is known") if show_values else _told_elsewhere(import_id)


def told_of_record(record: "ImportRecord", *, show_values: bool) -> str:
    """Why an import failed or waits, as the registry knows it; a reason that may quote a row is told elsewhere."""
    if record.status is Status.NEEDS_REVIEW:
        return asked_of(record, show_values=show_values)
    has_hooks = bool(record.spec.get("row_hooks") or record.spec.get("python_hooks"))
    may_quote = has_hooks or _OF_FOREIGN_ERROR.match(record.reason or "") is not None
    return told_again(record.reason, record.id, show_values=show_values or not may_quote)


def asked_of(record: "ImportRecord", *, show_values: bool) -> str:
    """What a person is asked about an import that waits; what quotes cells of the file is told by their shapes."""
    reason, details = record.reason or "A person has to decide.", record.details
    if show_values:
        return reason
    if details.get("suggestions"):
        found = [f"{one['column']!r} → {one['field'] or 'nothing'}" for one in details["suggestions"]]
        return (
            f"The columns have to be mapped to fields of a {record.record_type} by a person. Suggested: "
            f"{', '.join(found)}. {_told_elsewhere(record.id)}"
        )
    for column_format in details.get("column_formats", ()):
        reason = reason.replace(f"({column_format.get('example')})", f"({shape_of(column_format.get('example'))})")
    return reason


def _told_elsewhere(import_id: str) -> str:
    return f"`import-pipeline show {import_id}` says why."


def _message(phase: Phase, code: str, message: str) -> str:
    """What may be told of a defect: the rule's own words, else the title of its kind."""
    from import_pipeline.phases.defect_catalogue import catalogue
    from import_pipeline.phases.hooks.javascript import FAILED, SAID

    if phase is Phase.PREVALIDATION and code not in (SAID, FAILED):
        return message
    known = catalogue().get(code)
    return f"{known.title}. {_QUOTES_VALUES}" if known else _QUOTES_VALUES


def _shape_of_letter(letter: str) -> str:
    if letter.isalpha():
        return "A" if letter.isupper() else "a"
    if letter.isdigit():
        return "9"
    return letter if letter.isascii() or letter.isspace() else "·"
