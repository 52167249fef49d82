"""Random stores, files and specs: few values, so that rows meet records and one another."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.words import (
    Action,
    DuplicateHandling,
    DuplicateStrategy,
    InvalidData,
    OnPossibleDuplicate,
    OnReferenced,
)

# Few values, so that rows meet records and one another; some of them are wrong.
CELLS = {
    "contact": {
        "external_id": ["", "1", "2", "3", " 2 ", "-"],
        "email": ["", "a@example.com", "A@Example.com", "b@example.com", "c@example.com", "no address", "-"],
        "email_2": ["", "a@example.com", "C@example.com", "d@example.com", "-"],
        "phone": ["", "+1 555 0100", "15550100", "555-0101", "12", "-"],
        "first_name": ["", "Ann", "Bob", "A.", "-"],
        "last_name": ["", "Lee", "Moore"],
        "full_name": ["", "Cyd Lee"],
        "date_of_birth": ["", "1990-01-02", "1990-02-30"],
        "status": ["", "lead", "Kunde", "?"],
        "newsletter": ["", "yes", "unsubscribed"],
        "tags": ["", "red", "red;Blue;RED", " ; ", "-"],
        "groups": ["", "Team", "team;All", "Other", "-"],
        "source": ["", "Fair", "web"],
        "company_external_id": ["", "c1", "c2"],
        "company_name": ["", "Acme"],
        "Shoe size": ["", "38"],
    },
    "company": {
        "external_id": ["", "1", "2", "3", "4"],
        "domain": ["", "a.example.com", "A.example.com", "b.example.com", "not a domain"],
        "name": ["", "Acme", "ACME ", "Other  Ltd", "Other Ltd"],
        "employees": ["", "5", "five"],
        "parent_external_id": ["", "1", "2", "9", "-"],
        "tags": ["", "x;y"],
    },
    "group": {
        "external_id": ["", "1", "2", "3"],
        "name": ["", "Team", "TEAM", "All", "Other"],
        "kind": ["", "list", "-"],
    },
    "source": {
        "external_id": ["", "1", "2"],
        "name": ["", "Fair", "fair", "Web"],
        "kind": ["", "event"],
    },
}


CLEAR_TOKEN = "-"


_WRONG = {"no address", "12", "not a domain", "five"}


_RELATED = {
    "email_2", "first_name", "last_name", "newsletter", "tags", "groups", "source", "company_external_id",
    "company_name", "parent_external_id", "kind", "employees",
}  # fmt: skip


MANDATORY = {
    "contact": ("external_id", "email", "phone"),
    "company": ("external_id", "domain", "name"),
    "group": ("external_id", "name"),
    "source": ("external_id", "name"),
}


@dataclass(frozen=True)
class File:
    """A file of one record type: its columns and rows of texts; ids are written `#n`, the nth stored record."""

    record_type: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@st.composite
def files(draw: st.DrawFn, record_type: str, most: int = 6, dense: bool = False) -> File:
    """A file of a few rows, in which rows may fail, repeat one another and name ids; a dense one meets others often."""
    cells = CELLS[record_type]
    columns = draw(st.lists(st.sampled_from(list(cells)), unique=True, min_size=1, max_size=3 if dense else 6))
    if not set(columns) & set(MANDATORY[record_type]):
        columns.append(draw(st.sampled_from(MANDATORY[record_type])))
    if dense:
        columns = ["external_id", *(column for column in columns if column != "external_id")]
    values = [st.sampled_from(cells[column]) for column in columns]
    if dense:
        values[0] = st.sampled_from(["1", "2", "3"])
    if draw(st.integers(0, 4)) == 0:
        columns.append("id")
        values.append(st.sampled_from(["", "", "#0", "#1", "#2", "rec_unknown"]))
    cells_of_row = st.tuples(*values)
    if dense:
        rows = draw(st.lists(cells_of_row, min_size=2, max_size=3, unique_by=lambda row: row[0]))
    else:
        rows = draw(st.lists(cells_of_row, min_size=1, max_size=most))
    return File(record_type, tuple(columns), tuple(rows))


@st.composite
def specs(draw: st.DrawFn, file: File) -> ImportSpec:
    """What could be asked of a file: all actions, strategies and handlings, tags, groups, references."""
    contact = file.record_type == "contact"
    given: dict[str, Any] = {
        "record_type": file.record_type,
        "action": draw(st.sampled_from(list(Action))),
        "duplicate_strategy": draw(st.sampled_from(list(DuplicateStrategy))),
        "duplicate_handling": draw(st.sampled_from(list(DuplicateHandling))),
        "invalid_data": draw(st.sampled_from([InvalidData.REMOVE_ROWS, InvalidData.NULL_CELLS])),
        "tag_delimiter": draw(st.sampled_from([None, ";"])),
        "keep_unmapped": draw(st.booleans()),
        "confirm_deletions": True,
        "create_missing": draw(st.sampled_from([(), ("group", "source"), ("company", "group", "source")])),
        "tags": draw(st.sampled_from([(), ("fair",)])) if contact else (),
        "groups": draw(st.sampled_from([(), ("Team",)])) if contact else (),
        "group_tags": draw(st.sampled_from([{}, {"Team": ("pal",)}])) if contact else {},
        "default_source": draw(st.sampled_from([None, "Web"])) if contact else None,
        "column_mapping": {name: name for name in file.columns if name != "Shoe size"},
        "clear_token": draw(st.sampled_from([None, CLEAR_TOKEN])),
        "on_referenced": draw(st.sampled_from(list(OnReferenced))),
        "on_possible_duplicate": draw(st.sampled_from(list(OnPossibleDuplicate))),
    }
    identifiers = [name for name in MANDATORY[file.record_type] if name in file.columns]
    if len(identifiers) > 1 and draw(st.integers(0, 3)) == 0:
        given["match_by"] = draw(st.sampled_from([(name,) for name in identifiers] + [tuple(reversed(identifiers))]))
    if given["action"] is Action.DELETE and not {"id", "external_id"} & set(file.columns):
        given["action"] = Action.MERGE
    if contact and given["groups"] and draw(st.integers(0, 3)) == 0:
        given["import_by_group"] = True
    if "status" in file.columns and draw(st.booleans()):
        given["value_mappings"] = {"status": {"Kunde": "customer"}}
    return ImportSpec(**given)


@st.composite
def imports(draw: st.DrawFn, record_type: str | None = None, dense: bool = False) -> tuple[File, ImportSpec]:
    """A file with what is asked of it."""
    some = st.sampled_from(["contact", "contact", "contact", "company", "company", "group", "source"])
    file = draw(files(record_type or draw(some), dense=dense))
    return file, draw(specs(file))


@st.composite
def successive_imports(draw: st.DrawFn) -> tuple[tuple[File, ImportSpec], tuple[File, ImportSpec]]:
    """Two imports of one record type that often mean the same records."""
    record_type = draw(st.sampled_from(["contact", "company"]))
    return draw(imports(record_type, dense=True)), draw(imports(record_type, dense=True))


@st.composite
def good_files(draw: st.DrawFn, record_type: str) -> File:
    """A file whose rows are right each by itself, full of identifiers: rows meet records and one another."""
    cells = CELLS[record_type]
    wanted = [name for name in cells if name in MANDATORY[record_type] or name in _RELATED]
    columns = draw(st.lists(st.sampled_from(wanted), unique=True, min_size=2, max_size=4))
    columns += [name for name in MANDATORY[record_type] if name not in columns and draw(st.integers(0, 2))]
    if not set(columns) & set(MANDATORY[record_type]):
        columns.append(MANDATORY[record_type][-1])
    no_clearing = {*MANDATORY[record_type], "email_2", "company_external_id", "parent_external_id"}
    values = [
        st.sampled_from(
            [one for one in cells[name] if one not in _WRONG and not (one == CLEAR_TOKEN and name in no_clearing)]
        )
        for name in columns
    ]
    rows = draw(st.lists(st.tuples(*values), min_size=2, max_size=4))
    return File(record_type, tuple(columns), tuple(rows))


@st.composite
def good_imports(draw: st.DrawFn, record_type: str) -> tuple[File, ImportSpec]:
    """A file of good rows with what is asked of it, most often that its records be created and updated."""
    file = draw(good_files(record_type))
    spec = draw(specs(file))
    if draw(st.integers(0, 3)):
        spec = spec.replaced(action=Action.MERGE, import_by_group=False)
    if spec.duplicate_strategy is DuplicateStrategy.SKIP:
        spec = spec.replaced(duplicate_strategy=DuplicateStrategy.MERGE)
    if draw(st.integers(0, 3)):
        spec = spec.replaced(create_missing=frozenset({"company", "group", "source"}))
    if draw(st.booleans()):
        spec = spec.replaced(duplicate_handling=DuplicateHandling.USE_FIRST)
    return file, spec


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[File, ImportSpec] | int]:
    """What happens to a store one after the other: imports, most of one record type, and undos of earlier ones."""
    usual = draw(st.sampled_from(["contact", "contact", "company", "group"]))
    kinds = st.sampled_from([usual, usual, usual, "contact", "company", "group", "source"])
    step = st.one_of(*[kinds.flatmap(good_imports)] * 4, imports(), st.integers(0, 1))
    return [draw(good_imports(usual)), *draw(st.lists(step, min_size=2, max_size=5))]


@st.composite
def records(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """What a store may hold before an import: some contacts, companies, groups and sources, by table."""
    some = st.sampled_from
    return {
        "contacts": draw(
            st.lists(
                st.fixed_dictionaries(
                    {},
                    optional={
                        "external_id": some(["1", "2", "3"]),
                        "email": some(["a@example.com", "B@example.com", "c@example.com"]),
                        "email_2": some(["c@example.com", "d@example.com"]),
                        "phone": some(["+1 555 0100", "555-0101"]),
                        "first_name": some(["Ann", "Bob"]),
                        "status": some(["lead", "customer"]),
                        "newsletter": some(["yes", "unsubscribed"]),
                        "tags": some([[], ["red"], ["blue", "red"]]),
                        "groups": some([["Team"], ["All", "team"]]),
                        "company_external_id": some(["c1", "c2"]),
                        "extra": some(['{"Shoe size":"40"}', '{"Hat":"7"}']),
                    },
                ),
                max_size=4,
            )
        ),
        "companies": draw(
            st.lists(
                st.fixed_dictionaries(
                    {},
                    optional={
                        "external_id": some(["1", "2", "c1", "9"]),
                        "domain": some(["a.example.com", "c.example.com"]),
                        "name": some(["Acme", "other ltd", "Third"]),
                        "employees": some([5, 6]),
                        "parent_external_id": some(["1", "9"]),
                    },
                ),
                max_size=3,
            )
        ),
        "groups": draw(st.lists(st.fixed_dictionaries({"name": some(["Team", "All"])}), max_size=1)),
        "sources": draw(st.lists(st.fixed_dictionaries({"name": some(["Fair", "WEB"])}), max_size=1)),
    }
