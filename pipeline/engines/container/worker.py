"""The processes of a training on several machines. Each runs the command of the task, and one writes its result."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

LAUNCHER_OUTPUT = "gcp_resources"  # parameter that the launcher of a custom job writes


@contextmanager
def own_outputs(outputs: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The outputs of a task that this process writes.

    The launcher of a custom job writes its own. All workers but the chief write their result to a temporary file,
    because the service reads that of the chief.

    Args:
        outputs: The part `outputs` of the `ExecutorInput`.
    """
    parameters = {
        name: value
        for name, value in outputs.get("parameters", {}).items()
        if name != LAUNCHER_OUTPUT
    }
    own = {**outputs, "parameters": parameters}
    if is_chief():
        yield own
        return
    with TemporaryDirectory() as folder:
        yield {**own, "outputFile": f"{folder}/executor_output.json"}


def is_chief() -> bool:
    """Whether this process is the chief of those in TF_CONFIG: without a task `chief`, the first worker.

    True for a single process. Raises ValueError if TF_CONFIG is not JSON.
    """
    config = json.loads(os.environ.get("TF_CONFIG") or "{}")
    task, cluster = config.get("task", {}), config.get("cluster", {})
    if not task or not cluster:
        return True
    if "chief" in cluster:
        return bool(task["type"] == "chief")
    return bool(task["type"] == "worker" and task["index"] == 0)
