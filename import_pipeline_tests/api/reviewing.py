"""An import that waits for review in a test, over HTTP, and what can be done with it."""

from dataclasses import dataclass
from typing import Any

import httpx

from import_pipeline.service import queries
from import_pipeline_tests.api.serving import Client, Served

FIELDS = [
    {"key": "email", "label": "Email", "type": "email"},
    {"key": "name", "label": "Name", "type": "string", "validators": [{"validate": "required"}]},
    {"key": "seats", "label": "Seats", "type": ["number", {"preset": "integer", "min": 1}]},
]
_HEADLESS = "/api/v1/headless/imports/"


@dataclass
class Reviewed:
    """An import that waits until its bad rows are mended."""

    served: Served
    client: Client
    import_id: str

    @property
    def path(self) -> str:
        """Where its review is."""
        return f"/v1/imports/{self.import_id}/review"

    def rows(self, **asked: Any) -> dict[str, Any]:
        """A page of its rows."""
        return self.client.get(f"{self.path}/rows?{httpx.QueryParams(asked)}")

    def numbers(self, **asked: Any) -> list[int]:
        """The numbers of the rows of a page."""
        return [row["row_number"] for row in self.rows(**asked)["rows"]]

    def cells(self) -> dict[int, dict[str, str | None]]:
        """The cells of all rows."""
        return {row["row_number"]: row["cells"] for row in self.rows(limit=500)["rows"]}

    def summary(self) -> dict[str, Any]:
        """Its summary."""
        return self.client.get(f"{self.path}/summary")

    def correct(self, *rows: dict[str, Any]) -> httpx.Response:
        """Correct rows."""
        return self.client.call("PATCH", self.path, {"rows": list(rows)})

    def submit(self, **body: Any) -> dict[str, Any]:
        """Submit and run it; gives the import object."""
        self.client.post(f"{self.path}/submit", body)
        self.served.run_queued(self.import_id)
        return queries.import_object(self.served.home, self.import_id)

    def stored(self) -> list[tuple[Any, ...]]:
        """Email, name and seats of the stored records."""
        kind = queries.import_object(self.served.home, self.import_id)["resource"]
        found = queries.records(self.served.home, kind, self.client.organization)
        return sorted((one["email"], one["name"], one["seats"]) for one in found)


def waiting(served: Served, csv: str, client: Client | None = None, **settings: Any) -> Reviewed:
    """Import a file of Email, Name and Seats that blocks on bad rows, up to its review."""
    client = client or served.client()
    settings = {"invalidDataBehavior": "BLOCK_SUBMIT", "importIdentifier": "guests"} | settings
    created = client.post(_HEADLESS, {"fields": FIELDS, "settings": settings, "original_filename": "guests.csv"})
    assert httpx.put(created["upload"], content=csv).is_success
    served.run_queued(created["id"])
    return Reviewed(served, client, created["id"])
