"""The guided flow, from the first call to the finished import."""

import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from import_pipeline.service import queries
from import_pipeline_tests.api.serving import Client, Served

LEADS = "Name,Email,Phone,Company\nJane Smith,jane@example.com,+1-555-0100,Acme Corp\nJoe,joe@,,\n"

REQUEST = """curl -X POST https://api.driftwoodapp.com/api/imports-request-upload \
 -H "Authorization: Bearer YOUR_TOKEN" \
 -H "Content-Type: application/json" \
 -d '{ "model_type": "contacts", "file_name": "leads.csv", "content_type": "text/csv" }'"""
UPLOAD = """curl -X PUT "SIGNED_URL_FROM_STEP_1" -H "Content-Type: text/csv" --data-binary @leads.csv"""
CONFIRM = """curl -X POST https://api.driftwoodapp.com/api/imports-confirm \
 -H "Authorization: Bearer YOUR_TOKEN" \
 -H "Content-Type: application/json" \
 -d '{ "id": "990e8400-...", "column_mapping": { "Name": "first_name", "Email": "email", "Phone": "phone" }, \
"duplicate_strategy": "merge" }'"""
LIST = """curl -X POST https://api.driftwoodapp.com/api/imports-list \
 -H "Authorization: Bearer YOUR_TOKEN" -H "Content-Type: application/json" -d '{}'"""


def uploaded(client: Client, content: str = LEADS) -> str:
    """Steps 1 and 2; gives the id."""
    asked = {"model_type": "contacts", "file_name": "leads.csv", "content_type": "text/csv"}
    result = client.post("/api/imports-request-upload", asked)["result"]
    assert httpx.put(result["signed_url"], content=content, headers={"Content-Type": "text/csv"}).is_success
    return result["job_id"]


def test_a_file_goes_from_the_first_call_to_the_finished_import(served: Served) -> None:
    client = served.client()
    job = uploaded(client)

    completed = client.post("/api/imports-complete-upload", {"id": job})
    assert completed["ok"] is True
    assert completed["result"]["job"]["status"] == "uploaded"
    preview = completed["result"]["preview"]
    assert preview["headers"] == ["Name", "Email", "Phone", "Company"]
    assert preview["sample_rows"][0] == ["Jane Smith", "jane@example.com", "+1-555-0100", "Acme Corp"]
    assert preview["total_rows"] == 2
    assert preview["suggested_mapping"]["Email"] == "email"
    assert {"value": "email", "label": "Email"} in preview["available_fields"]
    assert queries.record_count(served.home, "contact", client.organization) == 0

    confirmed = client.post(
        "/api/imports-confirm",
        {
            "id": job,
            "column_mapping": {"Name": "first_name", "Email": "email", "Phone": "phone"},
            "duplicate_strategy": "merge",
        },
    )
    assert confirmed["result"]["job"]["status"] == "processing"
    served.run_queued(job)

    got = client.post("/api/imports-get", {"id": job})["result"]
    assert (got["status"], got["total_rows"], got["processed_rows"]) == ("completed", 2, 2)
    assert (got["created_count"], got["failed_count"]) == (1, 1)
    [stored] = queries.records(served.home, "contact", client.organization)
    assert (stored["first_name"], stored["email"], stored["company_name"]) == ("Jane Smith", "jane@example.com", None)
    [error] = client.post("/api/imports-errors", {"id": job})["result"]["errors"]
    assert (error["row_number"], error["column"], error["code"]) == (2, "Email", "invalid_email")
    [listed] = client.post("/api/imports-list")["result"]["jobs"]
    assert listed == got


def test_dates_that_can_be_read_in_two_ways_are_seen_in_the_preview_and_said_on_confirming(served: Served) -> None:
    client = served.client()
    job = uploaded(client, "Email,Birthday\nada@example.com,01/02/1980\nbob@example.com,03/04/1981\n")
    preview = client.post("/api/imports-complete-upload", {"id": job})["result"]["preview"]
    [birthday] = preview["column_formats"]
    assert (birthday["column"], birthday["value"]) == ("Birthday", None)
    asked = {"id": job, "column_mapping": preview["suggested_mapping"]}
    client.post("/api/imports-confirm", asked)
    served.run_queued(job)
    waiting = client.post("/api/imports-get", {"id": job})["result"]
    assert (waiting["status"], "date_format" in waiting["reason"]) == ("uploaded", True)

    client.post("/api/imports-confirm", asked | {"date_format": birthday["readings"][1]})
    served.run_queued(job)
    stored = queries.records(served.home, "contact", client.organization)
    assert [str(one["date_of_birth"]) for one in stored] == ["1980-01-02", "1981-03-04"]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_curl_lines_of_the_page_work_with_host_token_and_url_replaced(served: Served, tmp_path: Path) -> None:
    client = served.client()
    (tmp_path / "leads.csv").write_text(LEADS)

    def run(line: str, url: str = "") -> str:
        line = line.replace("https://api.driftwoodapp.com", served.url).replace("YOUR_TOKEN", client.token)
        line = line.replace("SIGNED_URL_FROM_STEP_1", url).replace("curl ", "curl --silent --fail-with-body ", 1)
        return subprocess.run(line, shell=True, cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    asked = httpx.Response(200, text=run(REQUEST)).json()["result"]
    run(UPLOAD, asked["signed_url"])
    job = asked["job_id"]
    assert client.post("/api/imports-complete-upload", {"id": job})["result"]["preview"]["total_rows"] == 2
    confirmed = httpx.Response(200, text=run(CONFIRM.replace("990e8400-...", job))).json()
    assert confirmed == {"ok": True, "result": {"job": confirmed["result"]["job"]}}
    assert confirmed["result"]["job"]["status"] == "processing"
    served.run_queued(job)
    listed = httpx.Response(200, text=run(LIST)).json()["result"]
    assert [(one["id"], one["status"], one["created_count"]) for one in listed["jobs"]] == [(job, "completed", 1)]


def test_errors_come_in_pages_that_together_are_all_of_them(served_local: Served) -> None:
    client = served_local.client()
    job = uploaded(client, "Email\n" + "".join(f"bad{row}@\n" for row in range(5)))
    client.post("/api/imports-complete-upload", {"id": job})
    client.post("/api/imports-confirm", {"id": job, "column_mapping": {"Email": "email"}})
    served_local.run_queued(job)
    rows, cursor = [], None
    for _ in range(3):
        page = client.post("/api/imports-errors", {"id": job, "limit": 2, "cursor": cursor})["result"]
        rows.append([one["row_number"] for one in page["errors"]])
        cursor = page["next_cursor"]
    assert rows == [[1, 2], [3, 4], [5]]
    assert cursor is None


def test_refusals_name_the_culprit_in_the_shape_of_the_page(served_local: Served) -> None:
    client = served_local.client()
    asked = {"model_type": "people", "file_name": "leads.csv", "content_type": "text/csv"}
    answer = client.call("POST", "/api/imports-request-upload", asked)
    assert answer.status_code == 400
    assert answer.json()["ok"] is False
    assert answer.json()["error"]["code"] == "unknown_record_type"
    assert "contacts" in answer.json()["error"]["message"]

    job = client.post("/api/imports-request-upload", asked | {"model_type": "contacts"})["result"]["job_id"]
    early = client.call("POST", "/api/imports-complete-upload", {"id": job})
    assert (early.status_code, early.json()["error"]["code"]) == (409, "upload_missing")
    assert client.post("/api/imports-get", {"id": job})["result"]["status"] == "pending"


def test_a_mapping_that_does_not_fit_the_file_is_refused_before_anything_starts(served_local: Served) -> None:
    client = served_local.client()
    job = uploaded(client)
    client.post("/api/imports-complete-upload", {"id": job})
    answer = client.call("POST", "/api/imports-confirm", {"id": job, "column_mapping": {"E-Mail": "email"}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_mapping")
    assert "'E-Mail'" in answer.json()["error"]["message"]
    assert client.post("/api/imports-get", {"id": job})["result"]["status"] == "uploaded"


def test_a_file_that_cannot_be_read_is_refused_at_the_preview(served_local: Served) -> None:
    client = served_local.client()
    answer = client.call("POST", "/api/imports-complete-upload", {"id": uploaded(client, "Email\n")})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "unreadable_file")
