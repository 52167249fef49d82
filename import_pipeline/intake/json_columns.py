"""Nested values as columns: objects are opened by dotted names, lists stay lists, lists of objects are numbered.

`{"address": {"city": "Ulm"}, "emails": [{"value": "a@example.com"}], "tags": ["a", "b"]}` has the columns
`address.city`, `emails.1.value` and `tags`.
"""

import json
from typing import Any

from import_pipeline.errors import LimitExceededError, PayloadError
from import_pipeline.intake.json_values import MOST_LEVELS, too_deep

MOST_ENTRIES = 20
"""How many objects of a list are opened."""
_NESTED = frozenset((dict, list))


class Columns:
    """The columns of records, learned one record after the other.

    Args:
        most: How many there may be.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._names: dict[str, None] = {}
        self._empty: set[str] = set()
        """Columns that hold nothing so far; they may turn out to be opened."""
        self.left_out: dict[str, int] = {}
        """Name of a list of objects → how many of its objects were not opened."""

    def learn(self, record: Any) -> None:
        """Take the columns of one record.

        Raises:
            LimitExceededError: There are too many.
            PayloadError: Two keys have one name, or a value is nested too deeply.
        """
        leaves = self.leaves(record)
        if not leaves.keys() <= self._names.keys():
            self._empty.update(name for name, value in leaves.items() if value is None and name not in self._names)
            self._names |= dict.fromkeys(leaves)
            if len(self._names) > self._most:
                raise LimitExceededError("columns", len(self._names), self._most, "IMPORT_PIPELINE_MAX_COLUMNS")
        if self._empty:
            self._empty -= {name for name in self._empty.intersection(leaves) if leaves[name] is not None}

    def names(self) -> tuple[str, ...]:
        """The columns, without those that were empty wherever they were not opened."""
        opened = {name[:place] for name in self._names for place, sign in enumerate(name) if sign == "."}
        return tuple(name for name in self._names if name not in self._empty or name not in opened)

    def leaves(self, record: Any) -> dict[str, Any]:
        """Column → value, of the values of a record that are not opened any further.

        Raises:
            PayloadError: Two keys have one name, or a value is nested too deeply.
        """
        found: dict[str, Any] = {}
        if isinstance(record, dict):
            if _NESTED.isdisjoint(map(type, record.values())):
                return record  # most records are flat
            self._open(record, "", found, 1)
        elif isinstance(record, list):
            self._open({f"Column {place}": value for place, value in enumerate(record, start=1)}, "", found, 1)
        else:
            found["value"] = record
        return found

    def _open(self, values: dict[str, Any], prefix: str, found: dict[str, Any], level: int) -> None:
        if level > MOST_LEVELS:
            raise too_deep()
        for key, value in values.items():
            name = prefix + key
            kind = value.__class__
            if kind is dict and value:
                self._open(value, f"{name}.", found, level + 1)
                continue
            if kind is list:
                kinds = {one.__class__ for one in value}
                if dict in kinds:
                    if len(value) > MOST_ENTRIES:
                        self.left_out[name] = self.left_out.get(name, 0) + len(value) - MOST_ENTRIES
                    numbered = {str(number): one for number, one in enumerate(value[:MOST_ENTRIES], start=1)}
                    self._open(numbered, f"{name}.", found, level + 1)
                    continue
                if list in kinds:
                    _refuse_depth(value, level)
            if name in found:
                raise PayloadError(f"Two keys of a JSON record are both called {name!r}. Rename one.", column=name)
            found[name] = None if kind is dict or value == [] else value


def _refuse_depth(value: list[Any], level: int) -> None:
    """Refuse lists in lists that are too deep."""
    layer: list[Any] = [value]
    while layer:
        level += 1
        if level > MOST_LEVELS:
            raise too_deep()
        layer = [
            inner
            for outer in layer
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, list | dict)
        ]


def text_of(value: Any) -> str:
    """A value as the text of a cell; a list is written as a list of texts in JSON, which fields of lists understand.

    >>> text_of(True), text_of(["a", "2", None]), text_of([])
    ('true', '["a", "2"]', '')
    """
    if isinstance(value, str):
        return str(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        texts = [text for one in value if (text := text_of(one))]
        return json.dumps(texts, ensure_ascii=False) if texts else ""
    return json.dumps(value, ensure_ascii=False)
