"""What the registry says of imports whose time is over: which may be cleared away, and their rows' end.

Nothing of an import that has not ended, or can still be undone, is ever given. Claims stay when an import's rows go,
so that what was imported is not imported again; only a claim that lapsed with its import goes for good. The files
and Dagster's traces of an import are removed by whoever asks here.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select, update

from import_pipeline.stores.claims import ENDED_WITHOUT_IMPORT, content_key, key_hash
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tables import claims, imports, in_chunks
from import_pipeline.words import FINAL_STATUSES, PAYLOADS, Status

AT_ONCE = 500
"""So many imports go in one transaction, so that nobody waits long for the registry."""


@dataclass(frozen=True)
class Overdue:
    """Which imports count as over.

    Attributes:
        ended_before: Epoch seconds: those that ended earlier.
        undoable_since: Epoch seconds: of those that wrote records, none that ended later.
    """

    ended_before: int
    undoable_since: int

    def conditions(self) -> list[ColumnElement[bool]]:
        """Of a row of `imports`."""
        wrote_nothing = or_(imports.c.status != Status.COMPLETED.value, imports.c.spec["dry_run"].as_boolean())
        return [
            imports.c.status.in_([status.value for status in FINAL_STATUSES]),
            imports.c.ended_at < self.ended_before,
            or_(wrote_nothing, imports.c.ended_at < self.undoable_since),
        ]


@dataclass(frozen=True)
class Payload:
    """A file that was given to us for an import that is over."""

    import_id: str
    object_key: str
    size_bytes: int


def among_overdue(registry: Registry, ids: Iterable[str], overdue: Overdue) -> set[str]:
    """Those of these imports that are over."""
    return _among(registry, ids, overdue.conditions())


def among_ended(registry: Registry, ids: Iterable[str]) -> set[str]:
    """Those of these imports that have ended."""
    return _among(registry, ids, [imports.c.status.in_([status.value for status in FINAL_STATUSES])])


def among_known(registry: Registry, ids: Iterable[str]) -> set[str]:
    """Those of these imports that are registered at all."""
    return _among(registry, ids, [])


def payloads(registry: Registry, overdue: Overdue, limit: int = AT_ONCE) -> list[Payload]:
    """Files given for imports that are over, the oldest first."""
    statement = (
        select(imports.c.id, imports.c.object_key, func.coalesce(imports.c.size_bytes, 0))
        .where(*_with_payload(overdue))
        .order_by(imports.c.number)
        .limit(limit)
    )
    found = registry.read(lambda connection: connection.execute(statement).all())
    return [Payload(*row) for row in found]


def count_payloads(registry: Registry, overdue: Overdue) -> tuple[int, int]:
    """How many files, and how many bytes, `payloads` would give in all."""
    sums = func.count(), func.coalesce(func.sum(imports.c.size_bytes), 0)
    statement = select(*sums).where(*_with_payload(overdue))
    count, size = registry.read(lambda connection: connection.execute(statement).one())
    return int(count), int(size)


def forget_payloads(registry: Registry, ids: Sequence[str]) -> None:
    """Note that the files of these imports are gone."""
    statement = update(imports).where(imports.c.id.in_(ids)).values(has_upload_file=False)
    registry.write(lambda connection: connection.execute(statement))


def forgettable(registry: Registry, overdue: Overdue, limit: int = AT_ONCE) -> list[str]:
    """Imports that are over and that no other import still needs, the oldest first."""
    statement = select(imports.c.id).where(*_forgettable(overdue)).order_by(imports.c.number).limit(limit)
    return list(registry.read(lambda connection: connection.execute(statement).scalars().all()))


def count_forgettable(registry: Registry, overdue: Overdue) -> int:
    """How many imports `forgettable` would give at first; those that they needed follow later."""
    statement = select(func.count()).select_from(imports).where(*_forgettable(overdue))
    return registry.read(lambda connection: connection.execute(statement).scalar_one())


def forget_imports(registry: Registry, ids: Sequence[str], overdue: Overdue) -> int:
    """Delete the rows of imports and of their phases, unless they came to life again meanwhile.

    Returns:
        How many imports went.
    """

    def work(connection: Connection) -> int:
        still = select(imports.c.id).where(imports.c.id.in_(ids), *_forgettable(overdue)).with_for_update()
        going = list(connection.execute(still).scalars())
        _release_lapsed_claims(connection, going)
        connection.execute(delete(imports).where(imports.c.id.in_(going)))
        return len(going)

    return registry.write(work)


def _among(registry: Registry, ids: Iterable[str], conditions: Sequence[ColumnElement[bool]]) -> set[str]:
    wanted = list(ids)

    def work(connection: Connection) -> set[str]:
        found: set[str] = set()
        for chunk in in_chunks(wanted):
            found.update(connection.execute(select(imports.c.id).where(imports.c.id.in_(chunk), *conditions)).scalars())
        return found

    return registry.read(work)


def _with_payload(overdue: Overdue) -> list[ColumnElement[bool]]:
    return [imports.c.has_upload_file, imports.c.object_key.startswith(f"{PAYLOADS}/"), *overdue.conditions()]


def _forgettable(overdue: Overdue) -> list[ColumnElement[bool]]:
    """An undo needs the import that it undid, and a replay that has not ended the errors file of the one it replays."""
    undoes = imports.alias("undoes")
    undone = undoes.c.undoes
    replays = imports.alias("replays")
    replayed = replays.c.retry_of
    open_replay = replays.c.status.not_in([status.value for status in FINAL_STATUSES])
    return [
        *overdue.conditions(),
        imports.c.id.not_in(select(undone).where(undone.is_not(None))),
        imports.c.id.not_in(select(replayed).where(replayed.is_not(None), open_replay)),
    ]


def _release_lapsed_claims(connection: Connection, ids: Collection[str]) -> None:
    """A content claim of an import that ended without records lapsed; without the import's row it would be active."""
    ended_without = [status.value for status in ENDED_WITHOUT_IMPORT]
    found = connection.execute(
        select(imports.c.id, imports.c.organization, imports.c.record_type, imports.c.checksum).where(
            imports.c.id.in_(ids), imports.c.status.in_(ended_without), imports.c.checksum.is_not(None)
        )
    ).all()
    hashes = [key_hash(content_key(row.organization, row.record_type, row.checksum)) for row in found]
    for chunk in in_chunks(hashes):
        lapsed = (claims.c.kind == "content", claims.c.key_hash.in_(chunk), claims.c.import_id.in_(ids))
        connection.execute(delete(claims).where(*lapsed))
