"""The addresses below `/app`: every page is the same shell, what it shows is decided by its scripts.

Pages need no token: they hold nothing of anybody. Their scripts call the public API with the token of whoever is there.
"""

from functools import cache, partial
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from import_pipeline.home import Home
from import_pipeline.service.links import frame_of
from import_pipeline.service.uploading import direct_origin
from import_pipeline.web.policy import policy_of_page
from import_pipeline.web.static_files import StaticFile, StaticFiles

router = APIRouter(include_in_schema=False)
_METHODS = ["GET", "HEAD"]
_KEPT = "public, max-age=31536000, immutable"
_REVALIDATED = "no-cache"
"""Browsers keep a file and ask each time whether it is still the same: after an update nobody runs old scripts."""


class Pages:
    """The pages of one application.

    Args:
        home: The home.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self.files = StaticFiles()
        self.root = urlsplit(home.settings.public_url or "").path.rstrip("/")
        templates = Environment(
            loader=PackageLoader("import_pipeline.web"), autoescape=True, undefined=StrictUndefined, auto_reload=False
        )
        templates.globals |= {"root": self.root, "files": self.files, "static": self._static()}
        self._shell = templates.get_template("shell.html")
        self._ended = templates.get_template("ended.html")
        self._upload_origin = cache(partial(direct_origin, home))

    def shell(self) -> HTMLResponse:
        """The page that a person opens by itself."""
        return self._page(self._shell)

    def embedded(self, link_id: str) -> HTMLResponse:
        """The page that another site shows within its own; one that says so where nothing is opened any more."""
        frame = frame_of(self._home, link_id)
        if frame is None:
            return self._page(self._ended, status=404)
        if not frame.is_open:
            return self._page(self._ended, frame.origin, status=410)
        return self._page(self._shell, frame.origin)

    def logo(self, link_id: str) -> bytes | None:
        """The logo of whoever embeds the page, as PNG."""
        frame = frame_of(self._home, link_id)
        return None if frame is None or not frame.is_open else frame.logo

    def _static(self) -> str:
        return f"{self.root}/app/static/{self.files.version}"

    def _page(self, template: Template, frame_origin: str | None = None, status: int = 200) -> HTMLResponse:
        origin = self._upload_origin()
        content = template.render(upload_origin=origin, frame_origin=frame_origin)
        headers = {"Content-Security-Policy": policy_of_page(origin, frame_origin)}
        if frame_origin is None:  # else a window of the site that opened it is told what happens, too
            headers["Cross-Origin-Opener-Policy"] = "same-origin"
        return HTMLResponse(content, status, headers)


def _pages(request: Request) -> Pages:
    return request.app.state.pages


@router.api_route("/", methods=_METHODS)
async def to_app(request: Request) -> RedirectResponse:
    """The page is what people look for at the address of the server."""
    return RedirectResponse(f"{_pages(request).root}/app")


@router.api_route("/app/static/{path:path}", methods=_METHODS)
async def static_file(request: Request, path: str) -> Response:
    """A script, a style or a picture."""
    file, is_for_good = _pages(request).files.get(path)
    if file is None:
        raise HTTPException(404)
    return _answer(request, file, _KEPT if is_for_good else _REVALIDATED)


@router.api_route("/app/embed/{link_id}/logo.png", methods=_METHODS)
def logo(request: Request, link_id: str) -> Response:
    """The logo of whoever embeds the page."""
    content = _pages(request).logo(link_id)
    if content is None:
        raise HTTPException(404)
    return Response(content, media_type="image/png")


@router.api_route("/app/embed/{link_id}", methods=_METHODS)
@router.api_route("/app/embed/{link_id}/{rest:path}", methods=_METHODS)
def embedded_page(request: Request, link_id: str, rest: str = "") -> HTMLResponse:
    """Any page, within one of another site."""
    return _pages(request).embedded(link_id)


@router.api_route("/app", methods=_METHODS)
@router.api_route("/app/{rest:path}", methods=_METHODS)
def page(request: Request, rest: str = "") -> HTMLResponse:
    """Any page."""
    return _pages(request).shell()


def _answer(request: Request, file: StaticFile, kept: str) -> Response:
    headers = {"ETag": file.etag, "Cache-Control": kept, "Vary": "Accept-Encoding"}
    headers["Cross-Origin-Resource-Policy"] = "cross-origin" if file.is_for_other_sites else "same-origin"
    if file.etag in request.headers.get("if-none-match", "").split(", "):
        return Response(status_code=304, headers=headers)
    content = file.content
    if file.compressed is not None and _takes_gzip(request):
        content, headers["Content-Encoding"] = file.compressed, "gzip"
    return Response(content, headers=headers, media_type=file.content_type)


def _takes_gzip(request: Request) -> bool:
    return any(
        one.strip().lower() == "gzip" or one.strip().lower().startswith("gzip;q=1")
        for one in request.headers.get("accept-encoding", "").split(",")
    )
