"""The record type group: a set of contacts that belong together, such as a list, a label or a household."""

from import_pipeline.record_types.declaring import RecordModel, field


class Group(RecordModel):
    """A set of contacts."""

    external_id: str = field(
        "External ID",
        "identifier",
        means=("external_id", "id"),
        synonyms=("Group ID", "List ID", "Segment ID", "Record ID", "rec_id", "Unique ID", "Foreign ID", "Key"),
        description="The group's id in the system that the file comes from.",
    )
    name: str = field(
        "Name",
        "name",
        means=("name", "groups"),
        synonyms=("Group", "Group Name", "List", "List Name", "Segment", "Segment Name", "Label", "Audience", "Title"),
    )
    kind: str = field(
        "Kind",
        means=("category",),
        synonyms=("Type", "Group Type", "List Type", "Category"),
    )
    description: str = field(
        "Description",
        "long_text",
        means=("notes",),
        synonyms=("Group Description", "Notes", "Note", "Comments", "Comment", "Remarks", "Details"),
    )
    tags: list[str] = field("Tags", "tags", synonyms=("Tag", "Categories", "Labels", "Keywords", "Tag List"))

    class Config(RecordModel.Config):
        """Identifiers, strongest first."""

        metadata = {"label": "Group", "identifiers": ("external_id", "name"), "strong": ("external_id",)}  # noqa: RUF012
