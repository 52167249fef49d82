"""A home in which very many imports ended before: their lines in the registry, their claims, their partitions.

Only the filling of such a home belongs here; nothing is imported for it, so that it takes seconds.
"""

import sqlalchemy

from import_pipeline.home import Home
from import_pipeline.orchestration.instance import open_instance
from import_pipeline.settings import Settings
from import_pipeline.stores import claims, imports
from import_pipeline.stores import tables as registry_tables
from import_pipeline.stores.claims import content_key
from import_pipeline.stores.import_record import NewImport
from import_pipeline.words import PARTITIONS, PhaseStatus, Source, Status

_AT_ONCE = 5_000
ORGANIZATION = "earlier"


def hold(settings: Settings, count: int) -> None:
    """Note imports of files that came and went: each with its phases, two claims and a partition.

    Args:
        settings: The settings of the home.
        count: How many.
    """
    home = Home(settings)
    with open_instance(settings) as instance:
        for start in range(0, count, _AT_ONCE):
            numbers = range(start, min(count, start + _AT_ONCE))
            new = [_import(number) for number in numbers]
            imports.create_many(home.registry, new)
            ids = [str(one.id) for one in new]
            objects = {f"local/{one.object_key}@{one.object_version}": str(one.id) for one in new}
            contents = {content_key(ORGANIZATION, "contact", str(one.checksum)): str(one.id) for one in new}
            claims.claim_many(home.registry, "object", objects)
            claims.claim_many(home.registry, "content", contents)
            instance.add_dynamic_partitions(PARTITIONS, ids)
    home.registry.write(_end)


def _import(number: int) -> NewImport:
    return NewImport(
        id=f"held_{number}",
        record_type="contact",
        organization=ORGANIZATION,
        source=Source.BUCKET,
        status=Status.QUEUED,
        spec={"record_type": "contact", "organization": ORGANIZATION},
        file_name=f"people{number}.csv",
        object_key=f"uploads/{ORGANIZATION}/contact/people{number}.csv",
        object_version=f"{number:032x}",
        checksum=f"sha256:{number:064x}",
        size_bytes=6_000,
        has_upload_file=True,
    )


def _end(connection: sqlalchemy.Connection) -> None:
    of_them = registry_tables.imports.c.organization == ORGANIZATION
    at = registry_tables.imports.c.created_at
    ended = {"status": Status.COMPLETED.value, "started_at": at, "ended_at": at, "run_id": "of_earlier_times"}
    connection.execute(registry_tables.imports.update().where(of_them).values(ended))
    completed = {"status": PhaseStatus.COMPLETED.value, "seconds": 0.01}
    connection.execute(registry_tables.phases.update().values(completed))
