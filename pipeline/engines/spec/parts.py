"""The parts of a pipeline specification, and small edits that several modules need."""

from __future__ import annotations

import json
from typing import Any

Spec = dict[str, Any]  # a PipelineSpec as JSON

_INPUTS_ARGUMENT = "--json_serialized_inputs_spec_args"

TEXT = "STRING"
INTEGER = "NUMBER_INTEGER"
NUMBER = "NUMBER_DOUBLE"


def tasks(spec: Spec) -> dict[str, Any]:
    """The tasks by name."""
    found: dict[str, Any] = spec["root"]["dag"]["tasks"]
    return found


def component(spec: Spec, node: str) -> dict[str, Any]:
    """The inputs and outputs of a node."""
    found: dict[str, Any] = spec["components"][tasks(spec)[node]["componentRef"]["name"]]
    return found


def container(spec: Spec, node: str) -> dict[str, Any]:
    """The container of a node."""
    executor = component(spec, node)["executorLabel"]
    found: dict[str, Any] = spec["deploymentSpec"]["executors"][executor]["container"]
    return found


def constant(value: str) -> dict[str, Any]:
    """A text as the value of a task's parameter."""
    return {"runtimeValue": {"constant": value}}


def value_of_task(task: str, key: str) -> dict[str, Any]:
    """The output parameter of another task as the value of a task's parameter."""
    return {"taskOutputParameter": {"producerTask": task, "outputParameterKey": key}}


def set_parameter(spec: Spec, node: str, name: str, kind: str, value: dict[str, Any]) -> None:
    """Gives a node a parameter, in place of the one that it has."""
    definitions = component(spec, node).setdefault("inputDefinitions", {})
    definitions.setdefault("parameters", {})[name] = {"parameterType": kind}
    inputs = tasks(spec)[node].setdefault("inputs", {})
    inputs.setdefault("parameters", {})[name] = value
    if "taskOutputParameter" in value:
        add_dependency(spec, node, value["taskOutputParameter"]["producerTask"])


def add_dependency(spec: Spec, node: str, upstream: str) -> None:
    """Makes a node wait for another one."""
    task = tasks(spec)[node]
    task["dependentTasks"] = sorted({*task.get("dependentTasks", ()), upstream})


def add_argument(spec: Spec, node: str, name: str, value: str) -> None:
    """Adds a flag to the command of a node, before the arguments of the executor."""
    container(spec, node)["args"] = [f"--{name}={value}", *container(spec, node)["args"]]


def repeat_input_definitions(spec: Spec) -> None:
    """Writes the inputs of each node into the argument from which TFX's entry point learns their types."""
    for node in tasks(spec):
        text = json.dumps(component(spec, node).get("inputDefinitions", {}), sort_keys=True)
        hook = container(spec, node).get("lifecycle", {}).get("preCacheCheck", {})
        for arguments in (container(spec, node)["args"], hook.get("args", [])):
            if _INPUTS_ARGUMENT in arguments:
                arguments[arguments.index(_INPUTS_ARGUMENT) + 1] = text
