"""An email address."""

from import_pipeline.record_types import field_types
from import_pipeline.record_types.inline.types._built import Built, Choice, NoOptions

OPTIONS = NoOptions


def build(options: NoOptions, choices: tuple[Choice, ...]) -> Built:
    """An email address, with its rule."""
    return Built(field_types.get("email"))
