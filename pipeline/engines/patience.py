"""Requests that a service refuses for a while: tried again, and nothing is made twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from mocogan.pipeline.errors import ExpectedError

Made = TypeVar("Made")

_FIRST_WAIT, _LONGEST_WAIT = (
    0.5,
    16.0,
)  # seconds between two tries; each wait is twice the one before


class ServiceUnavailable(ExpectedError):
    """The service cannot be reached, is overloaded, or a quota of requests is used up. A later try may succeed."""


class ServiceRefused(ExpectedError):
    """The service refused a request. The same request will be refused again."""


class NotThere(ServiceRefused):
    """What a request names does not exist."""


def patiently(send: Callable[[], Made], patience: float) -> Made:
    """Sends a request that may be sent twice, until it is answered.

    Args:
        send: Sends the request. Raises ServiceUnavailable if a later try may succeed.
        patience: Seconds after which no further try begins.

    Raises:
        ServiceUnavailable: no try succeeded.
    """
    deadline, wait = time.monotonic() + patience, _FIRST_WAIT
    while True:
        try:
            return send()
        except ServiceUnavailable:
            if time.monotonic() + wait > deadline:
                raise
        time.sleep(wait)
        wait = min(2 * wait, _LONGEST_WAIT)


def make_once(make: Callable[[], Made], find: Callable[[], Made | None], patience: float) -> Made:
    """Makes something in a service once, although a request may fail after the service has worked on it.

    Args:
        make: Sends the request that makes it.
        find: Looks for what an earlier request may have made. Returns None if it made nothing.
        patience: Seconds after which no further try begins.

    Raises:
        ServiceUnavailable: no try succeeded.
    """
    tried = False

    def try_once() -> Made:
        nonlocal tried
        if tried and (found := find()) is not None:
            return found
        tried = True
        return make()

    return patiently(try_once, patience)
