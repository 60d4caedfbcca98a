"""Why a request is refused, as HTTP and gRPC say it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Literal

import grpc

Kind = Literal[
    "INVALID_ARGUMENT",
    "PERMISSION_DENIED",
    "NOT_FOUND",
    "RESOURCE_EXHAUSTED",
    "UNAVAILABLE",
    "DEADLINE_EXCEEDED",
    "CANCELLED",
    "INTERNAL",
]
_HTTP: dict[Kind, HTTPStatus] = {
    "INVALID_ARGUMENT": HTTPStatus.BAD_REQUEST,
    "PERMISSION_DENIED": HTTPStatus.FORBIDDEN,
    "NOT_FOUND": HTTPStatus.NOT_FOUND,
    "RESOURCE_EXHAUSTED": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "UNAVAILABLE": HTTPStatus.SERVICE_UNAVAILABLE,
    "DEADLINE_EXCEEDED": HTTPStatus.GATEWAY_TIMEOUT,
    "CANCELLED": HTTPStatus.BAD_REQUEST,  # nobody reads it
    "INTERNAL": HTTPStatus.INTERNAL_SERVER_ERROR,
}


class Refusal(Exception):
    """A request is not answered. The message is for the client.

    Attributes:
        kind: The name of a gRPC status.
        retry_after: Seconds after which the same request may be answered. None: it is not known, or never.
    """

    def __init__(self, kind: Kind, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.retry_after = retry_after

    @property
    def http_status(self) -> int:
        """The status of an HTTP response."""
        return int(_HTTP[self.kind])

    @property
    def grpc_status(self) -> grpc.StatusCode:
        """The status of a gRPC call."""
        return grpc.StatusCode[self.kind]

    @property
    def headers(self) -> dict[str, str]:
        """Headers of an HTTP response."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
