"""What can be imported, its template files, and the values of choice fields."""

import httpx

from import_pipeline.service import queries
from import_pipeline_tests.api.serving import Served
from import_pipeline_tests.api.test_drafts import draft, patch, put
from import_pipeline_tests.api.test_previews import confirmed, counts, previewed


def test_resources_come_with_their_fields(served_local: Served) -> None:
    client = served_local.client()
    found = {one["name"]: one for one in client.get("/v1/resources")["data"]}
    assert set(found) == {"contact", "company", "group", "source"}
    assert found["contact"] == client.get("/v1/resources/contact")
    fields = {one["name"]: one for one in found["contact"]["fields"]}
    assert (fields["email"]["identifier"], fields["phone"]["identifier"], fields["city"]["identifier"]) == (
        "strong", "weak", None,
    )  # fmt: skip
    assert "lead" in fields["status"]["choices"]
    assert (fields["tags"]["is_list"], fields["email"]["is_list"]) == (True, False)
    assert client.call("GET", "/v1/resources/vehicle").status_code == 400
    assert httpx.get(f"{served_local.url}/v1/resources").status_code == 401


def test_a_template_is_imported_as_it_stands_and_the_store_has_its_samples(served_local: Served) -> None:
    for name, form in (("contact", "csv"), ("contact", "xlsx"), ("company", "xlsx"), ("group", "csv")):
        client = served_local.client()
        answer = client.call("GET", f"/v1/resources/{name}/template?format={form}")
        assert answer.is_success
        assert form in answer.headers["Content-Disposition"]
        asked = draft(client, None, resource=name)
        put(asked, answer.content)
        found = client.post(f"/v1/imports/{asked['id']}/inspection")
        assert all(one["suggestion"]["is_sure"] for one in found["columns"]), (name, form)
        assert counts(previewed(client, asked["id"])) == {"created": 2}, (name, form)
        done = confirmed(client, asked["id"])
        assert client.get(f"/v1/imports/{asked['id']}/defects")["data"] == []
        assert done["created_count"] == queries.record_count(served_local.home, name, client.organization) == 2


def test_values_of_choice_fields_are_counted_and_what_is_not_understood_is_suggested(served_local: Served) -> None:
    client = served_local.client()
    rows = ["Mail,State,News"]
    values = ["Customer"] * 3 + ["kunde"] * 2 + ["Custommer", "zzz", "", "n/a"]
    rows += [f"p{number}@example.com,{value},yes" for number, value in enumerate(values)]
    asked = draft(client, "\n".join(rows).encode())
    path = f"/v1/imports/{asked['id']}/values"
    [found] = client.post(path, {"column_mapping": {"email": "Mail", "status": "State"}})["data"]
    assert (found["column"], found["field"], found["distinct"]) == ("State", "status", 4)
    told = [(one["value"], one["count"], one["suggestion"], one["is_known"]) for one in found["values"]]
    assert told == [
        ("Customer", 3, "customer", True), ("kunde", 2, "customer", True),
        ("Custommer", 1, "customer", False), ("zzz", 1, None, False),
    ]  # fmt: skip
    assert (found["rest_values"], found["rest_rows"]) == (0, 0)
    patch(client, asked["id"], column_mapping={"email": "Mail", "newsletter": "News"})
    assert [one["field"] for one in client.post(path)["data"]] == ["newsletter"]


def test_many_values_are_told_by_their_number(served_local: Served) -> None:
    client = served_local.client()
    rows = "".join(f"p{number}@example.com,v{number % 150:03d}\n" for number in range(300))
    asked = draft(client, f"Mail,State\n{rows}".encode())
    path = f"/v1/imports/{asked['id']}/values"
    [found] = client.post(path, {"column_mapping": {"email": "Mail", "status": "State"}})["data"]
    assert (len(found["values"]), found["distinct"], found["rest_values"], found["rest_rows"]) == (100, 150, 50, 100)
    assert served_local.client().call("POST", path, {}).status_code == 404
