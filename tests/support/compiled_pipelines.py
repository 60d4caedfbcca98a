"""Small compiled pipelines, as `mocogan compile` writes them."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import yaml

IMAGE = "registry.example/mocogan@sha256:" + "0" * 64
ROOT = "gs://bucket/out/tfx_pipeline_output"
TASKS = ("VideoExampleGen", "MoCoGanTrainer")

_CONTAINER = {"command": ["python", "-m", "run_task"], "args": ["{{$}}"], "image": IMAGE}
_SPEC: dict[str, Any] = {
    "components": {task: {"executorLabel": f"{task}_executor"} for task in TASKS},
    "defaultPipelineRoot": ROOT,
    "deploymentSpec": {
        "executors": {f"{task}_executor": {"container": _CONTAINER} for task in TASKS}
    },
    "pipelineInfo": {"name": "mocogan"},
    "root": {
        "dag": {
            "tasks": {
                "VideoExampleGen": {
                    "cachingOptions": {"enableCache": True},
                    "componentRef": {"name": "VideoExampleGen"},
                    "taskInfo": {"name": "VideoExampleGen"},
                },
                "MoCoGanTrainer": {
                    "componentRef": {"name": "MoCoGanTrainer"},
                    "dependentTasks": ["VideoExampleGen"],
                    "taskInfo": {"name": "MoCoGanTrainer"},
                },
            }
        },
        "inputDefinitions": {
            "parameters": {
                "data": {"parameterType": "STRING", "isOptional": True},
                "steps": {"parameterType": "NUMBER_INTEGER", "isOptional": True},
            }
        },
    },
    "schemaVersion": "2.1.0",
    "sdkVersion": "tfx-1.16.0",
}


def small_spec() -> dict[str, Any]:
    """A pipeline of two tasks and two runtime parameters."""
    return copy.deepcopy(_SPEC)


def write_vertex(path: Path, spec: dict[str, Any] | None = None, **job: Any) -> Path:
    """Writes a job of Vertex AI."""
    content = {
        "displayName": "mocogan",
        "labels": {"team": "video"},
        "pipelineSpec": spec or small_spec(),
        "runtimeConfig": {"gcsOutputDirectory": ROOT},
        **job,
    }
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def write_kubeflow(path: Path, spec: dict[str, Any] | None = None) -> Path:
    """Writes a pipeline of Kubeflow."""
    path.write_text(yaml.safe_dump(spec or small_spec()), encoding="utf-8")
    return path
