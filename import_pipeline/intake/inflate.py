"""Taking compressed content apart with the bytes counted while they come, whatever a header declares."""

from collections.abc import Callable
from pathlib import Path

from import_pipeline.errors import LimitExceededError
from import_pipeline.settings import Settings

_BLOCK = 1 << 20
_HARMLESS = 100_000_000


class Meter:
    """Counts inflated bytes of one file against the limits.

    Args:
        compressed: Size of the compressed file.
        settings: The limits.
    """

    def __init__(self, compressed: int, settings: Settings) -> None:
        self.compressed = max(1, compressed)
        self.settings = settings
        self.inflated = 0

    def add(self, size: int) -> None:
        """Count some bytes.

        Raises:
            LimitExceededError: There are too many, or too many for so small a file.
        """
        self.inflated += size
        most = self.settings.max_inflated_bytes
        if self.inflated > most:
            raise LimitExceededError("inflated bytes", f"over {most}", most, "IMPORT_PIPELINE_MAX_INFLATED_BYTES")
        ratio = self.settings.max_inflate_ratio
        if self.inflated > _HARMLESS and self.inflated > ratio * self.compressed:
            raise LimitExceededError(
                "an inflated size by ratio", f"over {ratio:g}", f"{ratio:g}", "IMPORT_PIPELINE_MAX_INFLATE_RATIO"
            )


def write_inflated(read: Callable[[int], bytes], target: Path, meter: Meter) -> None:
    """Copy what `read` gives to a file, counted."""
    with target.open("wb") as sink:
        while block := read(_BLOCK):
            meter.add(len(block))
            sink.write(block)
