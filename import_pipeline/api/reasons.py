"""The reason of an import for callers over HTTP: where it names a command, the call that does the same."""

import re

from import_pipeline.stores.import_record import ImportRecord

_MAPPING = re.compile(r"import-pipeline confirm ID --mapping .*", re.DOTALL)
_OPTION = re.compile(r"import-pipeline confirm ID --([a-z-]+)")
_CALL = re.compile(r"import-pipeline (confirm|cancel|resume|undo) (?:ID|[A-Za-z0-9][A-Za-z0-9_-]*)(?=[`.,;]|$)")


def reason_of(record: ImportRecord) -> str | None:
    """Why an import stands where it stands, and what a caller can do about it."""
    if record.reason is None:
        return None
    call = f"POST /v1/imports/{record.id}/confirm"
    told = _MAPPING.sub(f"{call} with it as `column_mapping`, field to column.", record.reason)
    told = _OPTION.sub(lambda option: f"{call} with `reading.{option[1].replace('-', '_')}`", told)
    return _CALL.sub(lambda command: f"POST /v1/imports/{record.id}/{command[1]}", told)
