"""What is fetched of stored records before they change: every value, though most columns of a store hold nothing."""

from import_pipeline.phases.before_images import _WORTH_ROWS
from import_pipeline.service import queries, undoing
from import_pipeline.service.store_checking import check_stores
from import_pipeline_tests.importing import Importing, counts

FIRST = "External ID,First name,Notes,Tags\n" + "".join(f"{n},Ada,,\n" for n in range(1, _WORTH_ROWS)) + "0,Bob,odd,a\n"
SECOND = "External ID,First name,City\n" + "".join(f"{n},Eva,Oslo\n" for n in range(_WORTH_ROWS))


def test_records_keep_what_a_row_does_not_name_though_most_columns_hold_nothing(importing: Importing):
    importing.run(FIRST)
    before = sorted(map(str, queries.records(importing.home, "contact", "default", None)))
    done = importing.run(SECOND)
    assert counts(done)["updated"] == _WORTH_ROWS
    [odd] = [one for one in importing.stored() if one["external_id"] == "0"]
    assert odd == {"external_id": "0", "first_name": "Eva", "city": "Oslo", "notes": "odd", "tags": ["a"]}
    assert all(checked.is_right for checked in check_stores(importing.home, "default"))
    undoing.undo(importing.home, done["id"])
    assert sorted(map(str, queries.records(importing.home, "contact", "default", None))) == before
