"""Prometheus metrics: requests by call and status, their duration, assessments in progress.

They are kept in the client library's own registry, which adds those of the process.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST"})
OTHER = "other"
"""The label of unknown paths and methods. Clients choose these freely, so labels for each of them
would grow without bound."""
ASSESSMENTS = Gauge(
    "compensation_api_assessments", "Assessments under way: arriving, waiting, being computed."
)
_REQUESTS = Counter(
    "compensation_api_requests", "Requests that were answered.", ("method", "call", "status")
)
_SECONDS = Histogram(
    "compensation_api_request_seconds",
    "Seconds from a request to the end of its answer.",
    ("call",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)


def count(method: str, call: str, status: int, seconds: float) -> None:
    """Count one request."""
    _REQUESTS.labels(method if method in METHODS else OTHER, call, str(status)).inc()
    _SECONDS.labels(call).observe(seconds)
