"""What is exported comes back: unchanged into the same organization, and as the same records into an empty one."""

import csv
import io
import itertools
import json
import string
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from import_pipeline.service import queries
from import_pipeline.settings import Settings
from import_pipeline_tests.examples import examples
from import_pipeline_tests.importing import INTERNAL, Importing, counts

_ODD = "'\"=+-@,;|\t\n[]{}()\\#*/:.%&<> 019Ee\u00e9e\u0301\u00df\u00a0\uff1d\u4e2d\U0001f600" + string.ascii_letters
TEXTS = st.one_of(
    st.just(""),
    st.text(alphabet=_ODD, max_size=12),
    st.sampled_from(
        ["=SUM(A1)", "-minus", "@at", "+49", "'Jon'", "''=x", "0E12", "007", "1.234", "NULL", "nan", "true"]
    ),
)
LISTS = st.lists(
    st.one_of(
        st.sampled_from(["food, drink", "wine; beer", 'say "so"', '["a"]', "[]", "{}", "a|b", "plain"]),
        st.text(alphabet=_ODD, min_size=1, max_size=6),
    ),
    max_size=3,
)
CONTACTS = st.lists(
    st.fixed_dictionaries(
        {
            "first_name": TEXTS,
            "last_name": TEXTS,
            "full_name": TEXTS,
            "job_title": TEXTS,
            "city": TEXTS,
            "notes": TEXTS,
            "postal_code": TEXTS,
            "source": TEXTS,
            "Badge": TEXTS,
            "company_external_id": st.sampled_from(["", "K-1", "=K-2"]),
            "date_of_birth": st.sampled_from(["", "1980-01-02", "1990-12-11"]),
            "status": st.sampled_from(["", "lead", "unsubscribed"]),
            "newsletter": st.sampled_from(["", "yes", "unsubscribed"]),
            "tags": LISTS,
            "groups": LISTS,
        }
    ),
    min_size=1,
    max_size=8,
)


def as_csv(rows: list[dict[str, Any]]) -> str:
    """Rows as CSV with all cells quoted; lists as JSON."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), quoting=csv.QUOTE_ALL)
    writer.writeheader()
    for row in rows:
        writer.writerow({name: json.dumps(value) if isinstance(value, list) else value for name, value in row.items()})
    return text.getvalue()


def exported(importing: Importing, record_type: str, folder: Path, organization: str = "default") -> str:
    """The export of all records of a type."""
    path = folder / f"{organization}_{record_type}.csv"
    queries.write_records_csv(importing.home, record_type, organization, path)
    return path.read_text(encoding="utf-8")


def without_books(records: list[dict[str, Any]], *kept: str) -> list[dict[str, Any]]:
    """Records without what the store itself keeps of them, in an order of their own."""
    plain = [{name: value for name, value in one.items() if name in kept or name not in INTERNAL} for one in records]
    return sorted(plain, key=lambda one: json.dumps(one, default=str, sort_keys=True))


def records_of(importing: Importing, record_type: str, organization: str = "default") -> list[dict[str, Any]]:
    """All stored records of a type."""
    return queries.records(importing.home, record_type, organization, limit=None)


NUMBERS = itertools.count(1)  # of the examples: each has organizations of its own


@examples(2, shrink=False)  # an example takes two dozen imports
@given(contacts=CONTACTS, strategy=st.sampled_from(["merge", "overwrite", "fill"]), keep_ids=st.booleans())
def check_that_exports_come_back(
    folder: Path, settings: Settings, contacts: list[dict[str, Any]], strategy: str, keep_ids: bool
) -> None:
    """Fill an organization, export it, import the export where it came from and into an empty organization."""
    number = next(NUMBERS)
    here, there = f"here{number}", f"there{number}"
    importing = Importing(settings, folder)
    companies = [{"external_id": "K-1", "name": "Vega", "tags": ["a, b"]}, {"external_id": "=K-2", "name": "=Rigel"}]
    importing.run(as_csv([{"tags": [], **one} for one in companies]), "company", organization=here)
    rows = [{"external_id": f"P{place}", "email": f"p{place}@example.com", **row} for place, row in enumerate(contacts)]
    importing.run(as_csv(rows), organization=here, keep_unmapped=True)
    stored = {name: records_of(importing, name, here) for name in ("source", "group", "company", "contact")}
    for name, records in stored.items():
        text = exported(importing, name, folder, here)
        if not records:
            continue
        action = "overwrite" if strategy == "overwrite" else "merge"
        again = importing.run(
            text, name, organization=here, action=action, duplicate_strategy=strategy, keep_unmapped=keep_ids
        )
        assert (again["status"], counts(again)) == ("completed", {"unchanged": len(records)}), (name, strategy)
        moved = importing.run(text, name, organization=there, keep_ids=keep_ids)
        assert counts(moved) == {"created": len(records)}, name
    kept = ("id",) if keep_ids else ()
    for name, records in stored.items():
        assert records_of(importing, name, here) == records
        assert without_books(records_of(importing, name, there), *kept) == without_books(records, *kept)


def test_an_export_comes_back_unchanged_and_gives_the_same_records_elsewhere(
    settings: Settings, tmp_path: Path
) -> None:
    check_that_exports_come_back(tmp_path, settings)
