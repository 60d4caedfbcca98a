"""What a node of the pipeline gets on Kubeflow and Vertex AI."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from mocogan.data.settings import Settings

TRAINER = "MoCoGanTrainer"
# In the order of the pipeline.
NODES = (
    "VideoExampleGen",
    "StatisticsGen",
    "SchemaGen",
    "ExampleValidator",
    "Transform",
    "WarmStartFinder",
    TRAINER,
    "BaselineFinder",
    "VideoEvaluator",
    "ReportGen",
    "InfraValidator",
    "Pusher",
)


class NodeResources(Settings):
    """Processors, memory and accelerators of a node. None: what the service gives."""

    cpu: float | None = Field(None, gt=0, description="number of CPU cores")
    memory_gb: float | None = Field(None, gt=0, description="memory in GB")
    gpu_type: str | None = Field(None, min_length=1, description="accelerator type")
    gpu_count: int | None = Field(None, ge=0, description="number of accelerators")


def check_nodes(option: str, names: Iterable[str]) -> None:
    """Checks names of nodes. Raises ValueError for a name that no node has."""
    for name in names:
        if name not in NODES:
            raise ValueError(f"{option} names the node {name!r}. The nodes are {', '.join(NODES)}")
