"""An errors file comes back mended."""

import csv
import io

from import_pipeline_tests.importing import Importing, counts


def test_a_mended_errors_file_is_imported_as_if_nothing_had_been_added(importing: Importing) -> None:
    first = importing.run("email,first_name,notes\nanna@,=Anna,'-1\nbob@example.com,Bob,\n")
    assert counts(first) == {"created": 1, "failed": 1}
    sent = importing.errors_file(first["id"])
    row = next(csv.DictReader(io.StringIO(sent)))
    assert (row["first_name"], row["notes"], row["import_row_number"]) == ("'=Anna", "''-1", "1")

    mended = importing.run(sent.replace('"anna@"', '"anna@example.com"'))

    assert counts(mended) == {"created": 1}
    assert mended["column_mapping"] == {"email": "email", "first_name": "first_name", "notes": "notes"}
    [anna] = [one for one in importing.stored() if one["email"] == "anna@example.com"]
    assert (anna["first_name"], anna["notes"]) == ("=Anna", "'-1")


def test_an_errors_file_that_fails_again_gives_an_errors_file_of_the_same_columns(importing: Importing) -> None:
    first = importing.run("email,notes\nanna@,'+1\n")
    sent = importing.errors_file(first["id"])
    again = importing.run(sent)
    assert importing.errors_file(again["id"]) == sent


def test_a_column_that_only_looks_like_one_of_the_added_is_kept(importing: Importing) -> None:
    done = importing.run("email,import_row_number\nanna@example.com,'=7\n", keep_unmapped=True)
    assert counts(done) == {"created": 1}
    assert "'=7" in importing.stored()[0]["extra"]
