"""A zip archive with one member: unpacked, counted, and read as whatever lies inside. Names in it are never used."""

import zipfile
import zlib

from import_pipeline.errors import PayloadError
from import_pipeline.intake import formats
from import_pipeline.intake.inflate import Meter, write_inflated
from import_pipeline.intake.table import Payload, Table
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings

NAME = "zip"
PRIORITY = 20


def recognises(head: bytes, payload: Payload) -> bool:
    """Whether it begins as a zip archive does; workbooks, which are archives too, are asked before."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def open_table(payload: Payload, options: ReadOptions, settings: Settings) -> Table:
    """Unpack the one member and open it.

    Raises:
        PayloadError: The archive is damaged, encrypted, packed twice, or has not exactly one member.
        LimitExceededError: It holds too much.
    """
    if payload.depth:
        raise PayloadError("The file is packed more than once. Unpack it and upload what is inside.")
    meter = Meter(payload.path.stat().st_size, settings)
    try:
        with zipfile.ZipFile(payload.path) as archive:
            members = [one for one in archive.infolist() if not one.is_dir() and "__MACOSX/" not in one.filename]
            if len(members) != 1:
                raise PayloadError(f"The zip archive has {len(members)} files. Put exactly one file in it.")
            if members[0].flag_bits & 1:
                raise PayloadError("The zip archive is encrypted. Pack it without a password.")
            with archive.open(members[0]) as packed:
                write_inflated(packed.read, payload.copy, meter)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise PayloadError(f"The zip archive is damaged ({error}). Pack it again.") from error
    return formats.open_table(Payload(payload.copy, payload.copy, payload.depth + 1), options, settings)
