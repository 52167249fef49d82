"""`/metrics` for Prometheus: what the registry counts of all processes and hosts, and the calls of this one.

They tell of all organizations, and so no organization's token opens them: who reads them sends the metrics token, and
where none is set there are none. Labels are words of the project, never anybody's names.
"""

import hmac
import logging
import threading
import time
from collections.abc import Iterable, Iterator
from enum import StrEnum
from importlib.metadata import version
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client import Counter as ProcessCounter
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector
from starlette.exceptions import HTTPException

from import_pipeline.api.bodies import takes_little
from import_pipeline.api.refusals import RefusedError
from import_pipeline.errors import ImportPipelineError
from import_pipeline.home import Home
from import_pipeline.service import metrics
from import_pipeline.service.metrics import Counter, Figures
from import_pipeline.settings import Settings
from import_pipeline.words import FINAL_STATUSES, Outcome, Phase, Status

log = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)

REMEMBERED_SECONDS = 5.0
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.01, 0.05, 0.1, 0.3, 1.0, 3.0, 10.0, 60.0)
_bearer = HTTPBearer(auto_error=False)
_TOLD = {
    Counter.LOCK_WAITS: "Locks of record stores that were waited for.",
    Counter.LOCK_WAIT_SECONDS: "Seconds for which locks of record stores were waited for.",
    Counter.LOCK_TIMEOUTS: "Locks of record stores that were not free in time.",
    Counter.WEBHOOK_FAILURES: "Calls of webhooks that failed, each attempt.",
    Counter.WEBHOOKS_GIVEN_UP: "Events that a webhook was never told.",
}


class _OfRegistry(Collector):
    """Makes metrics of the registry's figures, which are read once within some seconds. Safe for threads."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._read: tuple[float, Figures | None] | None = None

    def collect(self) -> Iterator[Metric]:
        figures = self._figures()
        yield InfoMetricFamily("import_pipeline_build", "What runs here.", {"version": version("import-pipeline")})
        yield _gauge("registry_up", "Whether the registry answered.", figures is not None)
        if figures is not None:
            yield from _metrics_of(figures)

    def describe(self) -> Iterator[Metric]:
        """Nothing: it is not asked for figures when it is registered."""
        return iter(())

    def _figures(self) -> Figures | None:
        with self._lock:
            if self._read is None or time.monotonic() - self._read[0] >= REMEMBERED_SECONDS:
                self._read = time.monotonic(), self._ask()
            return self._read[1]

    def _ask(self) -> Figures | None:
        try:
            return metrics.read(self._home)
        except ImportPipelineError as error:
            log.warning("There are no figures of the registry for now: %s", error.message)
            return None


class Metrics:
    """The metrics of one application.

    Args:
        home: The home.

    Attributes:
        thread: In which they are read: one of their own, that may wait for a registry that does not answer.
    """

    def __init__(self, home: Home) -> None:
        self.thread = CapacityLimiter(1)
        self._registry = CollectorRegistry()
        self._registry.register(_OfRegistry(home))
        self._calls = ProcessCounter(
            "import_pipeline_http_requests", "Calls of this process.", ("method", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "import_pipeline_http_request_seconds",
            "How long calls of this process took until their answer began.",
            buckets=_SECONDS,
            registry=self._registry,
        )

    def count_call(self, method: str, status: int, seconds: float) -> None:
        """Count one call."""
        self._calls.labels(method if method in _METHODS else "other", str(status)).inc()
        self._seconds.observe(seconds)

    def text(self) -> bytes:
        """All metrics, as Prometheus reads them."""
        return generate_latest(self._registry)


def _metrics_of(figures: Figures) -> Iterator[Metric]:
    listed = GaugeMetricFamily("import_pipeline_imports", "Imports that are listed, by status.", labels=["status"])
    for status in Status:
        listed.add_metric([status.value], figures.imports[status])
    yield listed
    yield _gauge("queue_age_seconds", "For how long the import has waited that is queued longest.", figures.queue_age)
    yield _gauge("leases_over", "Imports at work whose process has fallen silent.", figures.leases_over)
    yield _gauge("webhook_deliveries_waiting", "Events that webhooks are still to be told.", figures.deliveries_waiting)
    yield _counter(figures, Counter.ENDED, "Imports that ended, by status.", "status", sorted(FINAL_STATUSES))
    yield _counter(figures, Counter.ROWS, "Rows of completed imports, by outcome.", "outcome", list(Outcome))
    phases = SummaryMetricFamily("import_pipeline_phase_seconds", "How long phases took.", labels=["phase"])
    for phase in Phase:
        count = figures.counters.get((Counter.PHASES, phase.value), 0.0)
        seconds = figures.counters.get((Counter.PHASE_SECONDS, phase.value), 0.0)
        phases.add_metric([phase.value], count_value=int(count), sum_value=seconds)
    yield phases
    for counter, told in _TOLD.items():
        yield CounterMetricFamily(f"import_pipeline_{counter}", told, value=figures.counters.get((counter, ""), 0.0))


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(f"import_pipeline_{name}", told, value=value)


def _counter(figures: Figures, counter: Counter, told: str, label: str, words: Iterable[StrEnum]) -> Metric:
    family = CounterMetricFamily(f"import_pipeline_{counter}", told, labels=[label])
    for word in words:
        family.add_metric([word.value], figures.counters.get((counter, word.value), 0.0))
    return family


async def _watcher(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> None:
    """Let in who has the metrics token; where none is set, there is nothing here."""
    settings: Settings = request.app.state.home.settings
    if settings.metrics_token is None:
        raise HTTPException(404)
    given = credentials.credentials if credentials is not None else ""
    if not hmac.compare_digest(given.encode(), settings.metrics_token.get_secret_value().encode()):
        raise RefusedError(
            401,
            "unauthorized",
            "Send 'Authorization: Bearer TOKEN' with the token of IMPORT_PIPELINE_METRICS_TOKEN.",
            {"WWW-Authenticate": "Bearer"},
        )


@router.get("/metrics", dependencies=[Depends(_watcher)])
@takes_little
async def read(request: Request) -> Response:
    """Say what was counted; all values but those of http calls are of all processes and hosts together."""
    text = await to_thread.run_sync(request.app.state.metrics.text, limiter=request.app.state.metrics.thread)
    return Response(text, media_type=CONTENT_TYPE_LATEST)
