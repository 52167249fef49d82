"""The streams of a compound file (OLE), in which XLS workbooks are kept, after Microsoft's [MS-CFB]."""

import struct
from itertools import islice
from pathlib import Path

_SMALL = 4096
_LAST = 0xFFFFFFFA
_MOST_ENTRIES = 10_000


def stream(path: str, names: tuple[str, ...]) -> bytes:
    """The content of the first stream that has one of these names.

    Raises:
        ValueError: There is none, or the file is damaged.
    """
    content = Path(path).read_bytes()
    if len(content) < 512:
        raise ValueError("too short")
    shift, small_shift = struct.unpack_from("<2H", content, 30)
    if shift not in (9, 12) or small_shift != 6:
        raise ValueError("unknown sizes of sectors")
    size = 1 << shift
    directory, _, _, small_first, _, tables_first, _ = struct.unpack_from("<7I", content, 48)
    sectors = memoryview(content)[size:]
    parts = [one for one in struct.unpack_from("<109I", content, 76) if one < _LAST]
    most = len(content) // size + 1
    while tables_first < _LAST and len(parts) <= most:
        more = struct.unpack_from(f"<{size // 4}I", sectors, tables_first * size)
        parts += [one for one in more[:-1] if one < _LAST]
        tables_first = more[-1]
    table: list[int] = []
    for part in islice(parts, most):
        table += struct.unpack_from(f"<{size // 4}I", sectors, part * size)
    entries = _chain(sectors, table, directory, size)
    found: tuple[int, int] | None = None
    root = (0, 0)
    for place in range(0, min(len(entries), _MOST_ENTRIES * 128) - 127, 128):
        length, kind = struct.unpack_from("<HB", entries, place + 64)
        first, long = struct.unpack_from("<IQ", entries, place + 116)
        if kind == 5:
            root = (first, long)
        elif kind == 2 and entries[place : place + max(0, length - 2)].decode("utf-16-le", "replace") in names:
            found = (first, long & 0xFFFFFFFF)
            break
    if found is None:
        raise ValueError("no such stream")
    first, long = found
    if long >= _SMALL:
        return _chain(sectors, table, first, size)[:long]
    packed = _chain(sectors, table, root[0], size)
    numbers = _chain(sectors, table, small_first, size)
    small_table = list(struct.unpack(f"<{len(numbers) // 4}I", numbers))
    return _chain(memoryview(packed), small_table, first, 64)[:long]


def _chain(sectors: memoryview, table: list[int], first: int, size: int) -> bytes:
    """The sectors of a chain, joined."""
    found: list[memoryview] = []
    while first < _LAST:
        if first >= len(table) or len(found) > len(table):
            raise ValueError("a chain of sectors has no end")
        found.append(sectors[first * size : (first + 1) * size])
        first = table[first]
    return b"".join(found)
