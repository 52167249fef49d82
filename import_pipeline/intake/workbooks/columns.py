"""A plain sheet read by columns: names in its first row, and in each column below them cells of one kind alone.

The columns go to a file as they lie in memory, in the layout of Arrow; `intake.sheet_columns` makes arrays of them.
The buffers are taken by Arrow's C data interface (https://arrow.apache.org/docs/format/CDataInterface.html), since
loading pyarrow would take this process longer than most sheets do.
"""

import ctypes
import re
from typing import IO, Any

KINDS = {"g": "number", "b": "truth", "tsm:": "moment", "u": "text", "U": "long text"}
"""Arrow's format → what a column holds."""
_TEXTS = ("text", "long text")
_BLOCK = 1 << 20
_COUNTED = re.compile(r"(.*)_\d+")
_ALIGNED = 64


class _Schema(ctypes.Structure):
    pass


_Schema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_char_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(_Schema))),
]


class _Array(ctypes.Structure):
    pass


_Array._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(_Array))),
]


def write_columns(path: str, part: str, target: str) -> dict[str, Any] | None:
    """Write the columns of the only sheet of a workbook.

    Args:
        path: The workbook.
        part: The part of it that holds the sheet.
        target: Where the columns go.

    Returns:
        The sheet's name, whether it is hidden, its names and its columns (kind, rows, and where in the file each of
        Arrow's buffers lies); None where the sheet is not so plain.
    """
    from fastexcel import FastExcelError, read_excel

    try:
        reader = read_excel(path)
        if len(reader.sheet_names) != 1:
            return None
        sheet = reader.load_sheet(0, header_row=0, schema_sample_rows=None, dtype_coercion="strict")
    except FastExcelError:
        return None
    names = ["" if one.column_name_from == "generated" else one.name for one in sheet.selected_columns]
    if any(found and found[1] in names for found in map(_COUNTED.fullmatch, names)):
        return None  # a name that comes again gets a number there
    schema_capsule, array_capsule = sheet.__arrow_c_array__()
    schema = ctypes.cast(_pointer(schema_capsule, b"arrow_schema"), ctypes.POINTER(_Schema)).contents
    array = ctypes.cast(_pointer(array_capsule, b"arrow_array"), ctypes.POINTER(_Array)).contents
    arrays = [array.children[place].contents for place in range(array.n_children)]
    kinds = [KINDS.get(schema.children[place].contents.format.decode()) for place in range(array.n_children)]
    if None in kinds or len(kinds) != len(names) or array.offset:
        return None
    may_lack = any(one.null_count and kind not in _TEXTS for kind, one in zip(kinds, arrays, strict=True))
    if may_lack or "truth" in kinds:
        cells = sum(map(bool, names)) + sum(one.length - one.null_count for one in arrays)
        if not _has_as_many(path, part, cells):
            return None
    with open(target, "wb") as sink:  # noqa: PTH123
        columns = [_written(sink, kind or "", one) for kind, one in zip(kinds, arrays, strict=True)]
    if None in columns:
        return None
    return {"name": sheet.name, "hidden": sheet.visible != "visible", "names": names, "columns": columns}


def _has_as_many(path: str, part: str, cells: int) -> bool:
    """Whether a sheet has so many cells with a value, and none of yes or no that is written otherwise than 1 or 0.

    In a column that is no text, fastexcel passes over texts like N/A and days that no calendar has.
    """
    import zipfile  # which few sheets need

    with zipfile.ZipFile(path) as archive, archive.open(part) as source:
        tail = b""
        while block := source.read(_BLOCK):
            tail += block
            end = max(tail.rfind(b"</c>"), 0)
            whole, tail = tail[:end], tail[end:]
            cells -= whole.count(b"</v>") + whole.count(b"</is>")
            if whole.count(b't="b"') != whole.count(b't="b"><v>1</v>') + whole.count(b't="b"><v>0</v>'):
                return False
    return cells == 0


def _pointer(capsule: object, name: bytes) -> int:
    get = ctypes.pythonapi.PyCapsule_GetPointer
    get.restype, get.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    return get(capsule, name)


def _written(sink: IO[bytes], kind: str, array: _Array) -> dict[str, Any] | None:
    """Write the buffers of a column; None where they are not laid out plainly."""
    if array.offset:
        return None
    rows = array.length
    sizes = [(rows + 7) // 8]
    match kind:
        case "truth":
            sizes.append((rows + 7) // 8)
        case "number" | "moment":
            sizes.append(rows * 8)
        case _:
            whole = ctypes.c_int32 if kind == "text" else ctypes.c_int64
            begins = ctypes.cast(array.buffers[1] or 0, ctypes.POINTER(whole))
            sizes += [(rows + 1) * ctypes.sizeof(whole), begins[rows]]
    buffers: list[tuple[int, int] | None] = []
    for place, size in enumerate(sizes):
        address = array.buffers[place]
        if not address and place:
            return None
        if not address or (place == 0 and not array.null_count):
            buffers.append(None)
            continue
        sink.write(bytes(-sink.tell() % _ALIGNED))
        buffers.append((sink.tell(), size))
        sink.write((ctypes.c_char * size).from_address(address))
    return {"kind": kind, "rows": rows, "buffers": buffers}
