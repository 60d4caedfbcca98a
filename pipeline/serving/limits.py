"""What one request, and all requests together, may take. No heavy library is imported here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds of requests. A clip is as many frames as a training clip has.

    Attributes:
        clips: Clips of a request.
        waiting_clips: Clips of all requests that wait.
        requests: HTTP requests, or gRPC calls, that are open at once.
        body_bytes: Bytes of a request.
        seconds: Time from a request to its answer.
    """

    clips: int = 64
    waiting_clips: int = 256
    requests: int = 64
    body_bytes: int = 8 << 20
    seconds: float = 60.0
