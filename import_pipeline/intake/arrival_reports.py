"""Which objects of the upload folder are no imports, and what a person is told of each.

A function of the listing and one object; when an object is settled and what becomes of it is decided in `arrivals.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from import_pipeline.errors import InvalidNameError
from import_pipeline.intake.bucket import StoredObject
from import_pipeline.intake.object_claims import claim_key, mint_import_id
from import_pipeline.intake.object_names import is_key, printable
from import_pipeline.run_config.object_key import SIDECAR_SUFFIX, from_object_key, is_sidecar

UNFINISHED_SUFFIXES = (".part", ".partial", ".filepart", ".crdownload", ".tmp")
"""How programs that copy files call what is not complete; the complete file gets another name."""


class ReportReason(StrEnum):
    """Why an object is told to a person and not imported."""

    NO_BYTES = "no_bytes"
    BAD_PLACE = "bad_place"
    UNFINISHED_NAME = "unfinished_name"
    ORPHAN_SIDECAR = "orphan_sidecar"
    LATE_SIDECAR = "late_sidecar"


@dataclass(frozen=True, slots=True)
class Report:
    """An object that is not imported.

    Attributes:
        key: Its name, as text that can be shown.
        reason: Which of the known reasons.
        message: What is wrong and what to do, for a person.
        claims: To be claimed once it was reported, so that it is reported once.
    """

    key: str
    reason: ReportReason
    message: str
    claims: Mapping[str, str]


def report_on(
    obj: StoredObject, by_key: Mapping[str, StoredObject], bucket_name: str, object_is_claimed: bool = False
) -> Report | None:
    """Why a settled object is not imported, or None if it is (or goes with one that is).

    Args:
        obj: The object.
        by_key: All objects of the upload folder.
        bucket_name: `Bucket.name`.
        object_is_claimed: Of a sidecar: whether its object was taken before it came.
    """
    found = _reason(obj, by_key, object_is_claimed)
    if found is None:
        return None
    reason, message = found
    claims = {claim_key(bucket_name, obj): mint_import_id(bucket_name, obj)}
    return Report(printable(obj.key), reason, message, claims)


def _reason(
    obj: StoredObject, by_key: Mapping[str, StoredObject], object_is_claimed: bool
) -> tuple[ReportReason, str] | None:
    shown = printable(obj.key)
    name = obj.key.rsplit("/", 1)[-1]
    try:
        if not is_key(obj.key):
            raise InvalidNameError("object name", shown, "the rules of object names")
        from_object_key(obj.key)
    except InvalidNameError as error:
        message = f"{shown} is not imported: {error.message} Upload it to uploads/<organization>/<record type>/."
        return ReportReason.BAD_PLACE, message
    if is_sidecar(obj.key):
        return _reason_of_sidecar(obj, by_key, object_is_claimed)
    if name.startswith(".") or name.lower().endswith(UNFINISHED_SUFFIXES):
        message = f"{shown} has the name of a file that is still being copied. Rename it if it is whole."
        return ReportReason.UNFINISHED_NAME, message
    if obj.size == 0:
        return ReportReason.NO_BYTES, f"{shown} has no bytes and is not imported. Upload it again with its content."
    return None


def _reason_of_sidecar(
    obj: StoredObject, by_key: Mapping[str, StoredObject], object_is_claimed: bool
) -> tuple[ReportReason, str] | None:
    shown = printable(obj.key)
    of = obj.key.removesuffix(SIDECAR_SUFFIX)
    if of not in by_key:
        message = f"{shown} belongs to {of}, which is not there. It is used if that object arrives."
        return ReportReason.ORPHAN_SIDECAR, message
    if object_is_claimed and _reason(by_key[of], by_key, False) is None:
        message = (
            f"{shown} came after {of} was taken and is not used. To import it with this, say "
            f"`import_again: true` in it and upload {of} again."
        )
        return ReportReason.LATE_SIDECAR, message
    return None
