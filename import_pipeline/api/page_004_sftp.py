"""The SFTP calls of page 004, which have no sense here: each says so, and what does the same."""

from fastapi import APIRouter

from import_pipeline.api.callers import Reader
from import_pipeline.api.json_route import JsonRoute
from import_pipeline.api.refusals import RefusedError

router = APIRouter(prefix="/api/v1/headless/sftp", route_class=JsonRoute)


@router.api_route("/{rest:path}", methods=["GET", "POST", "PUT", "DELETE"], include_in_schema=False)
def refuse(rest: str, caller: Reader) -> None:
    """Refuse what is not offered; no body is read."""
    message = (
        "This server fetches no files by SFTP. Put them into the watched bucket (a folder or S3), or create a headless "
        "import and PUT its file to `upload`."
    )
    raise RefusedError(501, "not_offered", message)
