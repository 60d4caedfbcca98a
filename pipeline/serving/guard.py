"""What every HTTP request passes first: who may ask, how much, and how many at once. It also counts the answers."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from mocogan.pipeline.serving.limits import Limits
from mocogan.pipeline.serving.refusals import Refusal
from mocogan.pipeline.serving.server_metrics import ServerMetrics

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_UNCOUNTED = ("/health/", "/metrics", "/monitoring/")  # they answer also if the server is busy
_DRAINED_BYTES, _DRAINED_SECONDS = 256 << 20, 5.0  # of a body that is too large
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_SECURITY = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
_EXPOSED = b"Mocogan-Version, Mocogan-Labels, Mocogan-Notes, Retry-After"


class Guard:
    """An ASGI application around another one.

    A page of another origin must be named. On a loopback address, the name of the host must be one of this machine:
    otherwise a page could reach the server through a name that it resolves to 127.0.0.1.
    """

    def __init__(
        self, app: Any, host: str, origins: Iterable[str], limits: Limits, metrics: ServerMetrics
    ) -> None:
        """`host` is the address that the server listens at. `origins` are others such as `https://example.com`."""
        self._app = app
        self._origins = frozenset(origin.rstrip("/").lower() for origin in origins)
        named = {urlsplit(origin).hostname for origin in self._origins}
        self._hosts = _LOOPBACK | named if host in _LOOPBACK else None
        self._limits = limits
        self._metrics = metrics
        self._open = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers a request."""
        if scope["type"] != "http":
            return
        headers = {
            key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]
        }
        start, kind = time.monotonic(), _kind(scope["path"])
        status = 499  # the client has gone
        allowed = self._allowed_origin(headers)

        async def answer(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *_SECURITY, *_cross(allowed)]
            await send(message)

        try:
            await self._pass(scope, headers, receive, answer)
        finally:
            self._metrics.answered("http", kind, status, start)

    async def _pass(self, scope: Any, headers: dict[str, str], receive: Any, send: Any) -> None:
        is_counted = not scope["path"].startswith(_UNCOUNTED)
        try:
            self._check_sender(headers)
            if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
                await _respond(
                    send,
                    204,
                    b"",
                    {
                        "Access-Control-Allow-Methods": "GET, POST",
                        "Access-Control-Allow-Headers": "Content-Type",
                    },
                )
                return
            if is_counted and self._open >= self._limits.requests:
                self._metrics.refused.labels("requests").inc()
                raise Refusal(
                    "UNAVAILABLE",
                    f"the server is busy: {self._open} requests are open",
                    retry_after=1,
                )
            self._check_length(headers.get("content-length", "0"))
        except Refusal as refusal:
            await _refuse(send, receive, refusal)
            return
        self._open += is_counted
        try:
            await self._app(scope, self._bounded(receive), send)
        finally:
            self._open -= is_counted

    def _bounded(self, receive: Any) -> Any:
        """`receive` that raises Refusal once the body is too large. Not all requests tell their length."""
        received = 0

        async def bounded() -> Any:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limits.body_bytes:
                raise self._too_large()
            return message

        return bounded

    def _check_length(self, length: str) -> None:
        if length.isdecimal() and int(length[:20]) > self._limits.body_bytes:
            raise self._too_large()

    def _too_large(self) -> Refusal:
        return Refusal(
            "RESOURCE_EXHAUSTED",
            f"the body of a request may have at most {self._limits.body_bytes:,} bytes",
        )

    def _check_sender(self, headers: dict[str, str]) -> None:
        host = headers.get("host", "")
        if self._hosts is not None and _hostname(host) not in self._hosts:
            raise Refusal(
                "PERMISSION_DENIED",
                f"the host {host[:100]!r} is not this machine. Name it with --allow-origin",
            )
        origin = _claimed_origin(headers)
        if origin is not None and not self._is_own(origin, host) and origin not in self._origins:
            raise Refusal(
                "PERMISSION_DENIED",
                f"pages of {origin[:100] or 'other sites'} are not allowed. Name their origin with --allow-origin",
            )

    def _allowed_origin(self, headers: dict[str, str]) -> str | None:
        origin = headers.get("origin", "").lower()
        return origin if origin in self._origins else None

    @staticmethod
    def _is_own(origin: str, host: str) -> bool:
        return origin in (f"http://{host}".lower(), f"https://{host}".lower())


def _claimed_origin(headers: dict[str, str]) -> str | None:
    """The origin of the page that asks. None: no page of another site asks."""
    if "origin" in headers:
        return headers["origin"].lower()
    site, mode = headers.get("sec-fetch-site"), headers.get("sec-fetch-mode")
    if site not in ("cross-site", "same-site") or mode == "navigate":
        return None  # no browser, our own page, or a link that somebody followed
    try:
        referrer = urlsplit(headers.get("referer", ""))
    except ValueError:
        return ""
    return f"{referrer.scheme}://{referrer.netloc}".lower() if referrer.netloc else ""


def _hostname(host: str) -> str:
    """`localhost:8501` -> `localhost`, `[::1]:8501` -> `::1`."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _kind(path: str) -> str:
    """A few words for the metrics, so that clients cannot make up new ones."""
    if path.startswith("/v1/models/"):
        return "predict" if path.endswith(":predict") else "model"
    first = path.split("/", 2)[1] if "/" in path else ""
    return {"": "page", "api": "clip", "health": "health", "metrics": "metrics"}.get(first, "other")


def _cross(origin: str | None) -> list[tuple[bytes, bytes]]:
    if origin is None:
        return []
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-expose-headers", _EXPOSED),
        (b"vary", b"Origin"),
    ]


async def _refuse(send: Any, receive: Any, refusal: Refusal) -> None:
    """Answers, and then reads a body that is too large: many clients read no answer before they have sent all."""
    body = json.dumps({"error": str(refusal)}).encode()
    headers = {"Content-Type": "application/json", "Connection": "close", **refusal.headers}
    await _start(send, refusal.http_status, headers, len(body))
    await send({"type": "http.response.body", "body": body[:-1], "more_body": True})
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(_drain(receive), _DRAINED_SECONDS)
    await send({"type": "http.response.body", "body": body[-1:]})


async def _drain(receive: Any) -> None:
    size, more = 0, True
    while more and size < _DRAINED_BYTES:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)


async def _respond(send: Any, status: int, body: bytes, headers: dict[str, str]) -> None:
    await _start(send, status, headers, len(body))
    await send({"type": "http.response.body", "body": body})


async def _start(send: Any, status: int, headers: dict[str, str], length: int) -> None:
    pairs = {**headers, "Content-Length": str(length)}.items()
    encoded = [(key.lower().encode(), value.encode()) for key, value in pairs]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
