"""The addresses below `/app`: every page is the same shell, what it shows is decided by its scripts.

Pages need no token: they hold nothing of anybody. Their scripts call the public API with the token of whoever is there.
"""

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from import_pipeline.home import Home
from import_pipeline.service.uploading import direct_origin
from import_pipeline.web.policy import policy_of_page
from import_pipeline.web.static_files import StaticFile, StaticFiles

router = APIRouter(include_in_schema=False)
_METHODS = ["GET", "HEAD"]
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
        templates = Environment(
            loader=PackageLoader("import_pipeline.web"), autoescape=True, undefined=StrictUndefined, auto_reload=False
        )
        self._shell = templates.get_template("shell.html")
        self._known_origin: tuple[str | None] | None = None

    def shell(self) -> HTMLResponse:
        """The page that a person opens by itself."""
        return self._page(None)

    def _page(self, frame_origin: str | None) -> HTMLResponse:
        origin = self._upload_origin()
        content = self._shell.render(
            stylesheets=self.files.stylesheets, upload_origin=origin, embedded=frame_origin is not None
        )
        return HTMLResponse(content, headers={"Content-Security-Policy": policy_of_page(origin, frame_origin)})

    def _upload_origin(self) -> str | None:
        if self._known_origin is None:
            self._known_origin = (direct_origin(self._home),)
        return self._known_origin[0]


def _pages(request: Request) -> Pages:
    return request.app.state.pages


@router.api_route("/", methods=_METHODS)
async def to_app() -> RedirectResponse:
    """The page is what people look for at the address of the server."""
    return RedirectResponse("/app")


@router.api_route("/app/static/{path:path}", methods=_METHODS)
async def static_file(request: Request, path: str) -> Response:
    """A script, a style or a picture."""
    file = _pages(request).files.get(path)
    if file is None:
        raise HTTPException(404)
    return _answer(request, file)


@router.api_route("/app", methods=_METHODS)
@router.api_route("/app/{rest:path}", methods=_METHODS)
def page(request: Request, rest: str = "") -> HTMLResponse:
    """Any page."""
    return _pages(request).shell()


def _answer(request: Request, file: StaticFile) -> Response:
    # Other sites may not load the files: what they could learn by it is who uses which version.
    headers = {"ETag": file.etag, "Cache-Control": _REVALIDATED, "Vary": "Accept-Encoding"}
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
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
