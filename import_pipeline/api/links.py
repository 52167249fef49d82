"""The URLs that an import hands out: presigned by S3 where the bucket is there, else signed by us.

A URL is a right: it is given only to whom has that right by their token, and names whom it was given to.
"""

import time
from typing import Annotated

from fastapi import Depends, Request

from import_pipeline.api.addresses import own_address
from import_pipeline.api.callers import Caller, Reader
from import_pipeline.api.signing import DownloadGrant, Signer, UploadGrant
from import_pipeline.home import Home
from import_pipeline.service.downloads import (
    ERRORS_CSV,
    ERRORS_JSON,
    ERRORS_XLSX,
    RESULTS_CSV,
    UPLOAD_CSV,
    UPLOAD_JSON,
    has_file,
    stored_key,
)
from import_pipeline.service.uploading import upload_key
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import Status


class Links:
    """Makes the URLs of imports.

    Args:
        home: The home.
        signer: Signs what S3 does not.
        base: Where callers reach this server, without a slash at the end.
        caller: Whom the URLs are given to.
    """

    def __init__(self, home: Home, signer: Signer, base: str, caller: Caller) -> None:
        self._home, self._signer, self._base, self._caller = home, signer, base, caller

    def address(self, path: str) -> str:
        """A path of this server as callers reach it."""
        return f"{self._base}{path}"

    def upload_url(self, record: ImportRecord) -> str | None:
        """Where the file of an import is PUT; None when it is there, its time is over, or the caller may not write."""
        if not self._caller.may_write:
            return None
        until = record.upload_expires_at
        left = 0 if until is None else until - int(time.time())
        may_come = record.status is Status.REQUESTED or record.is_draft
        if not may_come or until is None or left <= 0:
            return None
        direct = self._home.bucket.signed_url("PUT", upload_key(record.id), left)
        if direct is not None:
            return direct
        grant = UploadGrant(record.id, self._home.settings.max_file_bytes, until, self._caller.name)
        return f"{self._base}/uploads/{self._signer.sign(grant)}"

    def review_url(self, record: ImportRecord) -> str:
        """Where a person sees what an import waits for, and corrects its failing rows, in a browser."""
        return f"{self._base}/app/imports/{record.id}"

    def download_url(self, record: ImportRecord, file: str) -> str | None:
        """Where one of `downloads.FILES` is read; None where the import has no such file."""
        if not has_file(record, file):
            return None
        seconds = self._home.settings.download_url_seconds
        key = stored_key(record, file)
        direct = self._home.bucket.signed_url("GET", key, seconds, f"{record.id}-{file}") if key else None
        if direct is not None:
            return direct
        grant = DownloadGrant(record.id, file, int(time.time()) + seconds, self._caller.name)
        return f"{self._base}/downloads/{self._signer.sign(grant)}"

    def run_url(self, record: ImportRecord) -> str | None:
        """Where Dagster shows the run of an import; None where that is not known, or not for the caller."""
        at = self._home.settings.dagster_url
        if at is None or record.run_id is None or self._caller.import_id is not None:
            return None
        return f"{str(at).rstrip('/')}/runs/{record.run_id}"

    def all_of(self, record: ImportRecord) -> dict[str, str | None]:
        """All URLs of an import, by the names that they have in the import object."""
        return {
            "_upload_url": self.upload_url(record),
            "_upload_csv_url": self.download_url(record, UPLOAD_CSV),
            "_upload_json_url": self.download_url(record, UPLOAD_JSON),
            "_errors_csv_url": self.download_url(record, ERRORS_CSV),
            "_errors_json_url": self.download_url(record, ERRORS_JSON),
            "_errors_xlsx_url": self.download_url(record, ERRORS_XLSX),
            "_results_csv_url": self.download_url(record, RESULTS_CSV),
            "_review_url": self.review_url(record),
            "_run_url": self.run_url(record),
        }


async def _links(request: Request, caller: Reader) -> Links:
    home: Home = request.app.state.home
    return Links(home, request.app.state.signer, own_address(request, home.settings), caller)


ImportLinks = Annotated[Links, Depends(_links)]
"""The URLs of imports, as this caller reaches them."""
