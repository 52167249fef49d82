"""An import of one good and one bad row, by one call."""

from import_pipeline_tests.api.serving import Client

ROWS = [{"email": "anna@example.com"}, {"email": "bob@"}]


def imported(client: Client) -> dict:
    return client.post("/v1/imports", {"resource": "contact", "upload_mode": "sync", "data": ROWS})
