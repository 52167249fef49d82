"""The laws that hold of a record store whatever is imported into it, with an oracle of which record a row means.

The oracle is written from the rules, in plain Python over single rows, and knows nothing of how the phases find
records: strong identifiers (`external_id`, a contact's addresses) mean the same record; weak ones (`phone`, `domain`,
the name of a company, group or source) mean it only where nothing else contradicts.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.words import Action, DuplicateStrategy
from import_pipeline_tests.trust.random_imports import File
from import_pipeline_tests.trust.sameness import REFERENCES, STRONG, Record, Row, compared, may_mean, strong_values
from import_pipeline_tests.trust.worlds import BOOKKEEPING, World

Store = dict[str, dict[str, Record]]

OF_THE_IMPORT = {"tags": ("tags", "group_tags"), "groups": ("groups",), "source": ("default_source",)}
"""Fields that change without a column, and the parts of the spec that change them."""
DERIVED = {"first_name", "last_name", "full_name"}


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
