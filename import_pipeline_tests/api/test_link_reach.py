"""How far a session reaches that came of a link to one import: walked over all calls that there are."""

import re

import httpx
import pytest

from import_pipeline_tests.api.opening import SITE, code_of, imported, session_of, waiting
from import_pipeline_tests.api.serving import Served


def calls_of(served: Served) -> list[tuple[str, str]]:
    """All calls that take a token, with every word of their paths that is no import left as an example."""
    from fastapi.routing import APIRoute, iter_route_contexts

    from import_pipeline.api.app import create_app
    from import_pipeline.api.callers import scope_asked_by

    app = create_app(served.home)
    found = [
        (method, str(route.path))
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute) and scope_asked_by(route.dependant) is not None
        for method in sorted(route.methods or ())
    ]
    assert len(found) > 40
    return found


OPEN_BESIDES = {
    ("GET", "/v1/resources"),
    ("GET", "/v1/resources/{name}"),
    ("GET", "/v1/resources/{name}/template"),
    ("GET", "/v1/sessions/current"),
    ("DELETE", "/v1/sessions/current"),
}
OF_IMPORT = "/v1/imports/{import_id}"


def test_a_session_for_one_import_reaches_no_call_but_those_of_that_import(served_local: Served) -> None:
    client = served_local.client()
    mine, other = waiting(client), imported(client)
    guest = session_of(served_local, client, import_id=mine)
    before = client.get(f"/v1/imports/{other}")
    for method, path in calls_of(served_local):
        if (method, path) in OPEN_BESIDES:
            continue
        # Whatever else a path names is named by the import that the session has.
        for import_id in (other, "imp_00000000000000000000") if path.startswith(OF_IMPORT) else (mine,):
            filled = re.sub(r"\{[^}]+\}", import_id, path.replace("{organization}", client.organization))
            answer = guest.call(method, filled, None if method in ("GET", "HEAD", "DELETE") else {})
            assert answer.status_code == 404, (method, filled)
            if method != "HEAD":
                assert "link that was opened is for one import alone" in answer.text, (method, filled)
    same = ("status", "name", "updated_by", "counters")
    after = client.get(f"/v1/imports/{other}")
    assert [after.get(name) for name in same] == [before.get(name) for name in same]


def test_every_call_below_an_import_names_that_import_and_no_other(served_local: Served) -> None:
    below = [path for _, path in calls_of(served_local) if path.startswith("/v1/imports/")]
    assert below
    for path in below:
        assert path == OF_IMPORT or path.startswith(f"{OF_IMPORT}/"), path
        others = set(re.findall(r"\{([^}]+)\}", path)) - {"import_id"}
        assert not [name for name in others if "import" in name], path


def test_a_session_for_one_import_sees_and_changes_that_import(served_local: Served) -> None:
    client = served_local.client()
    mine = waiting(client)
    guest = session_of(served_local, client, import_id=mine, name="Jane")
    shown = guest.get(f"/v1/imports/{mine}")
    assert shown["_upload_url"]
    assert guest.call("PATCH", f"/v1/imports/{mine}", {"name": "Spring"}).status_code == 200
    assert httpx.put(shown["_upload_url"], content=b"Email\nanna@example.com\n").status_code == 200
    assert guest.get("/v1/sessions/current")["import_id"] == mine
    assert guest.call("POST", f"/v1/imports/{mine}/cancel").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/v1/imports/{mine}/../{other}",
        "/v1/imports/{mine}%2f..%2f{other}",
        "/v1/imports/{mine}/..%2f{other}/review",
        "/v1/imports/{mine};{other}",
        "/v1/imports//{other}",
        "/v1/imports/{mine}{other}",
        "/v1/imports/{other}?import_id={mine}",
        "/v1/imports/{other}/%2e%2e/{mine}",
        "/V1/imports/{other}",
        "/v1/imports/{mine}/../../imports",
        "/v1/imports?import_id={mine}",
        "/v1/imports/",
    ],
)
def test_no_way_of_writing_a_path_leads_to_another_import(served_local: Served, path: str) -> None:
    client = served_local.client()
    mine, other = waiting(client), waiting(client)
    guest = session_of(served_local, client, import_id=mine)
    target = path.format(mine=mine, other=other)
    for method in ("GET", "PATCH", "POST"):
        status, told = served_local.call_as_written(method, target, {"name": "taken"}, guest.token)
        assert status in (307, 404, 405), (method, target, told)
        assert other not in told
    assert client.get(f"/v1/imports/{other}")["name"] != "taken"


def test_an_idempotency_key_of_another_import_brings_nothing_of_it(served_local: Served) -> None:
    client = served_local.client()
    first = client.post("/v1/imports", {"resource": "contact", "upload_mode": "async"}, Idempotency_Key="k1")["id"]
    mine = waiting(client)
    guest = session_of(served_local, client, import_id=mine)
    answer = guest.call("POST", f"/v1/imports/{mine}/undo", None, Idempotency_Key="k1")
    assert first not in answer.text
    assert answer.status_code in (409, 422)


def test_within_another_site_nobody_changes_what_is_imported_or_whether_records_are_deleted(
    served_local: Served,
) -> None:
    client = served_local.client()
    mine = client.post("/v1/imports", {"resource": "contact", "start": False})["id"]
    path = f"/v1/imports/{mine}"
    inside = session_of(served_local, client, import_id=mine, origin=SITE)
    assert inside.get("/v1/sessions/current")["fixed"] == ["resource", "action"]
    for change in ({"action": "overwrite"}, {"action": "delete"}, {"action": None}, {"resource": "company"}):
        assert code_of(inside.call("PATCH", path, {"name": "Mine"} | change)) == (403, "forbidden")
    assert inside.call("PATCH", path, {"duplicate_strategy": "fill", "name": "Spring"}).status_code == 200
    shown = client.get(path)
    assert (shown["resource"], shown["spec"]["action"], shown["name"]) == ("contact", "merge", "Spring")
    outside = session_of(served_local, client, import_id=mine)
    assert outside.get("/v1/sessions/current")["fixed"] == []
    assert outside.call("PATCH", path, {"action": "overwrite"}).status_code == 200
