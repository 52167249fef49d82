"""The file of an import looked at before it starts: how it is read, what its columns hold, what has to be asked."""

from fastapi import APIRouter, Request

from import_pipeline.api import inspection_models as models
from import_pipeline.api.answers import READING, errors_of
from import_pipeline.api.callers import Reader, Service
from import_pipeline.api.import_objects import ImportId
from import_pipeline.api.json_route import JsonRoute
from import_pipeline.api.workers import SharedWorkers
from import_pipeline.run_config.directions import turned_round
from import_pipeline.run_config.plain import without_unmapped
from import_pipeline.service import imports
from import_pipeline.service.kept_inspections import KeptInspections
from import_pipeline.service.uploading import noted_upload

router = APIRouter(prefix="/v1/imports/{import_id}", tags=["imports"], route_class=JsonRoute)

_LOOKING = errors_of(400, 409, 413, *READING)


@router.post("/inspection", summary="Look at the file of an import", responses=_LOOKING)
def inspect(
    import_id: ImportId, body: models.Inspect, request: Request, caller: Reader, home: Service, workers: SharedWorkers
) -> models.Inspection:
    """Read the whole file, as the import says or as is said here, and tell what it holds; nothing is stored.

    To see it read in another way, call again with another `reading`; PATCH keeps the one that is right.
    """
    record = noted_upload(home, imports.get(home, import_id, caller.organization))
    kept: KeptInspections = request.app.state.inspections
    return models.Inspection(**kept.inspect(record, body.reading, body.resource, workers.inspect))


@router.post("/values", summary="See the values of choice fields", responses=_LOOKING)
def values(
    import_id: ImportId, body: models.ValuesOf, caller: Reader, home: Service, workers: SharedWorkers
) -> models.Values:
    """Count the values of each column whose field has fixed constants, over the whole file; nothing is stored.

    What a value is to mean is said by `value_mappings` (PATCH).
    """
    record = noted_upload(home, imports.get(home, import_id, caller.organization))
    said = body.column_mapping
    mapping = None if said is None else turned_round(without_unmapped(said))
    return models.Values(data=[models.ValuesOfColumn(**one) for one in workers.choice_values(record, mapping)])
