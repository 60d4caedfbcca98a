"""Stores which code the pipeline was compiled with, so that a task can compare it with the code of its image."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from mocogan.components.code_fingerprint import CODE_FINGERPRINT_KEY, fingerprinted_modules
from mocogan.components.settings import CUSTOM_CONFIG
from mocogan.pipeline.engines.container.code_check import CODE_FLAG
from mocogan.pipeline.engines.spec.outside_state import (
    BASELINE,
    BASELINE_TASK,
    DATA_TASK,
    INGEST,
    START_TASK,
    WARM_START,
)
from mocogan.pipeline.engines.spec.parts import Spec, add_argument, tasks

# Tasks that look for a node.
_SAME_CODE = {DATA_TASK: INGEST, BASELINE_TASK: BASELINE, START_TASK: WARM_START}


def add_code_checks(spec: Spec, nodes: Iterable[Any]) -> None:
    """Adds the fingerprint of the code and what it covers to the command of each node.

    Args:
        spec: The pipeline.
        nodes: The components that it was compiled from, in this process.
    """
    found = {node.id: _fingerprint(node.exec_properties) for node in nodes}
    for name in tasks(spec):
        if fingerprint := found.get(_SAME_CODE.get(name, name)):
            modules = ",".join(fingerprinted_modules(fingerprint))
            add_argument(spec, name, CODE_FLAG, f"{fingerprint}:{modules}")


def _fingerprint(parameters: dict[str, Any]) -> str | None:
    """The fingerprint among the parameters of a node, or among its own settings, as Transform has it."""
    if CODE_FINGERPRINT_KEY in parameters:
        return f"{parameters[CODE_FINGERPRINT_KEY]}"
    settings = json.loads(parameters.get(CUSTOM_CONFIG) or "{}")
    found: str | None = settings.get(CODE_FINGERPRINT_KEY)
    return found
