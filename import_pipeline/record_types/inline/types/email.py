"""An email address."""

from import_pipeline.record_types import field_types
from import_pipeline.record_types.inline.types._resolved_type import Choice, NoOptions, ResolvedType

OPTIONS = NoOptions


def build(options: NoOptions, choices: tuple[Choice, ...]) -> ResolvedType:
    """An email address, with its rule."""
    return ResolvedType(field_types.get("email"))
