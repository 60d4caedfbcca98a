"""What runs on all services have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from mocogan.pipeline.engines.compiled_spec import CompiledSpec
from mocogan.pipeline.engines.waiting import RunProgress


class Runs(Protocol):
    """The runs of a service. Each service has requests of its own type, with the method `as_json`."""

    def connect(self) -> None:
        """Checks what can be checked before a pipeline is compiled."""

    def request(self, spec: CompiledSpec, name: str | None, parameters: Mapping[str, str]) -> Any:
        """The request that starts a run. Nothing is sent.

        Args:
            spec: The compiled pipeline.
            name: Name of the run. None: a new one.
            parameters: Runtime parameters, as texts.
        """

    def submit(self, request: Any) -> str:
        """Starts a run. Returns its id."""

    def page_of(self, run: str) -> str:
        """Address of a run in the user interface of the service."""

    def progress(self, request: Any, run: str) -> RunProgress:
        """Where a run is, from the request that started it and its id."""
