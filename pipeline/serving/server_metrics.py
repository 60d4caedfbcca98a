"""What the server counts, in the format of Prometheus."""

from __future__ import annotations

import time

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

_SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class ServerMetrics:
    """Counters of one server.

    Attributes:
        requests: Answers, by protocol (http, grpc), kind of request and status.
        seconds: Time from a request to its answer, by protocol and kind.
        refused: Requests that were refused because the server is busy, by what was full.
        clips: Drawn clips. Longer clips count as several.
        joined_calls: Requests that became one call of the model.
        waiting_clips: Clips of the requests that wait.
        version: Version that answers requests, 0 if there is none.
        loads: Versions that were loaded, by result.
    """

    def __init__(self) -> None:
        disable_created_metrics()  # they double the text
        self._registry = CollectorRegistry()
        to = self._registry
        kinds = ("protocol", "kind")
        self.requests = Counter("mocogan_requests", "Answers.", (*kinds, "status"), registry=to)
        self.seconds = Histogram(
            "mocogan_request_seconds", "Time to an answer.", kinds, buckets=_SECONDS, registry=to
        )
        self.refused = Counter("mocogan_refused", "Refused because busy.", ("full",), registry=to)
        self.clips = Counter("mocogan_clips", "Drawn clips.", registry=to)
        self.joined_calls = Histogram(
            "mocogan_joined_calls", "Requests per call.", buckets=(1, 2, 4, 8, 16), registry=to
        )
        self.waiting_clips = Gauge("mocogan_waiting_clips", "Clips that wait.", registry=to)
        self.version = Gauge("mocogan_version", "Version that answers.", registry=to)
        self.loads = Counter("mocogan_loads", "Loaded versions.", ("result",), registry=to)

    def answered(self, protocol: str, kind: str, status: object, start: float) -> None:
        """Counts an answer. `start` is the time of the request in seconds of `time.monotonic`."""
        self.requests.labels(protocol, kind, str(status)).inc()
        self.seconds.labels(protocol, kind).observe(time.monotonic() - start)

    def text(self) -> bytes:
        """All metrics in the format of CONTENT_TYPE."""
        return generate_latest(self._registry)
