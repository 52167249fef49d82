"""Throw broken files at intake for a while: whatever comes, each is read or refused by name, never a traceback.

    python import_pipeline_tests/benchmarks/fuzz_intake.py --seconds 60 [--seed 1] [--keep FOLDER]

Files are made of random tables in random dialects and formats, then cut, joined, flipped and spliced. A find is kept
as a file in FOLDER (by default the regressions of the tests, which replay every file there).
"""

import argparse
import gzip
import hashlib
import json
import random
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from import_pipeline.errors import PayloadError  # noqa: E402
from import_pipeline.intake import read_payload  # noqa: E402
from import_pipeline.run_config.spec import ReadOptions  # noqa: E402
from import_pipeline.settings import Settings  # noqa: E402
from import_pipeline_tests.intake.workbooks import ods, xls, xlsx  # noqa: E402

REGRESSIONS = ROOT / "import_pipeline_tests" / "intake" / "regressions"
LIMITS = Settings(max_inflated_bytes=50_000_000, parse_seconds=20, max_cell_bytes=1_000_000, max_columns=500)
PIECES = [
    b'"',
    b"'",
    b",",
    b";",
    b"\t",
    b"|",
    b" ",
    b"\n",
    b"\r",
    b"\r\n",
    b"\\",
    b"\x00",
    b"\xff",
    b"\xc3",
    b'""',
    b"\xef\xbb\xbf",
]
CELLS = ["", "a", "Ada Lovelace", "12", "3.5", "2020-01-31", 'x "y"', "two\nlines", "Größe", "名前", "a,b;c", "=1+1"]


def make(chance: random.Random) -> bytes:
    """A sound file of some format."""
    width = chance.randint(1, 6)
    rows = [[chance.choice(CELLS) for _ in range(width)] for _ in range(chance.randint(0, 12))]
    kind = chance.randrange(11)
    if kind == 0:
        return xlsx({"S": [["a"] * width, *rows]})
    if kind == 1:
        return ods({"S": [["a"] * width, *rows]})
    if kind == 10:
        return xls({"S": [["a"] * width, *rows]})
    if kind == 2:
        return json.dumps([dict(enumerate(row)) for row in rows]).encode()
    if kind == 3:
        return b"\n".join(json.dumps(row).encode() for row in rows)
    delimiter, quote = chance.choice([",", ";", "\t", "|", " ", ", ", "||"]), chance.choice(['"', "'"])
    end = chance.choice(["\n", "\r\n", "\r"])
    lines = [delimiter.join(quote + cell.replace(quote, quote * 2) + quote for cell in row) for row in rows]
    content = end.join(["x" * width, *lines]).encode(
        chance.choice(["utf-8", "utf-16", "utf-8-sig", "gb18030"]), "replace"
    )
    return gzip.compress(content) if kind == 4 else content


def broken(content: bytes, chance: random.Random) -> bytes:
    """The same file with a few things wrong."""
    found = bytearray(content)
    for _ in range(chance.randint(0, 6)):
        at = chance.randint(0, len(found))
        match chance.randrange(5):
            case 0:
                found[at:at] = chance.choice(PIECES) * chance.choice([1, 1, 2, 50])
            case 1:
                del found[at : at + chance.randint(1, 20)]
            case 2:
                found[at:at] = found[chance.randint(0, at) : at]
            case 3 if at < len(found):
                found[at] ^= 1 << chance.randrange(8)
            case _:
                found[at:at] = make(chance)
    return bytes(found)


def check(content: bytes, folder: Path) -> int:
    """Read a file as an import does; every row must have its number.

    Returns:
        How many rows it has; -1 if it was refused in words.
    """
    path = folder / "payload"
    path.write_bytes(content)
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        connection.execute("SET allowed_paths = $paths", {"paths": [str(path), f"{path}.utf8"]})
        connection.execute("SET enable_external_access = false")
        try:
            found = read_payload(connection, path, ReadOptions(), LIMITS)
        except PayloadError as error:
            return -1 if error.message else 0
        numbers = connection.execute("SELECT count(*), min(row_number), max(row_number) FROM source_rows").fetchone()
        outside = connection.execute(
            "SELECT count(*) FROM defects WHERE row_number NOT BETWEEN 1 AND $rows", {"rows": found.total_rows}
        ).fetchone()
    assert numbers == (found.total_rows, 1, found.total_rows), numbers
    assert outside == (0,), "a defect of a row that is not there"
    return found.total_rows


def main() -> int:
    """Fuzz for some seconds; 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--keep", type=Path, default=REGRESSIONS)
    told = parser.parse_args()
    chance = random.Random(told.seed)
    until = time.monotonic() + told.seconds
    files = refused = finds = 0
    with TemporaryDirectory() as folder:
        while time.monotonic() < until:
            content = broken(make(chance), chance)
            files += 1
            try:
                refused += check(content, Path(folder)) < 0
            except Exception as error:  # whatever is raised is a find, and the next file follows
                finds += 1
                told.keep.mkdir(parents=True, exist_ok=True)
                name = hashlib.sha256(content).hexdigest()[:12]
                (told.keep / name).write_bytes(content)
                print(f"{name}: {type(error).__name__}: {str(error)[:200]}")
    print(f"seed {told.seed}: {files} files, {refused} refused in words, {finds} finds")
    return 1 if finds else 0


if __name__ == "__main__":
    raise SystemExit(main())
