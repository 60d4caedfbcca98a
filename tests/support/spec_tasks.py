"""The tasks of a compiled pipeline: what they need, and what they did."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple


class SpecError(Exception):
    """The specification is not complete, or a task failed."""


class TaskRun(NamedTuple):
    """What a task did: its state is "ran" or "cached"."""

    name: str
    state: str
    seconds: float
    outputs: dict[str, Any]  # artifacts by name
    parameters: dict[str, Any]
    log: str


def upstream(task: Mapping[str, Any]) -> set[str]:
    inputs = task.get("inputs", {})
    sources = [
        *(s["taskOutputArtifact"] for s in inputs.get("artifacts", {}).values()),
        *(
            s["taskOutputParameter"]
            for s in inputs.get("parameters", {}).values()
            if "taskOutputParameter" in s
        ),
    ]
    upstream = set(task.get("dependentTasks", ()))
    if undeclared := {source["producerTask"] for source in sources} - upstream:
        raise SpecError(
            f"the inputs come from {sorted(undeclared)}, which are not in dependentTasks"
        )
    return upstream


def parameter(
    source: Mapping[str, Any], values: Mapping[str, Any], done: Mapping[str, TaskRun]
) -> Any:
    if "runtimeValue" in source:
        return source["runtimeValue"]["constant"]
    if "componentInputParameter" in source:
        return values[source["componentInputParameter"]]
    place = source["taskOutputParameter"]
    if place["producerTask"] not in done:
        raise SpecError(f"{place} is needed, which has not run")
    return done[place["producerTask"]].parameters[place["outputParameterKey"]]


def check_type(task: str, name: str, value: Any, kind: str) -> None:
    types = {"STRING": str, "NUMBER_INTEGER": (int, float), "NUMBER_DOUBLE": (int, float)}
    if not isinstance(value, types[kind]):
        raise SpecError(f"{task}: {name}={value!r} is not a {kind}")


def cache_key(container: Mapping[str, Any], executor_input: Mapping[str, Any]) -> str:
    """What a service compares: the command, the names of artifacts, the parameters, and the types of the outputs."""
    inputs, outputs = executor_input["inputs"], executor_input["outputs"]["artifacts"]
    parts = [
        {key: container.get(key) for key in ("image", "command", "args", "env")},
        {key: [a["name"] for a in v["artifacts"]] for key, v in inputs["artifacts"].items()},
        inputs["parameterValues"],
        {key: value["artifacts"][0]["type"] for key, value in outputs.items()},
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
