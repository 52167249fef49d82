"""Each content is imported once: what becomes of an import of an automatic way in whose bytes were imported before.

Under the same key, bytes equal to the version before are a repeat, and equal to an older one a change. Under another
key they are a repeat while nothing has written the table since; else a person decides. A repeat waits until the import
that has the same bytes has ended: if that leaves no records, it is imported itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from import_pipeline.errors import ReviewNeededError
from import_pipeline.run_config.declared import record_type_of
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import transitions
from import_pipeline.stores import claims, imports
from import_pipeline.stores.claims import content_key
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.records import attached_store, store_table
from import_pipeline.words import Source, Status

if TYPE_CHECKING:
    import duckdb

    from import_pipeline.home import Home


class Means(Enum):
    """What the bytes of an import mean."""

    NEW = "new"
    REPEAT = "repeat"
    WAIT = "wait"
    ASK = "ask"


@dataclass(frozen=True)
class Verdict:
    """What is to be done with an import.

    Attributes:
        means: What its bytes mean.
        holder: The import that has the same bytes, unless they are new.
        since: The import that wrote after it, where a person has to decide and there is one.
    """

    means: Means
    holder: str = ""
    since: str | None = None


NEW = Verdict(Means.NEW)


def is_bound(record: ImportRecord) -> bool:
    """Whether an import is left out where the same bytes were imported before."""
    return record.source.is_automatic and not record.spec.get("import_again")


def claim_new(home: "Home", brought: Sequence[tuple[ImportRecord, str]]) -> frozenset[str]:
    """Claim the bytes of those imports of a batch that are surely new, in one transaction.

    These are the first ones of it, up to one under whose key there was another import; the rest is judged one by one.

    Args:
        home: The home.
        brought: The imports in their order, each with the checksum of its bytes.

    Returns:
        Those that hold the claim to their bytes.
    """
    bound = [record for record, _ in brought if is_bound(record)]
    alone = imports.only_ones_of_objects(home.registry, [record.object_key or "" for record in bound])
    wanted: dict[str, str] = {}
    for record, checksum in brought:
        if is_bound(record) and record.object_key not in alone:
            break
        wanted.setdefault(content_key(record.organization, record.record_type, checksum), record.id)
    held = claims.claim_many(home.registry, "content", wanted)
    return frozenset(import_id for claim, import_id in wanted.items() if held[claim] == import_id)


def judge(home: "Home", record: ImportRecord, checksum: str, connection: "duckdb.DuckDBPyConnection") -> Verdict:
    """Say what the bytes of an import mean; where they are new, it holds the claim to them from now on.

    Args:
        home: The home.
        record: The import, which is processing.
        checksum: Of its bytes.
        connection: To which the record store may be attached for reading.
    """
    if is_bound(record):
        verdict = _by_its_key(home, record, checksum)
        if verdict is not None and verdict is not NEW:
            return verdict
    else:
        verdict = NEW
    claim = content_key(record.organization, record.record_type, checksum)
    holder = claims.claim(home.registry, "content", claim, record.id)
    if verdict is NEW or holder == record.id:
        return NEW
    held = imports.find(home.registry, holder)
    if held is not None and not held.status.is_final:
        # One that waits itself may wait for this one: neither would ever come to its turn.
        return NEW if held.waits_for is not None else Verdict(Means.WAIT, holder)
    return _by_last_writer(home, record, holder, checksum, connection)


def _by_its_key(home: "Home", record: ImportRecord, checksum: str) -> Verdict | None:
    """What the versions before, under the same key, say; None where they never had these bytes."""
    before = imports.version_before(home.registry, record)
    if before is None:
        return None
    if not before.status.is_final and before.checksum in (None, checksum):
        return Verdict(Means.WAIT, before.id)
    if before.status.is_final and before.checksum == checksum:
        holder = before.repeat_of or before.id
        first = imports.find(home.registry, holder)
        was_undone = first is not None and first.status is Status.REVERTED
        return Verdict(Means.ASK if was_undone else Means.REPEAT, holder)
    return NEW if imports.version_before(home.registry, record, checksum) is not None else None


def _by_last_writer(
    home: "Home",
    record: ImportRecord,
    holder: str,
    checksum: str,
    connection: "duckdb.DuckDBPyConnection",
) -> Verdict:
    """What an import of the same bytes that has ended means, by what was written to its table since."""
    marks = store_table("applied_imports")
    values = {"record_type": record.record_type, "holder": holder}
    declared = record_type_of(ImportSpec.model_validate(record.spec))
    with attached_store(connection, home.settings, record.organization, declared=declared):
        (since,) = connection.execute(
            f"SELECT max(sequence) FROM {marks} WHERE import_id = $holder", {"holder": holder}
        ).fetchone() or (None,)
        if since is None:  # the store does not hold what that import wrote
            return NEW
        found = connection.execute(
            f"""
            SELECT import_id FROM {marks}
            WHERE record_type = $record_type
                AND import_id <> $holder
                AND sequence > $since
                AND created + updated + deleted > 0
            ORDER BY sequence DESC
            LIMIT 1
            """,
            values | {"since": since},
        ).fetchone()
    if found is None:
        return Verdict(Means.REPEAT, holder)
    last = imports.find(home.registry, found[0])
    if last is not None and last.checksum == checksum:
        return Verdict(Means.REPEAT, last.id)
    return Verdict(Means.ASK, holder, found[0])


def put_aside(home: "Home", record: ImportRecord, verdict: Verdict) -> str:
    """Leave an import out, or let it wait, as the verdict says.

    Returns:
        The reason.

    Raises:
        ReviewNeededError: A person has to decide.
    """
    first = imports.find(home.registry, verdict.holder)  # unknown where finished imports were cleared away
    same = f"It has the same bytes as {verdict.holder}" + (f" ({first.file_name!r})" if first is not None else "")
    if verdict.means is Means.ASK:
        by = f", and {verdict.since} wrote to the same records since" if verdict.since else ", which was undone since"
        raise ReviewNeededError(
            f"{same}, imported before{by}. Nothing was written. `import-pipeline confirm {record.id}` imports it all "
            f"the same, `import-pipeline cancel {record.id}` leaves it out.",
            asked_repeat_of=verdict.holder,
            accepting={"import_again": True},
        )
    if verdict.means is Means.REPEAT:
        reason = (
            f"{same}: the same bytes were imported before, and are not loaded twice. "
            f"`import-pipeline resume {record.id}` loads them all the same; to always do so, say "
            f"`import_again: true` in {_place_of_spec(record)}."
        )
        transitions.leave_out(home, [record.id], verdict.holder, reason, record.run_id)
        return reason
    reason = f"{same}, which has not ended: it waits for that one, and is imported if that one leaves no records."
    transitions.wait_for(home, [record.id], verdict.holder, reason, record.run_id)
    return reason


def _place_of_spec(record: ImportRecord) -> str:
    return "the feed's spec" if record.source is Source.FEED else f"the file {record.file_name}.import.yaml beside it"
