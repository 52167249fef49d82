"""The reason of an import for callers over HTTP: where it names a command, the call that does the same."""

import re
from dataclasses import dataclass

from import_pipeline.stores.import_record import ImportRecord

_MAPPING = re.compile(r"import-pipeline confirm ID --mapping .*", re.DOTALL)
_OPTION = re.compile(r"import-pipeline confirm ID --([a-z-]+)")
_CALL = re.compile(r"import-pipeline (confirm|cancel|resume|undo) (?:ID|[A-Za-z0-9][A-Za-z0-9_-]*)(?=[`.,;]|$)")


@dataclass(frozen=True)
class Confirming:
    """How a page's own call lets an import go on.

    Attributes:
        call: Method and path, with `ID` for the import.
        direction: Which way round its `column_mapping` is written.
        option: Before the name of what is said about the file.
    """

    call: str
    direction: str
    option: str


CONFIRMING = Confirming("POST /v1/imports/ID/confirm", "field to column", "reading.")
CONFIRMING_000 = Confirming("POST /api/imports-confirm", "column to field", "")


def reason_of(record: ImportRecord, confirming: Confirming = CONFIRMING) -> str | None:
    """Why an import stands where it stands, and what a caller can do about it by the calls of their page."""
    if record.reason is None:
        return None
    call = confirming.call.replace("ID", record.id)
    told = _MAPPING.sub(f"{call} with it as `column_mapping`, {confirming.direction}.", record.reason)
    told = _OPTION.sub(lambda option: f"{call} with `{confirming.option}{option[1].replace('-', '_')}`", told)
    calls = {"confirm": call}
    return _CALL.sub(lambda found: calls.get(found[1], f"POST /v1/imports/{record.id}/{found[1]}"), told)
