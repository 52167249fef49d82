"""The record type source: where contacts come from, such as a campaign, a fair or a partner."""

from import_pipeline.record_types.declaring import RecordModel, field


class Source(RecordModel):
    """Where contacts come from."""

    external_id: str = field(
        "External ID",
        "identifier",
        means=("external_id", "id"),
        synonyms=("Source ID", "Campaign ID", "Record ID", "rec_id", "Unique ID", "Foreign ID", "Key"),
        description="The source's id in the system that the file comes from.",
    )
    name: str = field(
        "Name",
        "name",
        means=("name", "source"),
        synonyms=("Source", "Source Name", "Lead Source", "Original Source", "Campaign", "Campaign Name", "Title"),
    )
    kind: str = field(
        "Kind",
        means=("category",),
        synonyms=("Type", "Source Type", "Campaign Type", "Category", "Channel", "Medium"),
    )
    description: str = field(
        "Description",
        "long_text",
        means=("notes",),
        synonyms=("Source Description", "Notes", "Note", "Comments", "Comment", "Remarks", "Details"),
    )
    tags: list[str] = field("Tags", "tags", synonyms=("Tag", "Categories", "Labels", "Keywords", "Tag List"))

    class Config(RecordModel.Config):
        """Identifiers, strongest first."""

        metadata = {"label": "Source", "identifiers": ("external_id", "name"), "strong": ("external_id",)}  # noqa: RUF012
