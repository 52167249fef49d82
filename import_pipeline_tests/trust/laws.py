"""The laws that hold of a record store whatever is imported into it, with an oracle of which record a row means.

The oracle is written from the rules, in plain Python over single rows, and knows nothing of how the phases find
records: strong identifiers (`external_id`, a contact's addresses) mean the same record; weak ones (`phone`, `domain`,
the name of a company, group or source) mean it only where nothing else contradicts.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.words import Action, DuplicateStrategy
from import_pipeline_tests.trust.worlds import BOOKKEEPING, File, World

Record = dict[str, Any]
Store = dict[str, dict[str, Record]]

REFERENCES = {
    "contact": {
        "company_external_id": ("company", "external_id"),
        "source": ("source", "name"),
        "groups": ("group", "name"),
    },
    "company": {"parent_external_id": ("company", "external_id")},
}
STRONG = {
    "contact": [("external_id",), ("email", "email_2")],
    "company": [("external_id",)],
    "group": [("external_id",)],
    "source": [("external_id",)],
}
"""Fields of each record type whose values, looked at together, stand in one record only."""
WEAK = {"contact": ["phone"], "company": ["domain", "name"], "group": ["name"], "source": ["name"]}
IDENTIFYING = {
    "contact": ["external_id", "email"],
    "company": ["external_id", "domain"],
    "group": ["external_id"],
    "source": ["external_id"],
}
"""What must not differ where a record is found by a weak identifier; names are compared apart."""
OF_THE_IMPORT = {"tags": ("tags", "group_tags"), "groups": ("groups",), "source": ("default_source",)}
"""Fields that change without a column, and the parts of the spec that change them."""
DERIVED = {"first_name", "last_name", "full_name"}
FEW_LETTERS = 2
"""Names that differ in so many letters may be one name with a typing error."""


@dataclass(frozen=True)
class Row:
    """A row of a file as the oracle reads it, and what was planned for it."""

    number: int
    cells: dict[str, str]
    cleared: frozenset[str]
    action: str = ""
    record_id: str | None = None
    reason: str | None = None


def compared(name: str, value: Any) -> str | None:
    """The form in which two values of a field mean the same; None where the value says nothing."""
    text = unicodedata.normalize("NFC", str(value or "")).strip()
    if name in ("email", "email_2", "domain"):
        text = text.casefold()
    elif name == "name":
        text = " ".join(text.split()).casefold()
    elif name == "phone":
        text = "".join(re.findall(r"[0-9+]", text))
        text = text if sum(one.isdigit() for one in text) > 4 else ""
    return text or None


def strong_values(record_type: str, values: Record) -> set[tuple[str, str]]:
    """All strong identifiers of a row or record, each with the name of its kind."""
    found = ((kind[0], compared(name, values.get(name))) for kind in STRONG[record_type] for name in kind)
    return {(kind, value) for kind, value in found if value}


def _weakly_same(record_type: str, one: Record, other: Record) -> bool:
    def equal(name: str) -> bool:
        value = compared(name, one.get(name))
        return value is not None and value == compared(name, other.get(name))

    def contradicts(name: str) -> bool:
        values = {compared(name, one.get(name)), compared(name, other.get(name))}
        return None not in values and len(values) > 1

    if not any(equal(name) for name in WEAK[record_type]):
        return False
    if any(contradicts(name) for name in IDENTIFYING[record_type]):
        return False
    if record_type != "contact":
        return _compatible(one.get("name"), other.get("name"))
    pairs = zip(_names(one), _names(other), strict=True)
    companies = _compatible(one.get("company_name"), other.get("company_name"))
    return all(_compatible(mine, yours) for mine, yours in pairs) and companies


def _names(person: Record) -> tuple[str | None, str | None]:
    first, last = person.get("first_name"), person.get("last_name")
    if not first and not last and person.get("full_name"):
        first, _, last = person["full_name"].rpartition(" ")
    return first, last


def _compatible(one: str | None, other: str | None) -> bool:
    """Whether two names may be one: equal, an initial, a missing part, or a typing error."""
    one, other = (" ".join((name or "").casefold().split()) for name in (one, other))
    if not one or not other:
        return True
    shorter, longer = sorted((one.rstrip("."), other.rstrip(".")), key=len)
    return longer.startswith(shorter) or _distance(shorter, longer) <= FEW_LETTERS


def _distance(one: str, other: str) -> int:
    line = list(range(len(other) + 1))
    for place, letter in enumerate(one, start=1):
        above, line = line, [place]
        for column, counterpart in enumerate(other, start=1):
            line.append(min(above[column] + 1, line[-1] + 1, above[column - 1] + (letter != counterpart)))
    return line[-1]


def may_mean(record_type: str, row: Row, record_id: str, record: Record, rows: Iterable[Row]) -> bool:
    """Whether a row means a stored record: itself, or through other rows of the file that mean the same as it."""
    rows = list(rows)
    linked, waiting = {row.number}, [row]
    while waiting:
        one = waiting.pop()
        if one.cells.get("id") == record_id or _same(record_type, one.cells, record):
            return True
        further = [other for other in rows if other.number not in linked and _same(record_type, one.cells, other.cells)]
        linked |= {other.number for other in further}
        waiting += further
    return False


def _same(record_type: str, one: Record, other: Record) -> bool:
    both = strong_values(record_type, one) & strong_values(record_type, other)
    return bool(both) or _weakly_same(record_type, one, other)


def rows_of(world: World, file: File, spec: ImportSpec, ids: list[str], import_id: str) -> list[Row]:
    """The rows of the file that was imported last, each with what became of it."""
    planned = world.connection.execute("SELECT row_number, action, record_id, reason FROM plan").fetchall()
    by_number = {number: rest for number, *rest in planned}
    assert len(by_number) == len(planned), "a row has two lines in the plan"
    assert sorted(by_number) == list(range(1, len(file.rows) + 1)), "a line of the file is not in the plan"
    outcomes = world.connection.execute(
        "SELECT row_number FROM store.row_outcomes WHERE import_id = ? AND row_number IS NOT NULL", [import_id]
    ).fetchall()
    assert len(set(outcomes)) == len(outcomes), "a row has two outcomes"
    rows = []
    for number, texts in enumerate(file.rows, start=1):
        cells = {name: text.strip() for name, text in zip(file.columns, texts, strict=True)}
        cleared = frozenset(name for name, text in cells.items() if spec.clear_token and text == spec.clear_token)
        cells = {name: "" if name in cleared else text for name, text in cells.items()}
        if cells.get("id", "").startswith("#"):
            place = int(cells["id"][1:])
            cells["id"] = ids[place] if place < len(ids) else "rec_unknown"
        rows.append(Row(number, cells, cleared, *by_number[number]))
    return rows


def check_identifiers(store: Store) -> None:
    """No two records of a type share a strong identifier; a second address may be a family's, but nobody's first."""
    for record_type, records in store.items():
        for first, *seconds in STRONG[record_type]:
            holders: dict[str, str] = {}
            for record_id, record in records.items():
                value = compared(first, record.get(first))
                if value:
                    other = holders.setdefault(value, record_id)
                    assert other == record_id, f"{record_type}s {other} and {record_id} share {value}: {records}"
            for second in seconds:
                for record_id, record in records.items():
                    holder = holders.get(compared(second, record.get(second)) or "", record_id)
                    assert holder == record_id, f"{second} of {record_id} is {first} of {holder}: {records}"


def check_references(store: Store) -> None:
    """Every reference leads to a stored record, by its id or its key, and parents form no circle."""
    for record_type, fields in REFERENCES.items():
        for name, (target, key) in fields.items():
            known = set(store[target]) | {compared("name", one.get(key)) for one in store[target].values()}
            for record in store[record_type].values():
                for value in _listed(record.get(name)):
                    found = value in known or compared("name", value) in known
                    assert found, f"{name} {value} of a {record_type} leads nowhere: {store}"
    _check_parents(store["company"])


def _check_parents(companies: dict[str, Record]) -> None:
    by_key = {one["external_id"]: record_id for record_id, one in companies.items() if one.get("external_id")}
    for start in companies:
        seen, here = set(), start
        while here is not None:
            assert here not in seen, f"companies are above one another: {companies}"
            seen.add(here)
            parent = companies[here].get("parent_external_id")
            here = parent if parent in companies else by_key.get(parent) if parent else None


def _listed(value: Any) -> list[str]:
    if not value:
        return []
    return json.loads(value) if str(value).startswith("[") else [value]


def check_changes(before: Store, after: Store, file: File, spec: ImportSpec, rows: list[Row]) -> None:
    """Records change only by rows that mean them, and by such a row only as the strategy says."""
    kind = file.record_type
    planned = {row.record_id: row for row in rows if row.action in ("create", "update", "delete")}
    assert len(planned) == sum(row.action in ("create", "update", "delete") for row in rows), (
        "two rows write one record"
    )
    for record_type, record_id, names in _changed(before, after):
        row = planned.get(record_id) if record_type == kind else None
        if row is None:
            of_references = set(REFERENCES.get(record_type, ()))
            assert names <= of_references, f"{record_type} {record_id} changed in {names} and no row means it"
            continue
        assert row.action == "update", f"row {row} changed {record_id}"
        old, new = before[kind][record_id], after[kind][record_id]
        assert may_mean(kind, row, record_id, old, rows), f"{row} does not mean {record_id} {old}"
        for name in names - set(REFERENCES.get(kind, ())):
            _check_change(spec, row, name, old.get(name), new.get(name))
        for name in names:
            is_set = name in row.cells or name in DERIVED or _is_set_by(spec, name)
            # A replaced record has what the row has and nothing else, but for the id by which others know it.
            is_replaced = spec.duplicate_strategy is DuplicateStrategy.OVERWRITE and name not in new
            assert is_set or is_replaced, f"{name} has no column: {row}"
    _check_deletions(before[kind], after[kind], kind, spec, rows)


def _is_set_by(spec: ImportSpec, name: str) -> bool:
    return name == "extra" or any(getattr(spec, part) for part in OF_THE_IMPORT.get(name, ()))


def _changed(before: Store, after: Store) -> Iterator[tuple[str, str, set[str]]]:
    for record_type, records in after.items():
        for record_id, new in records.items():
            old = before[record_type].get(record_id)
            if old is not None and old != new:
                names = old.keys() | new.keys()
                yield record_type, record_id, {name for name in names if old.get(name) != new.get(name)}


def _check_change(spec: ImportSpec, row: Row, name: str, old: Any, new: Any) -> None:
    told = f"{name}: {old!r} became {new!r} by {row}"
    empty = (None, "", "[]")
    strategy = spec.duplicate_strategy
    assert strategy is not DuplicateStrategy.SKIP, told
    if strategy is DuplicateStrategy.FILL:
        assert old in empty, told
    if name in row.cleared and new in empty:
        return
    if strategy is DuplicateStrategy.MERGE and name not in DERIVED:
        assert old in empty or new not in empty, told
        if name == "tags":
            assert {one.casefold() for one in _listed(old)} <= {one.casefold() for one in _listed(new)}, told
        if name == "newsletter":
            assert old != "unsubscribed", told
    if name == "external_id":
        assert old is None or new is not None, told


def _check_deletions(
    before: dict[str, Record], after: dict[str, Record], kind: str, spec: ImportSpec, rows: list
) -> None:
    gone = before.keys() - after.keys()
    assert not gone or spec.action is not Action.MERGE, f"a merge deleted {gone}"
    for record_id in gone:
        own = strong_values(kind, before[record_id])
        named = [row for row in rows if row.cells.get("id") == record_id or own & strong_values(kind, row.cells)]
        if spec.action is Action.DELETE:
            assert named, f"{record_id} was deleted and no row names it: {rows}"
        else:
            doubled = [row for row in named if row.action in ("create", "unchanged")]
            assert not doubled, f"{record_id} {before[record_id]} was deleted, and {doubled} names it"


def check_laws(world: World, steps: Iterable[tuple[File, ImportSpec] | int]) -> None:
    """Take steps, each an import or the undo of the import that so many steps lie back; the laws hold after each."""
    world.empty()
    done: list[str] = []
    for step in steps:
        before = world.everything(BOOKKEEPING)
        if isinstance(step, int):
            if step >= len(done):
                continue
            world.undo(done.pop(-1 - step))
            after = world.everything(BOOKKEEPING)
        else:
            file, spec = step
            work = world.run(file, spec)
            done.append(work.import_id)
            after = world.everything(BOOKKEEPING)
            rows = rows_of(world, file, spec, sorted(before[file.record_type]), work.import_id)
            check_changes(before, after, file, spec, rows)
        check_identifiers(after)
        check_references(after)
