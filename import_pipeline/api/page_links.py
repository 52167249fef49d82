"""Links: each opens the import page once, by itself or within another application."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from import_pipeline.api.addresses import own_address
from import_pipeline.api.answers import CREATING, READING, WRITING, errors_of
from import_pipeline.api.callers import Reader, Service, Writer
from import_pipeline.api.drafting_models import Preset, in_words_of_spec
from import_pipeline.api.json_route import JsonRoute
from import_pipeline.api.rate_limits import count_create
from import_pipeline.api.refusals import RefusedError
from import_pipeline.service import links
from import_pipeline.service.brands import LONGEST_LOGO, checked_brand
from import_pipeline.service.links import LinkRecord
from import_pipeline.service.tokens import Scope

router = APIRouter(prefix="/v1/links", tags=["page"], route_class=JsonRoute)

_MOST_TEXTS = 50
LinkId = Annotated[str, Path(description="The link.", examples=["lnk_5d1f0c6b7a9d2e4c"], max_length=64)]


class Brand(BaseModel):
    """How the page looks within another application."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, max_length=60, description="Stands above the page.", examples=["Acme CRM"])
    accent: str | None = Field(
        default=None,
        max_length=40,
        description="The colour of buttons and links, as #rrggbb; one that people could not read is refused.",
        examples=["#1f4f8f"],
    )
    logo: str | None = Field(
        default=None,
        max_length=LONGEST_LOGO,
        description="A PNG as data:image/png;base64,…, shown 24 pixels high.",
        examples=["data:image/png;base64,iVBORw0KGgo="],
    )
    texts: dict[str, Annotated[str, Field(max_length=500)]] = Field(
        default_factory=dict,
        max_length=_MOST_TEXTS,
        description="Own words for texts of the page, by the keys of its files of texts.",
        examples=[{"file.title": "Your contacts"}],
    )


_LINK_WITH_PRESET = {
    "preset": {"resource": "contact", "name": "Your contacts", "tags": ["signup"], "duplicate_strategy": "fill"},
    "origin": "https://app.example.com",
    "name": "Jane Doe",
    "brand": {"name": "Acme CRM", "accent": "#1f4f8f"},
}


class NewLink(BaseModel):
    """A link to make."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_LINK_WITH_PRESET]})

    scope: Scope = Field(default="write", description="`read`, or `write` which includes reading.")
    import_id: str | None = Field(
        default=None,
        max_length=64,
        description="The only import that it opens; all of the organization if left out, and `preset` too.",
        examples=["imp_9f2c4e8a1b6d3f5072c9"],
    )
    preset: Preset | None = Field(
        default=None,
        description="Instead of `import_id`: a draft begins with these settings when the link is opened, and is the "
        "only import that it opens. They are checked now.",
    )
    origin: str | None = Field(
        default=None,
        max_length=400,
        description="The site whose pages may embed that import: scheme://host[:port].",
        examples=["https://app.example.com"],
    )
    minutes: int | None = Field(
        default=None,
        ge=1,
        le=links.MOST_MINUTES,
        description="How long it may be opened: 15 if left out; with an origin 10, which is then the most.",
        examples=[10],
    )
    name: str | None = Field(
        default=None,
        max_length=links.LONGEST_NAME,
        description="Whom it is for; what they do is noted under it.",
        examples=["Jane Doe"],
    )
    brand: Brand | None = Field(default=None, description="How the page looks for them.")


class Link(BaseModel):
    """A link, without what opens it."""

    object: Literal["link"] = "link"
    id: str = Field(examples=["lnk_5d1f0c6b7a9d2e4c"])
    scope: Scope
    import_id: str | None = Field(
        description="The only import that it opens, or that began when it was opened.",
        examples=["imp_9f2c4e8a1b6d3f5072c9"],
    )
    resource: str | None = Field(
        description="What is imported by the draft that begins when it is opened; null where none does.",
        examples=["contact"],
    )
    origin: str | None = Field(examples=["https://app.example.com"])
    name: str | None = Field(examples=["Jane Doe"])
    created_by: str | None = Field(examples=["token:1f0c6b7a9d2e"])
    created_at: int = Field(description="Epoch seconds.", examples=[1_760_000_000])
    expires_at: int = Field(description="Epoch seconds: until then it may be opened.", examples=[1_760_000_600])
    used_at: int | None = Field(description="Epoch seconds: when it was opened.", examples=[None])


class MadeLink(Link):
    """A link, with what opens it."""

    url: str = Field(
        description="The address of the page, for a person, a window or an iframe. Shown this once.",
        examples=["https://imports.example.com/app/embed/lnk_5d1f0c6b7a9d2e4c#link=lnk_5d1f0c6b7a9d2e4c.Zk3x"],
    )


class LinkList(BaseModel):
    """Links of the organization."""

    object: Literal["list"] = "list"
    data: list[Link]
    has_more: bool = Field(examples=[False])


@router.post("", status_code=201, summary="Make a link to the import page", responses=errors_of(*CREATING))
def create(body: NewLink, request: Request, caller: Writer, home: Service) -> MadeLink:
    """Make a link that opens the import page once, without a token: for a person, or for an iframe.

    Whoever opens it has 12 hours. With `import_id` they reach that import alone; make it first, with its settings, and
    they find it prepared. With `preset` a draft with these settings begins when the link is opened, and they reach that
    one alone. With `origin` pages of that site alone may embed it, and are told what happens.
    """
    if caller.token.is_session:
        raise RefusedError(
            403, "forbidden", "Who came by a link makes no further ones. Use a token of the organization."
        )
    if body.preset is not None:
        count_create(home, caller.token_id)
    link, record = links.create(
        home,
        caller.organization,
        scope=body.scope,
        import_id=body.import_id,
        preset=None if body.preset is None else in_words_of_spec(body.preset),
        origin=body.origin,
        minutes=body.minutes,
        name=body.name,
        brand=None if body.brand is None else checked_brand(body.brand.model_dump()),
        created_by=caller.name,
    )
    url = f"{own_address(request, home.settings)}{links.path_of(record, link)}"
    return MadeLink(**_shown(record).model_dump(), url=url)


@router.get("", summary="List links", responses=errors_of(*READING))
def list_links(
    caller: Reader,
    home: Service,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
    offset: Annotated[int, Query(ge=0, le=1_000_000, description="How many to pass over.")] = 0,
) -> LinkList:
    """The links of the organization, newest first; used and ended ones too, for a month."""
    found = links.list_links(home, caller.organization, limit + 1, offset)
    return LinkList(data=[_shown(record) for record in found[:limit]], has_more=len(found) > limit)


@router.delete("/{link_id}", status_code=204, summary="Delete a link", responses=errors_of(*WRITING))
def delete(link_id: LinkId, caller: Writer, home: Service) -> None:
    """Let a link open nothing any more, and end what came of it."""
    links.remove(home, link_id, caller.organization)


def _shown(record: LinkRecord) -> Link:
    return Link.model_validate(record, from_attributes=True)
