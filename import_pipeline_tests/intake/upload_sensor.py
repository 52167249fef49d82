"""A sensor of uploads as tests have it: it looks at listings that they make, and claims what it was given."""

from import_pipeline.intake.arrival_reports import ReportReason
from import_pipeline.intake.arrivals import Arrivals, find_arrivals
from import_pipeline.intake.bucket import StoredObject
from import_pipeline.settings import Settings

NOW = 1_800_000_000.0


PLACE = "uploads/acme/contact/"


class Sensor:
    """Looks again and again at a listing, and claims what it was given, as the real sensor does."""

    def __init__(self, *, settle_seconds: float = 5.0, objects_per_tick: int = 50, bucket_name: str = "local") -> None:
        self.settings = Settings(settle_seconds=settle_seconds, objects_per_tick=objects_per_tick)
        self.bucket_name = bucket_name
        self.claims: dict[str, str] = {}
        self.cursor: str | None = None
        self.asked = 0
        self.lapsed: set[str] = set()

    def look(self, listing: list[StoredObject], now: float, *, claims: bool = True) -> Arrivals:
        def claimed(keys):
            self.asked += len(keys)
            return {key: self.claims[key] for key in keys if key in self.claims}

        found = find_arrivals(
            listing,
            self.cursor,
            now,
            bucket_name=self.bucket_name,
            claimed=claimed,
            settings=self.settings,
            lapsed=lambda keys: self.lapsed.intersection(keys),
        )
        self.cursor = found.cursor
        if claims:
            for each in (*found.new, *found.reported):
                self.claims |= each.claims
        return found


def obj(
    name: str, *, modified: float = NOW - 60, size: int = 10, version: str = "v1", place: str = PLACE
) -> StoredObject:
    return StoredObject(place + name, size, modified, version)


def names(found: Arrivals) -> list[str]:
    return [arrival.name for arrival in found.new]


def reasons(found: Arrivals) -> dict[str, ReportReason]:
    return {report.key.rsplit("/", 1)[-1]: report.reason for report in found.reported}
