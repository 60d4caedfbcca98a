"""Makes the cache of a service see what lies outside the pipeline: data, pushed versions and begun trainings.

A service skips a task whose inputs are the same as before. The local engine has drivers that look first. Here a task
that is never cached looks first, and its result is an input of the node. On Vertex AI, the check before the cache does
that for the ingest, as TFX's own driver does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfx.components.example_gen.utils import FINGERPRINT_PROPERTY_NAME
from tfx.types.standard_component_specs import INPUT_BASE_KEY

from mocogan.components.baseline.executor import BASELINE_KEY
from mocogan.components.warm_start.executor import START_KEY
from mocogan.pipeline.engines.container import data_driver, look
from mocogan.pipeline.engines.spec.parts import (
    TEXT,
    Spec,
    component,
    container,
    set_parameter,
    tasks,
    value_of_task,
)

INGEST, BASELINE, WARM_START = "VideoExampleGen", "BaselineFinder", "WarmStartFinder"
DATA_TASK, BASELINE_TASK, START_TASK = "DataFingerprint", "BaselineVersion", "TrainingStart"
_CHECK = "preCacheCheck"


def check_data_before_cache(spec: Spec) -> None:
    """Puts this project's fingerprint of the data in place of TFX's driver (Vertex AI)."""
    hook = container(spec, INGEST)["lifecycle"][_CHECK]
    hook["command"] = ["python", "-m", data_driver.__name__]


def look_at_data_first(spec: Spec) -> None:
    """Adds a task that fingerprints the data folder. Kubeflow does not run the check before the cache."""
    del container(spec, INGEST)["lifecycle"]
    folder = tasks(spec)[INGEST]["inputs"]["parameters"][INPUT_BASE_KEY]
    _add_look(
        spec,
        DATA_TASK,
        INGEST,
        look.DATA,
        {"parameters": {INPUT_BASE_KEY: folder}},
        FINGERPRINT_PROPERTY_NAME,
    )


def look_at_versions_first(spec: Spec) -> None:
    """Adds tasks that find the pushed version to compare the candidate with, and the model to start from."""
    for name, node, what, result in (
        (BASELINE_TASK, BASELINE, look.BASELINE, BASELINE_KEY),
        (START_TASK, WARM_START, look.START, START_KEY),
    ):
        if node in tasks(spec):
            _add_look(spec, name, node, what, tasks(spec)[node]["inputs"], result)


def _add_look(
    spec: Spec, name: str, node: str, what: str, inputs: Mapping[str, Any], result: str
) -> None:
    """Adds a task with some inputs of a node, whose result is a parameter of the node."""
    definitions = component(spec, node)["inputDefinitions"]
    label = f"{name}_executor"
    spec["components"][name] = {
        "executorLabel": label,
        "inputDefinitions": {
            kind: {key: definitions[kind][key] for key in given} for kind, given in inputs.items()
        },
        "outputDefinitions": {"parameters": {result: {"parameterType": TEXT}}},
    }
    spec["deploymentSpec"]["executors"][label] = {
        "container": {
            "image": container(spec, node)["image"],
            "command": ["python", "-m", look.__name__],
            "args": [f"--what={what}", f"--result={result}", "--executor_input", "{{$}}"],
        }
    }
    task: dict[str, Any] = {
        "taskInfo": {"name": name},
        "componentRef": {"name": name},
        "inputs": {kind: dict(given) for kind, given in inputs.items()},
    }
    if upstream := tasks(spec)[node].get("dependentTasks"):
        task["dependentTasks"] = list(upstream)
    tasks(spec)[name] = task
    set_parameter(spec, node, result, TEXT, value_of_task(name, result))
