"""The exceptions of the project.

Bad data is a value (a defect); what stands here stops an import or refuses a request.

ImportPipelineError
├── MisuseError                    the request itself is wrong: HTTP answers 400
│   ├── UnknownRecordTypeError
│   ├── MappingError               a mapping that names what does not exist, or nothing usable
│   ├── SpecError                  a contradictory or ambiguous request
│   ├── InvalidNameError           an import id, organization or object name that is not allowed
│   ├── DuplicateImportError       an import id that is taken
│   ├── UploadMissingError         the file of an import was not uploaded yet
│   └── SettingsError              a setting with an unusable value
├── NotFoundError                  no such import (or not this organization's)
├── ChangesGoneError               a cursor of changes that the record store does not hold any more
├── ResultsMissingError            results of an import that should be in the bucket are not there
├── ResultsReplacedError           results of an import were replaced by newer ones while they were read   (transient)
├── StateError                     the import is not in a state that allows this
│   ├── WrittenError               too late to cancel it: its records may be written
│   ├── UndoneError                it was undone already
│   ├── DoneBeforeError            an earlier run of it did this phase
│   ├── OverdueError               its run has had it for longer than a run may take
│   └── LaterStepError             a step of its review is undone before a later one on the same cells
├── LinkRefusedError               a link that opens nothing: it was used, is too old, or never was one
├── SchemaInUseError               imports that have not ended use a saved schema
├── StoppedError                   the import was cancelled, or its time was over, while a run worked on it
├── WorkspaceBusyError             another run works on the import right now          (transient)
├── PayloadError                   the file cannot be read: the import fails with this reason
│   ├── LimitExceededError         a limit was passed before anything was written
│   └── ObjectChangedError         the object changed between listing and reading
├── HookError                      a row hook ran out of time or memory, or is no hook
├── BucketError                    the bucket does not answer                    (transient)
│   └── BucketRefusedError         it refuses: no such bucket, no right, no room
├── StoreError                     the record store cannot be used
│   └── StoreBusyError             its lock was not free within the wait          (transient)
├── RegistryError                  the registry does not answer                   (transient)
└── ReviewNeededError              nothing is broken: a person has to decide; carries the reason

Every exception keeps its culprits, writes its own message (the thing, the culprit, the remedy) and pickles.
`transient` says whether trying again later can help. The terminal ends with 2 for a MisuseError, NotFoundError or
StateError, after which nothing was done, and with 1 for all others.
"""

from collections.abc import Iterable
from typing import Any, ClassVar, Literal


class ImportPipelineError(Exception):
    """The base of all errors that the project raises on purpose."""

    transient = False

    def __init__(self, message: str, **culprits: Any) -> None:
        super().__init__(message)
        self.message = message
        self.culprits = culprits

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by class, message and culprits, whatever a subclass takes."""
        return _rebuild, (type(self), self.message, self.culprits)


def _rebuild(cls: type[ImportPipelineError], message: str, culprits: dict[str, Any]) -> ImportPipelineError:
    error = cls.__new__(cls)
    ImportPipelineError.__init__(error, message, **culprits)
    return error


class MisuseError(ImportPipelineError):
    """The request itself is wrong; repeating it unchanged cannot work."""


class UnknownRecordTypeError(MisuseError):
    """A record type that nobody declared."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        known = sorted(known)
        super().__init__(
            f"Unknown record type {name!r}. Use one of: {', '.join(known)}.", record_type=name, known=known
        )


class MappingError(MisuseError):
    """A mapping that names what does not exist, maps twice, or identifies nothing."""


class SpecError(MisuseError):
    """A contradictory or ambiguous request."""


class InvalidNameError(MisuseError):
    """A name that breaks its pattern."""

    def __init__(self, what: str, name: str, pattern: str) -> None:
        super().__init__(f"{name!r} is not a valid {what}: it must match {pattern}.", what=what, name=name)


class DuplicateImportError(MisuseError):
    """An import id that is taken."""

    def __init__(self, import_id: str) -> None:
        super().__init__(
            f"There is an import {import_id!r} already. Choose another id, or leave it out to have one made.",
            import_id=import_id,
        )


class UploadMissingError(MisuseError):
    """The file of an import was not uploaded yet."""

    def __init__(self, import_id: str) -> None:
        super().__init__(
            f"Nothing was uploaded yet for import {import_id!r}. PUT the file to its signed URL first.",
            import_id=import_id,
        )


class SettingsError(MisuseError):
    """A setting with an unusable value."""


class NotFoundError(ImportPipelineError):
    """There is no such thing, or it belongs to another organization."""

    def __init__(self, what: str, key: str, remedy: str = "`import-pipeline list` shows what there is.") -> None:
        super().__init__(f"There is no {what} {key!r}. {remedy}", what=what, key=key)


class ResultsMissingError(ImportPipelineError):
    """Results of an import that should be in the bucket are not there."""

    def __init__(self, import_id: str, key: str | None = None) -> None:
        if key is None:
            told = (
                f"The rows and defects of import {import_id!r} were never published: the process that worked on it "
                f"ended before. `import-pipeline resume {import_id}` reads its file again, where it ended without "
                "records."
            )
        else:
            told = (
                f"The object {key!r} with results of import {import_id!r} is no longer in the bucket. "
                "Put it back from a backup of the bucket; what the import did to a record is in that record's history."
            )
        super().__init__(told, import_id=import_id, key=key)


class ResultsReplacedError(ImportPipelineError):
    """An import stopped anew while its results were read, and newer ones took their place."""

    transient = True

    def __init__(self, import_id: str) -> None:
        super().__init__(
            f"Import {import_id!r} has newer results than those that were just read. Read them again.",
            import_id=import_id,
        )


class ChangesGoneError(ImportPipelineError):
    """The record store does not hold the change up to which a cursor says that changes were read."""

    def __init__(self, record_type: str) -> None:
        super().__init__(
            "The record store does not hold the change that this cursor names: it was brought back to an earlier "
            "state, or is another one. Begin anew: read the changes without a cursor, or take "
            f"`import-pipeline snapshot {record_type}`, whose cursor goes on from there.",
            record_type=record_type,
        )


class StateError(ImportPipelineError):
    """The import is not in a state that allows this."""

    def __init__(self, import_id: str, status: str, wanted: str, allowed: Iterable[str]) -> None:
        allowed = sorted(allowed)
        told = f"become {wanted}: only {', '.join(allowed)} can follow." if allowed else f"be {wanted}."
        super().__init__(
            f"Import {import_id!r} is {status} and cannot {told}",
            import_id=import_id,
            status=status,
            wanted=wanted,
            allowed=allowed,
        )


class DoneBeforeError(StateError):
    """An earlier run of the import did this phase."""

    def __init__(self, import_id: str, status: str) -> None:
        super().__init__(import_id, status, "begun with a phase that is done", [])


class OverdueError(StateError):
    """The run that has the import has had it for longer than a run may take."""

    def __init__(self, import_id: str, status: str) -> None:
        super().__init__(import_id, status, "worked on any longer (IMPORT_PIPELINE_RUN_SECONDS)", [])


class StartedError(StateError):
    """What is asked of the import cannot change any more."""

    def __init__(self, import_id: str, status: str) -> None:
        ImportPipelineError.__init__(
            self,
            f"Import {import_id!r} is {status}: only its name can be changed now. What is asked of an import can "
            "change while it is a draft, and while it waits for a person (needs_review). Cancel it, or undo it when it "
            "has ended, and begin a new one.",
            import_id=import_id,
            status=status,
        )


class LaterStepError(StateError):
    """A step of a review cannot be undone before a later one that changed the same cells."""

    def __init__(self, import_id: str, number: int, later: int, row_number: int) -> None:
        ImportPipelineError.__init__(
            self,
            f"Step {number} cannot be undone: step {later} changed cells of row {row_number} after it. "
            f"Undo step {later} first.",
            import_id=import_id,
            operation_id=number,
            later_operation_id=later,
            row_number=row_number,
        )


class SchemaInUseError(ImportPipelineError):
    """Imports that have not ended use a saved schema."""

    def __init__(self, import_id: str, count: int) -> None:
        super().__init__(
            f"{count} imports use this schema, for example {import_id}. Wait until they have ended, or cancel them.",
            import_id=import_id,
        )


class LinkRefusedError(ImportPipelineError):
    """A link opens nothing. Only whoever has its secret is told that there was one."""

    _TOLD: ClassVar[dict[str, str]] = {
        "unknown": "This link is not valid. Check that the whole address was taken over, or ask for a new link.",
        "expired": "The time of this link is over. Ask for a new link.",
        "used": "This link was used before, and each opens the page once. Ask for a new link.",
    }

    def __init__(self, why: Literal["unknown", "expired", "used"]) -> None:
        super().__init__(self._TOLD[why], why=why)


class WrittenError(StateError):
    """It is too late to cancel the import."""

    def __init__(self, import_id: str) -> None:
        ImportPipelineError.__init__(
            self,
            f"Import {import_id!r} cannot be cancelled any more: its records are being written, or have been. "
            "Undo it, as soon as no run works on it.",
            import_id=import_id,
        )


class UndoneError(StateError):
    """The import was undone already."""

    def __init__(self, import_id: str, undo_id: str) -> None:
        ImportPipelineError.__init__(
            self,
            f"Import {import_id!r} is reverted: it was undone already by {undo_id!r}. "
            "To have its records back, undo that undo.",
            import_id=import_id,
            undo_id=undo_id,
        )


class StoppedError(ImportPipelineError):
    """The import was stopped while a run worked on it; what the run did is dropped."""

    def __init__(self, import_id: str, status: str, reason: str | None = None) -> None:
        told = f" {reason}" if reason else ""
        super().__init__(
            f"Import {import_id!r} is {status}, so its run ended.{told}", import_id=import_id, status=status
        )


class WorkspaceBusyError(ImportPipelineError):
    """Another run works on the import right now; it is not disturbed."""

    transient = True

    def __init__(self, import_id: str) -> None:
        super().__init__(
            f"Another run works on import {import_id!r} right now. Wait for it, or cancel it first.",
            import_id=import_id,
        )


class PayloadError(ImportPipelineError):
    """The file cannot be read."""

    @property
    def code(self) -> str:
        """The code of the defect that the file has."""
        return str(self.culprits.get("code", "unreadable_file"))


class LimitExceededError(PayloadError):
    """A limit was passed; nothing was written."""

    def __init__(self, what: str, found: Any, limit: Any, setting: str) -> None:
        super().__init__(
            f"The file has {what} {found}, more than the limit of {limit}. "
            f"Split the file, or raise {setting} if that much is meant.",
            what=what,
            found=found,
            limit=limit,
            setting=setting,
            code=f"{setting.removeprefix('IMPORT_PIPELINE_').lower()}_exceeded",
        )


class ObjectChangedError(PayloadError):
    """The object changed between listing and reading."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"Object {key!r} changed while it was read. Its new version is a new import; import that one.", key=key
        )


class HookError(ImportPipelineError):
    """A row hook ran out of time or memory, broke as a whole, or is no hook."""


class BucketError(ImportPipelineError):
    """The bucket does not answer."""

    transient = True


class BucketRefusedError(BucketError):
    """The bucket answers and refuses; asking again unchanged cannot help."""

    transient = False


class StoreError(ImportPipelineError):
    """The record store cannot be used."""


class StoreBusyError(StoreError):
    """The lock of a record store was not free within the wait."""

    transient = True

    def __init__(self, organization: str, seconds: float, holder: str | None = None) -> None:
        by = f" by {holder}" if holder is not None else ""
        super().__init__(
            f"The record store of organization {organization!r} stayed in use for {seconds:g} seconds{by}. "
            "End that use and try again, or raise IMPORT_PIPELINE_STORE_WAIT_SECONDS; to read records beside imports, "
            "use a snapshot (`import-pipeline snapshot`).",
            organization=organization,
            seconds=seconds,
            holder=holder,
        )


class StoreAwayError(StoreError):
    """The server of a record store does not answer, or refused a write because of another one; the same may work now.

    Of the transaction at hand nothing was written, or all of it with its mark: whoever tries again looks at the mark.
    """

    transient = True


class RegistryError(ImportPipelineError):
    """The registry does not answer."""

    transient = True


class ReviewNeededError(ImportPipelineError):
    """Nothing is broken, but a person has to decide before anything is written.

    Attributes:
        culprits: What the person needs to decide, as JSON-able values (for example `suggestions`).
    """
