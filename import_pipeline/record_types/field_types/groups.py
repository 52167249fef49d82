"""The names of the groups that a record is in, stored as VARCHAR[]; read from a cell as tags are."""

from import_pipeline.record_types.field_types.tags import Tags


class Groups(Tags):
    """The groups of a cell, in their order."""


TYPE = Groups("groups", sql_type="VARCHAR[]", pandas_type="object")
