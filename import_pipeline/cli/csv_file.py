"""Writing the CSV file that a person names: whole, or not at all."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from import_pipeline.errors import MisuseError


@contextmanager
def written_whole(target: Path) -> Iterator[Path]:
    """Give a path beside the target that takes its place when the block ends well.

    Raises:
        MisuseError: The target cannot be a file.
    """
    target = target.expanduser().absolute()
    if not target.parent.is_dir():
        raise MisuseError(f"There is no folder {str(target.parent)!r}. Make it, or choose another place.")
    if target.is_dir():
        raise MisuseError(f"{str(target)!r} is a folder. Name a file in it.")
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        part.touch(exist_ok=False)
        yield part
        part.replace(target)
    except BaseException:  # an interruption, too, leaves no half file
        part.unlink(missing_ok=True)
        raise
