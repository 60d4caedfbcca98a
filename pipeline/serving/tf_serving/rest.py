"""TensorFlow Serving's REST interface: predict, status and metadata.

https://www.tensorflow.org/tfx/serving/api_rest
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from mocogan.pipeline.serving.limits import Limits
from mocogan.pipeline.serving.model.call_queue import CallQueue
from mocogan.pipeline.serving.model.versions import Versions, VersionStatus
from mocogan.pipeline.serving.refusals import Refusal
from mocogan.pipeline.serving.tf_serving.json_arrays import PredictBody, encode_response
from mocogan.pipeline.serving.waiting import http_result

VERSION_HEADER = "Mocogan-Version"  # of an answer: the version that drew the clips
_LARGEST_VERSION = (1 << 63) - 1
_MOST_DIGITS = len(str(_LARGEST_VERSION))  # Python refuses to read thousands


def rest_routes(name: str, versions: Versions, queue: CallQueue, limits: Limits) -> APIRouter:
    """The routes of the model `name`. They raise Refusal."""
    router = APIRouter(prefix="/v1/models")

    async def predict(model: str, request: Request, number: int | None) -> Response:
        _check_name(model, name, number)
        version = versions.get(name, number)
        content = await _body(request, limits.seconds)
        body = await run_in_threadpool(PredictBody, content)
        signature = version.signature(body.signature_name)
        inputs = await run_in_threadpool(body.arrays, signature)
        future = queue.submit(version, version.check(signature.name, inputs, limits))
        outputs = await http_result(future, request, limits.seconds)
        answer = await run_in_threadpool(encode_response, outputs, body.in_rows)
        return _json(answer, {VERSION_HEADER: str(version.number)})

    @router.post("/{model}:predict")
    async def predict_newest(model: str, request: Request) -> Response:
        return await predict(model, request, None)

    @router.post("/{model}/versions/{number}:predict")
    async def predict_version(model: str, number: str, request: Request) -> Response:
        return await predict(model, request, read_version(number))

    @router.get("/{model}/metadata")
    async def metadata_newest(model: str) -> Response:
        return metadata(model, None)

    @router.get("/{model}/versions/{number}/metadata")
    async def metadata_version(model: str, number: str) -> Response:
        return metadata(model, read_version(number))

    def metadata(model: str, number: int | None) -> Response:
        _check_name(model, name, number)
        version = versions.get(name, number)
        answer = {
            "model_spec": {"name": name, "signature_name": "", "version": str(version.number)},
            "metadata": {"signature_def": version.signature_definitions},
        }
        return _json(json.dumps(answer, indent=1).encode())

    @router.get("/{model}")
    async def status(model: str) -> Response:
        _check_name(model, name, None)
        return _statuses(versions.statuses())

    @router.get("/{model}/versions/{number}")
    async def status_of_version(model: str, number: str) -> Response:
        wanted = read_version(number)
        _check_name(model, name, wanted)
        found = [status for status in versions.statuses() if status.number == wanted]
        if not found:
            raise Refusal(
                "NOT_FOUND",
                f"Could not find version {wanted} of model {name}. "
                f"The loaded version is {versions.get(name).number}",
            )
        return _statuses(found)

    return router


def read_version(text: str) -> int:
    """Reads the number of a version in an address. Raises Refusal."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    if not is_number or int(text) > _LARGEST_VERSION:
        raise Refusal("INVALID_ARGUMENT", f"a version must be a number, got {text[:40]!r}")
    return int(text)


def _check_name(given: str, name: str, number: int | None) -> None:
    if given != name:
        what = "Latest" if number is None else "Specific"
        which = given[:100] if number is None else f"{given[:100]}, {number}"
        raise Refusal(
            "NOT_FOUND", f"Servable not found for request: {what}({which}). The model is {name!r}"
        )


async def _body(request: Request, seconds: float) -> bytes:
    try:
        return await asyncio.wait_for(request.body(), seconds)
    except asyncio.TimeoutError as error:
        raise Refusal("DEADLINE_EXCEEDED", "the body of the request did not arrive") from error


def _statuses(statuses: list[VersionStatus]) -> Response:
    answer = {"model_version_status": [_status(status) for status in statuses]}
    return _json(json.dumps(answer, indent=1).encode())


def _status(status: VersionStatus) -> dict[str, Any]:
    code = "UNKNOWN" if status.error and status.state == "END" else "OK"
    return {
        "version": str(status.number),
        "state": status.state,
        "status": {"error_code": code, "error_message": status.error},
    }


def _json(content: bytes, headers: dict[str, str] | None = None) -> Response:
    return Response(content, media_type="application/json", headers=headers)
