"""Prometheus metrics: requests by call and status, their duration, assessments in progress."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0

CONTENT_TYPE = CONTENT_TYPE_PLAIN_1_0_0
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST"})
OTHER = "other"
"""The label of unknown paths and methods. Clients choose these freely, so labels for each of them
would grow without bound."""


class Metrics:
    """The metrics of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "compensation_api_requests",
            "Requests that were answered.",
            ("method", "call", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "compensation_api_request_seconds",
            "Seconds from a request to the end of its answer.",
            ("call",),
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
            registry=self._registry,
        )
        self.assessments = Gauge(
            "compensation_api_assessments",
            "Assessments under way: arriving, waiting, being computed.",
            registry=self._registry,
        )

    def count(self, method: str, call: str, status: int, seconds: float) -> None:
        """Count one request."""
        self._requests.labels(method if method in METHODS else OTHER, call, str(status)).inc()
        self._seconds.labels(call).observe(seconds)

    def text(self) -> bytes:
        """Return all metrics in the text format of Prometheus."""
        return generate_latest(self._registry)
