"""The HTTP application: TensorFlow Serving's REST, clips, the page, health and metrics."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from mocogan.pipeline.serving import server_metrics
from mocogan.pipeline.serving.guard import Guard
from mocogan.pipeline.serving.limits import Limits
from mocogan.pipeline.serving.model.call_queue import CallQueue
from mocogan.pipeline.serving.model.versions import Versions
from mocogan.pipeline.serving.page.clip_routes import clip_routes
from mocogan.pipeline.serving.page.page_routes import page_routes
from mocogan.pipeline.serving.refusals import Refusal
from mocogan.pipeline.serving.server_metrics import ServerMetrics
from mocogan.pipeline.serving.tf_serving.rest import rest_routes


def make_app(
    name: str,
    host: str,
    origins: Iterable[str],
    versions: Versions,
    queue: CallQueue,
    limits: Limits,
    metrics: ServerMetrics,
    is_ready: Callable[[], bool],
) -> Guard:
    """Makes the ASGI application of the model `name`.

    Args:
        name: Name of the model in addresses.
        host: Address that the server listens at.
        origins: Other origins whose pages may ask.
        versions: The model.
        queue: Calls the model.
        limits: Limits of requests.
        metrics: Counts the answers.
        is_ready: Whether the server takes new requests.
    """
    app = FastAPI(title="mocogan serve", docs_url=None, redoc_url=None)  # their pages need a CDN
    app.include_router(rest_routes(name, versions, queue, limits))
    app.include_router(clip_routes(name, versions, queue, limits))
    app.include_router(page_routes(name, versions, limits))

    @app.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @app.get("/health/ready")
    async def ready() -> Response:
        if not is_ready():
            raise Refusal("UNAVAILABLE", "the server takes no requests", retry_after=1)
        return _json(200, {"status": "ready", "version": versions.get(name).number})

    @app.get("/metrics")
    @app.get("/monitoring/prometheus/metrics")
    async def prometheus() -> Response:
        return Response(metrics.text(), media_type=server_metrics.CONTENT_TYPE)

    _add_errors(app)
    return Guard(app, host, origins, limits, metrics)


def _add_errors(app: FastAPI) -> None:
    """All errors have TensorFlow Serving's form."""

    @app.exception_handler(Refusal)
    async def refused(request: Request, error: Refusal) -> Response:
        return _json(error.http_status, {"error": str(error)}, error.headers)

    @app.exception_handler(HTTPException)
    async def unknown(request: Request, error: HTTPException) -> Response:
        message = f"{error.detail}: {request.method} {request.url.path[:100]}"
        return _json(error.status_code, {"error": message}, dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        return _json(400, {"error": f"{first['loc'][-1]}: {first['msg']}"})

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        traceback.print_exception(error)
        return _json(500, {"error": f"the server failed: {type(error).__name__}"})


def _json(status: int, content: Any, headers: dict[str, str] | None = None) -> Response:
    body = json.dumps(content).encode()
    return Response(body, status, headers, media_type="application/json")
