"""What the multipart imports of page 003 take and answer: a JSON:API document for each import."""

from typing import Any

from pydantic import BaseModel, Field

from import_pipeline.run_config.page_003 import ImportBody


class Attributes(BaseModel):
    """The attributes of an import."""

    account_list_id: str = Field(description="The organization.", examples=["acme"])
    created_at: str = Field(description="ISO 8601.", examples=["2026-01-31T12:00:00Z"])
    updated_at: str = Field(description="ISO 8601.", examples=["2026-01-31T12:00:00Z"])
    updated_in_db_at: str = Field(
        description="Send it back with a change: an import changed since is not overwritten.",
        examples=["2026-01-31T12:00:00Z"],
    )
    file_url: str | None = Field(description="Signed URL of the file.", examples=["https://…/downloads/WyJpbXBf…"])
    file_headers: dict[str, str] = Field(
        description="Key → header of the file.", examples=[{"first_name": "First name"}]
    )
    file_headers_mappings: dict[str, Any] | None = Field(
        description="Field → key or header.", examples=[{"email": "e_mail"}]
    )
    file_constants: dict[str, list[str]] = Field(
        description="Key → its distinct values in the whole file, if few.", examples=[{"phase": ["", "new"]}]
    )
    file_constants_mappings: Any = Field(
        description="Field → [{id: constant, values: [values of the file]}].",
        examples=[{"status": [{"id": "lead", "values": ["new"]}]}],
    )
    group_tags: Any = Field(description="Group → tags.", examples=[{"Guests": "invited"}])
    groups: Any = Field(description="Groups, with commas between them.", examples=["Guests"])
    import_by_group: bool
    in_preview: bool = Field(description="It still waits to be imported.")
    override: bool
    source: str | None = Field(examples=["fair"])
    tag_list: Any = Field(description="Tags, with commas between them.", examples=["vip,2026"])


class SampleContact(BaseModel):
    """A row, built as the import builds it, and not stored."""

    id: str = Field(description="Of this sample alone.", examples=["row-1"])
    type: str = "sample_contacts"
    attributes: dict[str, Any] = Field(examples=[{"first_name": "Ann", "email": "ann@example.com"}])
    errors: list[dict[str, Any]] = Field(
        description="What is wrong with its cells.", examples=[[{"field": "email", "code": "invalid_email"}]]
    )


class Reference(BaseModel):
    """Who started the import."""

    id: str = Field(examples=["u1"])
    type: str = "users"


class SampleContacts(BaseModel):
    """The first rows."""

    data: list[SampleContact]


class User(BaseModel):
    """The user, if one was named."""

    data: Reference | None


class Relationships(BaseModel):
    """What belongs to an import."""

    sample_contacts: SampleContacts
    user: User


class Meta(BaseModel):
    """How far an import is."""

    status: str = Field(examples=["uploaded"])
    reason: str | None
    problem: str | None = Field(description="Why there are no sample contacts.")
    total_rows: int | None
    created_count: int
    updated_count: int
    failed_count: int


class Resource(BaseModel):
    """An import."""

    id: str = Field(examples=["imp_9f2c4e8a1b6d3f5072c9"])
    type: str = "imports"
    attributes: Attributes
    relationships: Relationships
    meta: Meta


class Document(BaseModel):
    """One import."""

    data: Resource
    included: list[SampleContact] = Field(description="The sample contacts once more, where JSON:API looks for them.")


class Documents(BaseModel):
    """Imports, newest first."""

    data: list[Resource]
    meta: dict[str, Any] = Field(examples=[{"page": 1, "limit": 25, "has_more": False, "total_count": 1}])


_NOT_SENT = ("id", "user", "file_constants", "file_url", "created_at", "updated_at")
_FIELDS = {
    name: {
        "type": "boolean" if name in ("in_preview", "override", "import_by_group") else "string",
        "description": field.description or "",
    }
    for name, field in ImportBody.model_fields.items()
    if name not in _NOT_SENT
}
_ATTRIBUTES = {
    name: described if described["type"] == "boolean" else {"description": described["description"]}
    for name, described in _FIELDS.items()
}
FORM = {
    "requestBody": {
        "required": True,
        "description": "The file and its attributes; objects as JSON text.",
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}, **_FIELDS},
                },
                "example": {"in_preview": True, "tag_list": "vip,2026"},
            }
        },
    }
}
CHANGE = {
    "requestBody": {
        "required": True,
        "description": "The attributes to change; `in_preview` false starts the import.",
        "content": {
            "application/json": {
                "schema": {"type": "object", "properties": _ATTRIBUTES},
                "example": {"in_preview": False, "file_headers_mappings": {"email": "E-Mail"}},
            }
        },
    }
}
