"""A zip archive: its one file, or the one that is meant, unpacked, counted, and read as whatever lies inside.

Names in it are compared and shown, never used as paths.
"""

import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from import_pipeline.errors import PayloadError
from import_pipeline.intake import formats
from import_pipeline.intake.inflate import Meter, write_inflated
from import_pipeline.intake.table import Payload, Table
from import_pipeline.nearest import listed
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings

NAME = "zip"
PRIORITY = 20

MOST_NAMED = 100
"""So many files of an archive are told."""
_LITTER = frozenset((".ds_store", "thumbs.db", "desktop.ini", "__macosx"))


def recognises(head: bytes, payload: Payload) -> bool:
    """Whether it begins as a zip archive does; workbooks, which are archives too, are asked before."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def open_table(payload: Payload, options: ReadOptions, settings: Settings) -> Table:
    """Unpack the one file that counts and open it.

    Raises:
        PayloadError: The archive is damaged, encrypted, packed twice, or does not say which file is meant.
        LimitExceededError: It holds too much.
    """
    if payload.depth:
        raise PayloadError("The file is packed more than once. Unpack it and upload what is inside.")
    meter = Meter(payload.path.stat().st_size, settings)
    try:
        with zipfile.ZipFile(payload.path) as archive:
            members = [one for one in archive.infolist() if _counts(one)]
            member = _chosen(members, options.member)
            with archive.open(member) as packed:
                write_inflated(packed.read, payload.copy, meter)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        # NotImplementedError: a method of compression that is unknown here; RuntimeError: it is encrypted
        raise PayloadError("The zip archive is damaged or encrypted. Pack it again, without a password.") from error
    table = formats.open_table(Payload(payload.copy, payload.copy, payload.depth + 1), options, settings)
    names = tuple(one.filename for one in members[:MOST_NAMED])
    return replace(table, reading=replace(table.reading, member=member.filename, members=names))


def _counts(member: zipfile.ZipInfo) -> bool:
    """Whether a member is a file that somebody packed, and not what an operating system adds by itself."""
    parts = [part.lower() for part in PurePosixPath(member.filename).parts]
    return not member.is_dir() and not any(part in _LITTER or part.startswith("._") for part in parts)


def _chosen(members: Sequence[zipfile.ZipInfo], name: str | None) -> zipfile.ZipInfo:
    """The member that is meant.

    Raises:
        PayloadError: There is none, or several.
    """
    names = [member.filename for member in members]
    if name is not None:
        found = [member for member in members if member.filename == name]
        if not found:
            raise PayloadError(f"The zip archive has no file {name!r}. It has {listed(names)}.", member=name)
        return found[0]
    if not members:
        raise PayloadError("The zip archive has no file in it. Pack the table into it, or upload the table itself.")
    if len(members) > 1:
        raise PayloadError(
            f"The zip archive has {len(members)} files: {listed(names)}. Say which one is meant with --member NAME "
            "(reading.member in a spec), or put exactly one into it.",
            members=names[:MOST_NAMED],
        )
    return members[0]
