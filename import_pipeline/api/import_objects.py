"""The import object of pages 001 and 002, and the id by which their calls name an import."""

from typing import Annotated, Any

from fastapi import Path

from import_pipeline.api import page_001_models as models
from import_pipeline.api.links import Links
from import_pipeline.api.reasons import reason_of
from import_pipeline.run_config.spec import ImportSpec, ReadOptions
from import_pipeline.run_config.status_words import for_page_001
from import_pipeline.service.showing import import_object
from import_pipeline.stores.import_record import ImportRecord

ImportId = Annotated[str, Path(description="The import.", examples=["imp_9f2c4e8a1b6d3f5072c9"], max_length=64)]
_DEFAULTS = ImportSpec(record_type="contact").model_dump(mode="json")
_NOTHING_SAID = ReadOptions().model_dump(mode="json")
_OWN_WORDS = ("resource", "column_mapping", "reading")


def shown(record: ImportRecord, links: Links) -> models.ImportObject:
    """The import object in the words of these pages."""
    own = import_object(record)
    words = {
        "status": for_page_001(record.status),
        "state": own["status"],
        "reason": reason_of(record),
        "column_mapping": {field: column for column, field in own["column_mapping"].items()},
        "is_draft": record.is_draft,
        "is_preview": record.is_preview,
        "spec": _asked(record),
    }
    return models.ImportObject.model_validate(own | words | links.all_of(record))


def _asked(record: ImportRecord) -> dict[str, Any]:
    """What is asked of it; an import that was registered by an earlier version lacks what came later."""
    spec = _DEFAULTS | record.spec
    mapping = spec["column_mapping"]
    said = {name: value for name, value in spec["reading"].items() if value != _NOTHING_SAID.get(name)}
    return {name: spec[name] for name in models.AskedSpec.model_fields if name not in _OWN_WORDS} | {
        "resource": record.record_type,
        "column_mapping": None if mapping is None else {field: column for column, field in mapping.items()},
        "reading": said,
    }
