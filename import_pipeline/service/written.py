"""Whether an import has written records: what the registry notes the moment before, and the mark, which decides.

The note alone is quick to read and says that records may be there; only with the mark of phase 6 they are.
"""

from typing import TYPE_CHECKING

from import_pipeline.errors import StoreError
from import_pipeline.run_config.declared import record_type_of
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.records import store_table
from import_pipeline.words import Phase, Status

if TYPE_CHECKING:
    from import_pipeline.settings import Settings

UNFINISHED = (Status.QUEUED, Status.FAILED, Status.TIMED_OUT, Status.CANCELLED)
"""Where an import may stand whose records are written and whose last phase is not done, while nobody works on it."""


def is_written(settings: "Settings", record: ImportRecord) -> bool:
    """Whether the record store holds the import's mark of phase 6.

    Raises:
        StoreError: The store cannot be read.
    """
    if record.writing_since is None:
        return False
    from import_pipeline.service.showing import opened_store

    record_type = record_type_of(ImportSpec.model_validate(record.spec))
    mark = f"SELECT 1 FROM {store_table('applied_imports')} WHERE import_id = $import_id AND phase = $phase"
    with opened_store(settings, record_type, record.organization) as connection:
        if connection is None:
            return False
        found = connection.execute(mark, {"import_id": record.id, "phase": str(Phase.PROCESSING)}).fetchone()
    return found is not None


def may_be_written(settings: "Settings", record: ImportRecord) -> bool:
    """Whether the mark is there, or could be and the store does not say: then the import is not given up."""
    try:
        return is_written(settings, record)
    except StoreError:
        return True


def is_half_done(settings: "Settings", record: ImportRecord) -> bool:
    """Whether the import's records are written though it has not completed, and nobody works on it.

    Raises:
        StoreError: The store cannot be read.
    """
    return record.status in UNFINISHED and is_written(settings, record)
