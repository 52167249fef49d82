"""The fast way for JSON lines: DuckDB reads flat objects, one a line, all columns as text.

DuckDB takes more for JSON than the exact reader does (NaN in any case, a comma behind the last value) and writes
numbers in its own way, so that each line is checked and numbers that it may have changed are taken from the line
itself. What is nested or broken, or could come out otherwise than by the exact reader, is left to that one.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import duckdb

from import_pipeline.intake import encoding, json_batches, json_values
from import_pipeline.intake.json_columns import text_of
from import_pipeline.sql import Parameters, exact_path, literal, quote

_REFUSALS = (
    duckdb.InvalidInputException,
    duckdb.ConversionException,
    UnicodeDecodeError,
)
_MOST_COLUMNS = 1_000
_MOST_SETS = 100_000
"""Of so many different sets of keys, lines would better be no table."""
SAMPLE_LINES = 1_000
"""Lines looked at before DuckDB reads."""
_LONGEST_LINE = 2_000_000
_NO_SPACE = (b"\x0b", b"\x0c")
"""What DuckDB's reader takes for space around a line, and JSON does not hold."""
_CHUNK_BYTES = 1 << 18
_PUNCTUATION = frozenset('"\\,:{}[].')
_IS_OBJECT = """(
    ends_with(line, '"}')
    OR (ends_with(line, '}') AND NOT (ends_with(line, ',}') OR ends_with(line, ' }') OR ends_with(line, '\t}')))
)"""
"""Whether a line ends as an object does, without a comma behind its last value, which DuckDB would take."""


@dataclass(frozen=True)
class Sample:
    """What the first lines of a file are.

    Attributes:
        encoding: The name of their encoding, which is UTF-8 or a part of it.
        names: The keys, in the order in which they come up.
        is_uniform: Whether every line has all of them.
        careful: Name → kinds of cells that stand under it and may not be what DuckDB makes of them.
        colon: What stands between a key's last character and its value, up to the colon.
    """

    encoding: str
    names: tuple[str, ...]
    is_uniform: bool
    careful: Mapping[str, Set[str]]
    colon: str


def sample_of(head: bytes, told: str | None) -> Sample | None:
    """Look at the first lines of a file; None where it is surely not for this reader.

    Args:
        head: The beginning of the file.
        told: The encoding that a person named.
    """
    name = encoding.utf8_of_head(head)
    if name is None or (told is not None and encoding.named(told).name not in ("utf-8", "utf-8-sig")):
        return None
    text = head[: head.rfind(b"\n") + 1].decode(errors="replace").lstrip(json_values.SPACE)
    lines = [line for line in text.split("\n")[:SAMPLE_LINES] if line.strip()]
    records = [json_values.value_of(line) for line in lines]
    if not records or not all(map(_is_flat, records)):
        return None
    names: dict[str, None] = {}
    careful: defaultdict[str, set[str]] = defaultdict(set)
    for record in records:
        names |= dict.fromkeys(record)
        for key, value in record.items():
            kind = _looks_other(value)
            if kind is not None:
                careful[key].add(kind)
    first = next(iter(names), "")
    return Sample(
        encoding.named(told).name if told else name,
        tuple(names),
        all(len(record) == len(names) for record in records),
        careful,
        '" :' if f'"{first}" :' in lines[0] else '":',
    )


def _is_flat(record: object) -> bool:
    return isinstance(record, dict) and not any(isinstance(value, dict | list) for value in record.values())


def _looks_other(value: object) -> str | None:
    """The kind of `_KINDS` that a value of the sample is of, as far as it can be told quickly."""
    if value == "":
        return "empty"
    text = text_of(value)
    if text[:1] in _SIGNS and (text == "0" or "." in text or "e" in text):
        return "number"
    return None


def _is_constant(column: str) -> str:
    return f"strlen({column}) IN (3, 4, 8, 9) AND ltrim(lower({column}), '-') IN ('nan', 'inf', 'infinity')"


_SIGNS = tuple("-0123456789")
_KINDS: dict[str, Callable[[str], str]] = {
    "empty": "{0} < chr(1) AND strlen({0}) = 0".format,
    "number": lambda column: (
        f"{column} >= '-' AND {column} < ':' AND ({column} = '0' OR contains({column}, '.') OR contains({column}, 'e'))"
    ),
    "constant": lambda column: f"{column} >= 'I' AND {column} < 'o' AND {_is_constant(column)}",
    "negative constant": lambda column: f"{column} >= '-' AND {column} < '.' AND {_is_constant(column)}",
    "list": f"{{0}} >= '[' AND {{0}} < '{chr(ord('[') + 1)}'".format,
    "object": "{0} >= '{{' AND {0} < '|'".format,
}
"""Kind → condition that a cell is met by if it may not be what the exact reader reads; every such cell is of a kind.

DuckDB writes a number of its own with a point or an exponent, -0 as 0, and what is nested as JSON; NaN and Infinity are
no texts. Each condition is a range, by which DuckDB passes over many blocks of rows, and what is so in it; a mere
comparison with the empty text would be looked for in all of them.
"""


class FlatLines:
    """A file of JSON lines that begins with flat objects.

    Args:
        connection: The workspace.
        path: The file, in UTF-8 without a byte order mark.
        sample: Its first lines.
        longest: How many bytes a line may have.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, sample: Sample, longest: int) -> None:
        self.connection = connection
        self.path = path
        self.sample = sample
        self.longest = min(_LONGEST_LINE, longest)

    def read(self, most_columns: int) -> tuple[str, ...] | None:
        """Fill `source_text`.

        Returns:
            The columns; None, with no table left, where the file is one for the exact reader.
        """
        if _holds(self.path, _NO_SPACE):
            return None
        for is_uniform in (True, False) if self.sample.is_uniform else (False,):
            try:
                names = self.sample.names if is_uniform else self._keys()
                if _can_be_read(names, min(most_columns, _MOST_COLUMNS)):
                    self._load(names, is_uniform=is_uniform)
                    return names
            except _REFUSALS:
                continue
        return None

    def _keys(self) -> tuple[str, ...]:
        """The keys of all lines, in the order in which they come up; none where they are no columns."""
        bind = Parameters()
        found = self.connection.execute(
            f"""
            SELECT json_keys(line) AS keys, min(number) AS first
            FROM (SELECT line, row_number() OVER () AS number FROM {self._lines(bind)})
            GROUP BY keys
            ORDER BY first
            LIMIT {_MOST_SETS}
            """,
            bind,
        ).fetchall()
        if len(found) == _MOST_SETS or any(len(set(keys)) < len(keys) for keys, _ in found):
            return ()
        return tuple(dict.fromkeys(key for keys, _ in found for key in keys))

    def _load(self, names: Sequence[str], *, is_uniform: bool) -> None:
        careful = [set(self.sample.careful.get(name, ())) for name in names]
        self._create(names, careful, is_uniform=is_uniform)
        others = [self._others(place, kinds) for place, kinds in enumerate(careful)]
        if any(others):
            self.connection.execute("DROP TABLE source_text")
            both = [one | other for one, other in zip(careful, others, strict=True)]
            self._create(names, both, is_uniform=is_uniform)

    def _others(self, place: int, kinds: Set[str]) -> set[str]:
        """The kinds of which a column of `source_text` has cells, besides those that were looked after."""
        column = quote(f"c{place + 1}")
        return {
            kind
            for kind, condition in _KINDS.items()
            if kind not in kinds
            and self.connection.execute(f"SELECT 1 FROM source_text WHERE {condition(column)} LIMIT 1").fetchone()
        }

    def _create(self, names: Sequence[str], careful: Sequence[Set[str]], *, is_uniform: bool) -> None:
        bind = Parameters()
        columns = [quote(f"c{place + 1}") for place in range(len(names))]
        cells = [
            f"{self._exact(column, name, kinds)} AS {column}" if kinds else column
            for column, name, kinds in zip(columns, names, careful, strict=True)
        ]
        # what an object has besides the columns, or has not, or has twice, is refused by this cast, and by no other
        structure = ", ".join(f"{quote(name)} VARCHAR" for name in names)
        read = f"CAST(line AS STRUCT({structure}))" if is_uniform else f"json_transform(line, {_shape(names)})"
        self.connection.execute(
            f"""
            CREATE TABLE source_text AS
            SELECT {", ".join(cells)}
            FROM (
                SELECT line, unnest({read})
                FROM {self._lines(bind)}
                WHERE
                    CASE
                        WHEN strlen(line) <= {bind.bind(self.longest)} AND starts_with(line, '{{') AND {_IS_OBJECT}
                        THEN true
                        ELSE error('another kind of line')
                    END
            ) AS read(line, {", ".join(columns)})
            """,
            bind,
        )

    def _lines(self, bind: Parameters) -> str:
        return f"""(
            SELECT json AS line
            FROM read_ndjson_objects(
                {bind.bind(exact_path(self.path))},
                compression = 'uncompressed',
                hive_partitioning = false,
                maximum_object_size = {bind.bind(json_batches.bytes_at_once(self.connection, self.path))}
            )
        )"""

    def _exact(self, column: str, name: str, kinds: Set[str]) -> str:
        """A cell as the exact reader has it: a number as it stands in the line, behind its key.

        A quote, the key and a quote with a colon stand there only once, as no key has signs of JSON in it.
        """
        begin = literal(f'"{name}{self.sample.colon}')
        is_text = " OR ".join(f"contains(line, {begin} || {literal(sign)})" for sign in ('"', ' "'))
        number = f"regexp_extract(split_part(line, {begin}, 2), '^ ?(-?[0-9][-+.0-9eE]*)', 1)"
        others = " OR ".join(f"({_KINDS[kind](column)})" for kind in sorted(kinds - {"empty"}))
        value = f"coalesce(nullif({number}, ''), error('another kind of value'))"
        cases = [f"WHEN {others} THEN CASE WHEN {is_text} THEN {column} ELSE {value} END"] if others else []
        if "empty" in kinds:
            cases.append(f"WHEN {_KINDS['empty'](column)} THEN NULL")
        return f"CASE {' '.join(cases)} ELSE {column} END"


def _shape(names: Sequence[str]) -> str:
    """An object of texts, as `json_transform` is told of it."""
    return literal(json.dumps(dict.fromkeys(names, "VARCHAR"), ensure_ascii=False))


def _holds(path: Path, signs: Sequence[bytes]) -> bool:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            if any(sign in chunk for sign in signs):
                return True
    return False


def _can_be_read(names: Sequence[str], most: int) -> bool:
    """Whether names are told apart by DuckDB, and their places in a line by their quotes."""
    return (
        0 < len(names) <= most
        and len({name.lower() for name in names}) == len(names)
        and all(name and name.isprintable() and _PUNCTUATION.isdisjoint(name) for name in names)
    )
