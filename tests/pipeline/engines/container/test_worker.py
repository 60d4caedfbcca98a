"""Which process of a training writes the result of the task."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from mocogan.pipeline.engines.container.worker import own_outputs

_TWO = {"chief": ["a:1"], "worker": ["b:1"]}
_OUTPUTS = {
    "outputFile": "/out/executor_output.json",
    "parameters": {"gcp_resources": {"outputFile": "/out/resources"}},
}


@pytest.mark.parametrize(
    ("config", "writes"),
    [
        (None, True),
        ({"environment": "cloud"}, True),
        ({"cluster": {"chief": ["a:1"]}, "task": {"type": "chief", "index": 0}}, True),
        ({"cluster": _TWO, "task": {"type": "chief", "index": 0}}, True),
        ({"cluster": _TWO, "task": {"type": "worker", "index": 0}}, False),
        ({"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 0}}, True),
        ({"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 1}}, False),
    ],
)
def test_the_chief_writes_and_the_launcher_has_its_own_output(
    config: dict[str, Any] | None, writes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TF_CONFIG", raising=False)
    if config is not None:
        monkeypatch.setenv("TF_CONFIG", json.dumps(config))
    with own_outputs(_OUTPUTS) as outputs:
        assert outputs["parameters"] == {}
        assert (outputs["outputFile"] == _OUTPUTS["outputFile"]) == writes
        folder = os.path.dirname(outputs["outputFile"])
        assert os.path.isdir(folder) != writes
    assert not os.path.isdir(folder)
