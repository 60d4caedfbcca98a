"""Machines and accelerators that go together."""

from __future__ import annotations

from typing import Any

import pytest

from mocogan.pipeline.config.node_resources import NodeResources
from mocogan.pipeline.engines.machine_types import machine_problems


def _problems(machine: str, gpu: str | None, count: int, **others: Any) -> list[str]:
    resources = NodeResources(gpu_type=gpu, gpu_count=count, **others)
    return list(machine_problems("machine_type", machine, "resources", resources))


@pytest.mark.parametrize(
    ("machine", "gpu", "count"),
    [
        ("n1-standard-8", "NVIDIA_TESLA_T4", 1),
        ("n1-highmem-96", "NVIDIA_TESLA_V100", 8),
        ("n1-highmem-64", "NVIDIA_TESLA_T4", 4),
        ("n1-standard-4", None, 0),
        ("g2-standard-12", "NVIDIA_L4", 1),
        ("g2-standard-48", "NVIDIA_L4", 4),
        ("a2-highgpu-1g", "NVIDIA_TESLA_A100", 1),
        ("a2-megagpu-16g", "NVIDIA_TESLA_A100", 16),
        ("a2-ultragpu-2g", "NVIDIA_A100_80GB", 2),
        ("a3-highgpu-8g", "NVIDIA_H100_80GB", 8),
        ("e2-standard-8", None, 0),
    ],
)
def test_these_go_together(machine: str, gpu: str | None, count: int) -> None:
    assert _problems(machine, gpu, count) == []


@pytest.mark.parametrize(
    ("machine", "gpu", "count", "message"),
    [
        ("n1-standard-64", "NVIDIA_TESLA_T4", 1, "too large for 1 NVIDIA_TESLA_T4"),
        ("n1-standard-7", "NVIDIA_TESLA_T4", 1, "n1-standard-7 does not exist"),
        ("n1-standard-8", "NVIDIA_L4", 1, "Use g2-standard-4 for 1 NVIDIA_L4"),
        ("e2-standard-8", None, 1, "takes no accelerators. Use n1-standard-8"),
        ("g2-standard-13", "NVIDIA_L4", 1, "does not exist. Use g2-standard-4, "),
        ("g2-standard-12", None, 1, "has 1 NVIDIA_L4, not 1 NVIDIA_TESLA_T4. Set resources={"),
        ("a3-highgpu-8g", "NVIDIA_H100_80GB", 4, "or use a3-highgpu-4g for 4 NVIDIA_H100_80GB"),
        ("a2-highgpu-1g", None, 0, "or use a machine without accelerators"),
    ],
)
def test_these_do_not(machine: str, gpu: str | None, count: int, message: str) -> None:
    (problem,) = _problems(machine, gpu, count)
    assert message in problem


def test_the_machine_decides_cores_and_memory() -> None:
    problems = _problems("n1-standard-8", None, 0, cpu=4, memory_gb=16)
    assert problems == [
        "resources.cpu=4: machine_type=n1-standard-8 decides this. Remove it",
        "resources.memory_gb=16: machine_type=n1-standard-8 decides this. Remove it",
    ]
