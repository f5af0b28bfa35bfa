"""Prometheus metrics: HTTP is counted in process, the rest is read from the tables when scraped (OPS-01)."""

import os
from collections.abc import Iterable
from datetime import datetime

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from approvals.selectors.ledger_sinks import get_sink_lags
from approvals.selectors.workload import get_workload
from audit.selectors.lag import get_follower_lags, get_ledger_lag

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_in_process = CollectorRegistry()
_request_seconds = Histogram(
    "countersign_http_request_seconds",
    "Time to answer an HTTP request.",
    ["method", "route", "status"],
    registry=_in_process,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


def observe_request(*, method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request. Labels come from bounded sets, so that no caller can grow them."""
    _request_seconds.labels(method if method in _METHODS else "other", route, str(status)).observe(seconds)


def render_metrics(*, now: datetime) -> bytes:
    """Prometheus text: every web process of this server, and the tables, by a fixed number of queries."""
    tables = CollectorRegistry()
    tables.register(TablesCollector(now=now))
    return generate_latest(_http_registry()) + generate_latest(tables)


def _http_registry() -> CollectorRegistry:
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):  # set by config/gunicorn.py, where several processes count
        return _in_process
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


class TablesCollector(Collector):
    """Gauges read from the database: the same on whichever process is scraped."""

    def __init__(self, *, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterable[Metric]:
        """Work first, then the ledger."""
        workload, lag = get_workload(now=self.now), get_ledger_lag(now=self.now)
        yield _labelled("requests", "Action requests by status.", "status", workload.requests_by_status)
        yield _labelled("attempts", "Attempts to execute by last recovery point.", "point", workload.attempts_by_point)
        yield _gauge("pending_oldest_seconds", "Age of the oldest pending request.", workload.pending_oldest_seconds)
        yield _gauge("due_oldest_seconds", "Wait of the oldest due work.", workload.due_oldest_seconds)
        yield _gauge("ledger_leaves", "Events in the ledger's tree.", lag.tree_size)
        yield _gauge("ledger_lag_seconds", "Age of the oldest event without a leaf.", lag.lag_seconds)
        yield _labelled("follower_lag", "Leaves that a follower has not read.", "follower", get_follower_lags())
        yield _labelled("sink_lag", "Leaves that a sink of the ledger is behind.", "sink", get_sink_lags())


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"countersign_{name}", text, value=value)


def _labelled(name: str, text: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"countersign_{name}", text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
