"""A client that openapi-python-client makes of /openapi.json, in the test's own folder, used as its users do."""

import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from import_pipeline.service import queries
from import_pipeline_tests.api.serving import Served

LEADS = b"Name,Email,Phone\nJane Smith,jane@example.com,+1-555-0100\nJoe,joe@,\n"
PACKAGE = "client_of_the_import_pipeline"


@pytest.fixture(scope="module")
def generated(served_local: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of the package that was made; it can be imported while the tests of this module run."""
    folder = tmp_path_factory.mktemp("generated")
    tools = Path(sys.executable).parent
    made = subprocess.run(
        [
            *(tools / "openapi-python-client", "generate", "--url", f"{served_local.url}/openapi.json"),
            *("--output-path", folder / PACKAGE, "--meta", "none", "--fail-on-warning"),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=folder,
        env=os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"},
    )
    said = made.stdout + made.stderr
    assert made.returncode == 0, said
    assert "warning" not in said.lower(), said
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield PACKAGE
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
            del sys.modules[name]


class Generated:
    """The client: its calls by group and name, and its models."""

    def __init__(self, package: str, url: str, token: str) -> None:
        self._package = package
        made = importlib.import_module(f"{package}.client").AuthenticatedClient
        self._client = made(base_url=url, token=token, raise_on_unexpected_status=True, timeout=httpx.Timeout(90))
        self.models = importlib.import_module(f"{package}.models")
        self.types = importlib.import_module(f"{package}.types")

    def call(self, group: str, name: str) -> Callable[..., Any]:
        module = importlib.import_module(f"{self._package}.api.{group}.{name}")

        def called(*arguments: Any, **named: Any) -> Any:
            answer = module.sync_detailed(*arguments, client=self._client, **named)
            assert answer.status_code < 300, answer.content
            return answer.parsed

        return called

    def file(self, content: bytes) -> Any:
        return self.types.File(payload=BytesIO(content), file_name="leads.csv", mime_type="text/csv")


def test_a_generated_client_goes_from_creating_an_import_to_undoing_it(served_local: Served, generated: str) -> None:
    owner = served_local.client()
    client = Generated(generated, served_local.url, owner.token)
    models = client.models

    asked = models.RequestUpload(model_type="contacts", file_name="leads.csv", content_type="text/csv")
    requested = client.call("guided_flow", "request_url_api_imports_request_upload_post")(body=asked).result
    upload = client.call("files", "put_upload_uploads_token_put")
    assert upload(requested.signed_url.rpartition("/")[2], body=client.file(LEADS)).size_bytes == len(LEADS)

    job = models.OfImport(id=requested.job_id)
    completed = client.call("guided_flow", "complete_upload_api_imports_complete_upload_post")(body=job).result
    assert completed.preview.headers == ["Name", "Email", "Phone"]
    mapping = models.ConfirmColumnMapping.from_dict({"Name": "first_name", "Email": "email", "Phone": "phone"})
    strategy = models.ConfirmDuplicateStrategy.MERGE
    confirm = models.Confirm(id=requested.job_id, column_mapping=mapping, duplicate_strategy=strategy)
    started = client.call("guided_flow", "confirm_api_imports_confirm_post")(body=confirm).result
    assert started.job.status == "processing"
    served_local.run_queued(requested.job_id)

    polled = client.call("guided_flow", "get_api_imports_get_post")(body=job).result
    assert (polled.status, polled.created_count, polled.failed_count) == ("completed", 1, 1)
    errors = client.call("guided_flow", "errors_api_imports_errors_post")(body=models.ErrorsOf(id=requested.job_id))
    assert [(one.row_number, one.code) for one in errors.result.errors] == [(2, "invalid_email")]

    shown = client.call("imports", "get_v1_imports_import_id_get")(requested.job_id)
    token = shown.field_errors_csv_url.rpartition("/")[2]
    downloaded = client.call("files", "get_download_downloads_token_get")(token)
    assert "joe@" in downloaded

    undo = client.call("imports", "undo_v1_imports_import_id_undo_post")
    assert undo(requested.job_id, dry_run=True).undo.reverted == 1
    assert queries.record_count(served_local.home, "contact", owner.organization) == 1
    assert undo(requested.job_id).undoes == requested.job_id
    assert queries.record_count(served_local.home, "contact", owner.organization) == 0


def test_a_generated_client_confirms_an_import_that_waits_for_its_mapping(served_local: Served, generated: str) -> None:
    owner = served_local.client()
    client = Generated(generated, served_local.url, owner.token)
    models = client.models
    asked = models.NewImport(resource="contact", upload_mode=models.UploadMode.ASYNC)
    created = client.call("imports", "create_v1_imports_post")(body=asked)
    upload = client.call("files", "put_upload_uploads_token_put")
    upload(created.field_upload_url.rpartition("/")[2], body=client.file(b"A,B\nann@example.com,Ann\n"))
    served_local.run_queued(created.id)

    get = client.call("imports", "get_v1_imports_import_id_get")
    assert get(created.id).state == "needs_review"
    mapping = models.DecisionColumnMappingType0.from_dict({"email": "A", "first_name": "B"})
    client.call("imports", "confirm_v1_imports_import_id_confirm_post")(
        created.id, body=models.Decision(column_mapping=mapping)
    )
    served_local.run_queued(created.id)
    assert (get(created.id).state, get(created.id).created_count) == ("completed", 1)
    assert client.call("imports", "defects_v1_imports_import_id_defects_get")(created.id).data == []


def test_a_generated_client_sends_a_file_as_a_form(served_local: Served, generated: str) -> None:
    owner = served_local.client()
    client = Generated(generated, served_local.url, owner.token)
    form = client.models.CreateV1OrganizationsOrganizationImportsPostBody(
        file=client.file(LEADS), in_preview=True, tag_list="vip,2026"
    )
    create = client.call("multipart_with_preview", "create_v1_organizations_organization_imports_post")
    attributes = create(owner.organization, body=form).data.attributes
    assert (attributes.in_preview, attributes.tag_list) == (True, "vip,2026")
    assert attributes.file_headers.to_dict() == {"name": "Name", "email": "Email", "phone": "Phone"}


def test_a_generated_client_takes_a_headless_import_to_its_result(served_local: Served, generated: str) -> None:
    owner = served_local.client()
    client = Generated(generated, served_local.url, owner.token)
    models = client.models
    body = models.HeadlessBody.from_dict(
        {"fields": [{"key": "email", "type": "email", "label": "Email"}], "initial_data": [{"email": "a@example.com"}]}
    )
    created = client.call("headless", "create_api_v1_headless_imports_post")(body=body)
    served_local.run_queued(created.id)
    url = client.call("headless", "get_url_api_v1_headless_imports_import_id_url_get")(created.id).presigned_url
    assert httpx.get(url).json() == [{"email": "a@example.com"}]
