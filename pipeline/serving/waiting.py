"""Waits for a result while a client waits for its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any, TypeVar

import grpc
from starlette.requests import Request

from mocogan.pipeline.serving.refusals import Refusal

T = TypeVar("T")
_GONE = "the client has gone"


def _nothing() -> None:
    pass


async def http_result(
    future: Future[T], request: Request, seconds: float, give_up: Callable[[], None] = _nothing
) -> T:
    """Waits for a future without blocking other requests.

    Args:
        future: The result. It is canceled if nobody waits for it any longer.
        request: The request, whose body was read.
        seconds: The longest wait.
        give_up: Called if nobody waits for the result any longer.

    Raises:
        Refusal: The client has gone, the time is over, or the future raised it.
    """
    result = asyncio.wrap_future(future)
    gone = asyncio.ensure_future(_disconnected(request))
    try:
        both: set[asyncio.Future[Any]] = {result, gone}
        done, _ = await asyncio.wait(both, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if result in done:
            return result.result()
        if gone in done:
            raise Refusal("CANCELLED", _GONE)
        raise Refusal("DEADLINE_EXCEEDED", f"there was no answer within {seconds:g} s")
    finally:
        gone.cancel()
        if not result.done():
            result.cancel()
            give_up()


def grpc_result(future: Future[T], context: grpc.ServicerContext, seconds: float) -> T:
    """Waits for a future in the thread of a gRPC call. Raises Refusal as `http_result`."""
    if not context.add_callback(future.cancel):
        future.cancel()
    remaining = context.time_remaining()
    try:
        return future.result(seconds if remaining is None else min(seconds, remaining))
    except CancelledError as error:
        raise Refusal("CANCELLED", _GONE) from error
    except FutureTimeoutError as error:
        future.cancel()
        raise Refusal("DEADLINE_EXCEEDED", f"there was no answer within {seconds:g} s") from error


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
