"""Signed tokens for the URLs of uploads and downloads: what they allow is written in them and cannot be changed.

The key is the setting `signing_key`, or is made once and kept in the home, readable by its owner alone.
"""

import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from itsdangerous import BadSignature, URLSafeSerializer

from import_pipeline.api.refusals import RefusedError
from import_pipeline.settings import Settings

KEY_FILE = "signing.key"
_UPLOADS = "PUT /uploads"
_DOWNLOADS = "GET /downloads"


@dataclass(frozen=True)
class UploadGrant:
    """The right to upload the file of one import.

    Attributes:
        import_id: The import.
        max_bytes: The largest file that is taken.
        expires_at: Epoch seconds.
        given_to: Who asked for it, as `created_by` names them; empty where nobody is known.
    """

    import_id: str
    max_bytes: int
    expires_at: int
    given_to: str = ""


@dataclass(frozen=True)
class DownloadGrant:
    """The right to download one file of one import.

    Attributes:
        import_id: The import.
        file: Which of its files, for example `errors.csv`.
        expires_at: Epoch seconds.
        given_to: Who asked for it, as `created_by` names them; empty where nobody is known.
    """

    import_id: str
    file: str
    expires_at: int
    given_to: str = ""


Grant = TypeVar("Grant", UploadGrant, DownloadGrant)


class Signer:
    """Signs grants and reads them; each kind of grant is good for one method and path only.

    Args:
        key: The secret.
        clock: Gives seconds since the epoch.
    """

    def __init__(self, key: bytes, clock: Callable[[], float] = time.time) -> None:
        self._key = key
        self._clock = clock

    @classmethod
    def from_settings(cls, settings: Settings) -> "Signer":
        """The signer of a home."""
        given = settings.signing_key
        key = given.get_secret_value().encode() if given is not None else kept_key(settings.home_path / KEY_FILE)
        return cls(key)

    def sign(self, grant: UploadGrant | DownloadGrant) -> str:
        """The token of a grant, safe in a URL."""
        return self._serializer(type(grant)).dumps(list(asdict(grant).values()))

    def read(self, kind: type[Grant], token: str) -> Grant:
        """The grant of a token.

        Raises:
            RefusedError: Nobody signed this (404), or its time is over (410).
        """
        try:
            grant = kind(*self._serializer(kind).loads(token))
        except (BadSignature, UnicodeError):
            raise RefusedError(404, "not_found", "There is nothing at this URL.") from None
        if self._clock() > grant.expires_at:
            raise RefusedError(410, "url_expired", "The time of this URL is over. Ask for a new one.")
        return grant

    def derived_secret(self, purpose: str) -> str:
        """A secret that can be made again whenever it is needed, and so is kept nowhere."""
        return hmac.new(self._key, purpose.encode(), hashlib.sha256).hexdigest()

    def _serializer(self, kind: type[UploadGrant] | type[DownloadGrant]) -> URLSafeSerializer:
        salt = _UPLOADS if kind is UploadGrant else _DOWNLOADS
        return URLSafeSerializer(self._key, salt=salt, signer_kwargs={"digest_method": hashlib.sha256})


def kept_key(path: Path) -> bytes:
    """The key in a file, made if it is missing; of several processes that make it at once, all get the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        made = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
        try:
            os.link(made, path)  # fails where another was first, and never leaves half a key
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_bytes()
