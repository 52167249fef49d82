"""A file packed with gzip: unpacked, counted, and read as whatever lies inside."""

import gzip
import zlib

from import_pipeline.errors import PayloadError
from import_pipeline.intake import formats
from import_pipeline.intake.inflate import Meter, write_inflated
from import_pipeline.intake.structural_defects import TRUNCATED
from import_pipeline.intake.table import Payload, Table
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings

NAME = "gzip"
PRIORITY = 10


def recognises(head: bytes, payload: Payload) -> bool:
    """Whether it begins as gzip does."""
    return head.startswith(b"\x1f\x8b\x08")


def open_table(payload: Payload, options: ReadOptions, settings: Settings) -> Table:
    """Unpack and open what is inside.

    Raises:
        PayloadError: The file is cut off, damaged, or packed twice.
        LimitExceededError: It holds too much.
    """
    if payload.depth:
        raise PayloadError("The file is packed more than once. Unpack it and upload what is inside.")
    meter = Meter(payload.path.stat().st_size, settings)
    try:
        with gzip.open(payload.path) as packed:
            write_inflated(packed.read, payload.copy, meter)
    except EOFError as error:
        raise PayloadError(
            "The gzip file is truncated: its end is cut off, so rows are missing. Pack it again, or send it whole.",
            code=TRUNCATED,
        ) from error
    except (OSError, zlib.error) as error:
        raise PayloadError(f"The gzip file is damaged ({error}). Pack it again.") from error
    return formats.open_table(Payload(payload.copy, payload.copy, payload.depth + 1), options, settings)
