"""Which accelerators an engine knows, and which machines have them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mocogan.pipeline.config.node_resources import NodeResources
from mocogan.pipeline.engines.engine_names import KUBEFLOW, VERTEX

DEFAULT_GPU = {VERTEX: "NVIDIA_TESLA_T4", KUBEFLOW: "nvidia.com/gpu"}


class Machine(NamedTuple):
    """The largest machine with a number of accelerators."""

    cpu: int
    memory_gb: int


# Machines of Google Compute Engine, cloud.google.com/compute/docs/gpus, by accelerator and number of accelerators.
_VERTEX_MACHINES: dict[str, dict[int, Machine]] = {
    "NVIDIA_TESLA_P4": {1: Machine(24, 156), 2: Machine(48, 312), 4: Machine(96, 624)},
    "NVIDIA_TESLA_T4": {1: Machine(48, 312), 2: Machine(48, 312), 4: Machine(96, 624)},
    "NVIDIA_TESLA_P100": {1: Machine(16, 104), 2: Machine(32, 208), 4: Machine(96, 624)},
    "NVIDIA_TESLA_V100": {
        1: Machine(12, 78),
        2: Machine(24, 156),
        4: Machine(48, 312),
        8: Machine(96, 624),
    },
    "NVIDIA_L4": {
        1: Machine(32, 128),
        2: Machine(24, 96),
        4: Machine(48, 192),
        8: Machine(96, 384),
    },
    "NVIDIA_TESLA_A100": {
        1: Machine(12, 85),
        2: Machine(24, 170),
        4: Machine(48, 340),
        8: Machine(96, 680),
        16: Machine(96, 1360),
    },
    "NVIDIA_A100_80GB": {
        1: Machine(12, 170),
        2: Machine(24, 340),
        4: Machine(48, 680),
        8: Machine(96, 1360),
    },
    "NVIDIA_H100_80GB": {
        1: Machine(26, 234),
        2: Machine(52, 468),
        4: Machine(104, 936),
        8: Machine(208, 1872),
    },
}


def gpu_type(resources: NodeResources, engine: str) -> str:
    """The accelerator of a node in the words of the engine."""
    return resources.gpu_type or DEFAULT_GPU[engine]


def largest_machine(name: str, count: int) -> Machine | None:
    """The largest machine of Vertex AI with a number of accelerators. None if there is none."""
    return _VERTEX_MACHINES.get(name, {}).get(count)


def accelerator_problems(option: str, resources: NodeResources, engine: str) -> Iterator[str]:
    """One message for each thing about the accelerators of a node that the engine would refuse.

    Args:
        option: Name of the section, such as `service.resources.MoCoGanTrainer`.
        resources: What the node wants.
        engine: "vertex" or "kubeflow".
    """
    if not resources.gpu_count:
        return
    name = gpu_type(resources, engine)
    if engine == KUBEFLOW:
        if "/" not in name:
            yield (
                f"{option}.gpu_type={name} is not a resource of Kubernetes. Use nvidia.com/gpu, and choose the "
                "kind of GPU by the nodes of the cluster"
            )
        return
    machines = _VERTEX_MACHINES.get(name)
    if machines is None:
        yield f"{option}.gpu_type={name} is not known on Vertex AI. Use {', '.join(_VERTEX_MACHINES)}"
        return
    machine = machines.get(resources.gpu_count)
    if machine is None:
        numbers = ", ".join(map(str, machines))
        yield f"{option}.gpu_count={resources.gpu_count}: {name} comes in machines with {numbers}"
        return
    for key, limit in machine._asdict().items():
        value = getattr(resources, key)
        if value is not None and value > limit:
            yield (
                f"{option}.{key}={value:g}: a machine with {resources.gpu_count} {name} has at most {limit}. "
                "Ask for less, or for more accelerators"
            )
