"""The configuration: one validated value, from which all nodes of the pipeline take their parameters."""

from __future__ import annotations

import os
import re
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from mocogan.components.infra_validator.config import InfraValidatorConfig
from mocogan.components.model_pusher.config import PusherConfig
from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.data.config import IngestConfig
from mocogan.data.settings import Settings
from mocogan.pipeline.config.beam import BeamConfig
from mocogan.pipeline.config.node_resources import TRAINER, NodeResources, check_nodes
from mocogan.pipeline.config.services import KubeflowConfig, VertexConfig
from mocogan.pipeline.metadata.servers.address import SQLITE, parse_address
from mocogan.pipeline.metadata.servers.password import PASSWORD_VARIABLE
from mocogan.pipeline.metadata.store import Store
from mocogan.pipeline.metadata.stores import configured_store
from mocogan.pipeline.training_logs import LOG_ROOT
from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.limits import check_limits

_MAX_DATA_NAME = 64  # characters
_RUNNER_FLAG = "--runner="
_LOCAL_RUNNERS = tuple(f"{_RUNNER_FLAG}{name}" for name in ("FnApiRunner", "DirectRunner"))
_MAX_WORKERS = 1024
_AUTO = "auto"
Workers = Annotated[int, Field(ge=1, le=_MAX_WORKERS)]
PRESETS = ("demo", "shapes", "text", "seed", "paper")


class ServiceConfig(Settings):
    """How the pipeline runs when it is compiled for Vertex AI or Kubeflow."""

    image: str | None = Field(
        None, description="container image with this project, best by digest (NAME@sha256:...)"
    )
    resources: dict[str, NodeResources] = Field(
        {}, description="cpu, memory_gb, gpu_type and gpu_count of nodes, by name of the node"
    )
    environment: dict[str, str] = Field(
        {}, description="environment variables of all nodes (TF_ENABLE_ONEDNN_OPTS=1 is set)"
    )
    uncached: tuple[str, ...] = Field((), description="nodes that always run, by name")
    retries: int = Field(3, ge=0, le=100, description="attempts after a node has failed")
    retry_seconds: int = Field(
        60, ge=0, le=3600, description="wait before the first of them; each next wait is doubled"
    )
    labels: dict[str, str] = Field({}, description="labels of runs (Kubeflow: of pods)")
    vertex: VertexConfig = VertexConfig()
    kubeflow: KubeflowConfig = KubeflowConfig()

    @model_validator(mode="after")
    def _nodes_exist(self) -> ServiceConfig:
        check_nodes("resources", self.resources)
        check_nodes("uncached", self.uncached)
        return self

    def resources_of(self, node: str) -> NodeResources:
        """What a node gets. The trainer gets one accelerator if nothing else is said."""
        given = self.resources.get(node, NodeResources())
        if given.gpu_count is not None:
            return given
        wanted = int(node == TRAINER or given.gpu_type is not None)
        return given.model_copy(update={"gpu_count": wanted})


class Config(Settings):
    """All options of a pipeline."""

    preset: str | None = Field(None, description=f"preset to start from: {', '.join(PRESETS)}")
    pipeline_name: str = Field(
        "mocogan",
        pattern=r"^[a-z0-9][a-z0-9-]*$",
        max_length=100,  # MySQL keeps 255 characters of names that ML Metadata makes of it
        description="name of the pipeline and of the pushed model",
    )
    run_name: str | None = Field(
        None, min_length=1, max_length=80, description="name of the run in `mocogan runs`"
    )
    data: str = Field(description="folder of videos; subfolders are classes")
    out: str = Field("output", description="output folder")
    metadata: str = Field(
        SQLITE,
        description="ML Metadata store: sqlite, or postgresql:// or mysql://USER@HOST:PORT/DATABASE "
        f"(password: {PASSWORD_VARIABLE})",
    )
    cache: bool = Field(True, description="reuse of results from earlier runs with the same inputs")
    beam_args: tuple[str, ...] = Field(
        (), description="flags of Beam that no option of `beam` sets; they come last"
    )
    workers: Workers | Literal["auto"] = Field(
        1, description="number of worker processes that decode videos (auto: one per core)"
    )
    site: bool = Field(
        True, description="site of all runs in the output folder, written after each run"
    )
    openlineage_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s@]+$",
        description="OpenLineage server that gets events of each run (null: OPENLINEAGE_URL)",
    )
    beam: BeamConfig = BeamConfig()
    ingest: IngestConfig = IngestConfig()
    trainer: TrainerConfig = Field(default_factory=TrainerConfig)
    evaluator: EvaluatorConfig = EvaluatorConfig()
    infra_validator: InfraValidatorConfig = InfraValidatorConfig()
    pusher: PusherConfig = PusherConfig()
    service: ServiceConfig = ServiceConfig()

    @field_validator("metadata", mode="before")
    @classmethod
    def _metadata_is_sqlite_or_an_address(cls, value: Any) -> Any:
        address = parse_address(value) if isinstance(value, str) else None
        return value if address is None else str(address)

    @field_validator("workers", mode="before")
    @classmethod
    def _workers_are_a_number_or_auto(cls, value: Any) -> Any:
        """One message in place of pydantic's two, of which each is about one of the types."""
        if value != _AUTO and not (isinstance(value, int) and 1 <= value <= _MAX_WORKERS):
            raise ValueError(f"must be auto or 1 to {_MAX_WORKERS}, got {value!r}")
        return value

    @model_validator(mode="after")
    def _one_runner(self) -> Config:
        runners = [flag for flag in self.beam_args if flag.startswith(_RUNNER_FLAG)]
        if runners and self.beam.runner != "local":
            raise ValueError(
                f"beam.runner={self.beam.runner} and beam_args has {runners[-1]}. Remove it from beam_args"
            )
        return self

    @model_validator(mode="after")
    def _out_is_not_in_data(self) -> Config:
        if f"{self.out}/".startswith(f"{self.data.rstrip('/')}/"):
            raise ValueError(
                f"out={self.out!r} lies in data={self.data!r}, so the next run would read its output as videos. "
                "Choose an output folder outside data"
            )
        return self

    @model_validator(mode="after")
    def _the_clips_can_be_trained(self) -> Config:
        check_limits(self.trainer, self.ingest.num_frames, self.ingest.size)
        return self

    @property
    def pipeline_root(self) -> str:
        """Folder of the artifacts."""
        return f"{self.out}/tfx_pipeline_output"

    @property
    def ingest_root(self) -> str:
        """Folder with unfinished ingests of this pipeline, and the list of its newest finished ones."""
        return f"{self.out}/ingests/{self.pipeline_name}"

    @property
    def checkpoint_root(self) -> str:
        """Folder with one folder of checkpoints per training."""
        return f"{self.out}/checkpoints"

    @property
    def log_root(self) -> str:
        """Folder with one log per training, for TensorBoard."""
        return f"{self.out}/{LOG_ROOT}"

    @property
    def log_name(self) -> str:
        """Start of the names of the logs: the preset and the data folder."""
        data = re.sub("[^A-Za-z0-9._-]+", "_", os.path.basename(self.data.rstrip("/")))
        return f"{self.preset or 'custom'}-{data[:_MAX_DATA_NAME] or 'data'}"

    @property
    def feature_cache(self) -> str:
        """Folder with features of clips that were evaluated."""
        return f"{self.out}/feature_cache"

    @property
    def store(self) -> Store:
        """The ML Metadata store."""
        return configured_store(self.out, self.metadata)

    @property
    def serving_model_dir(self) -> str:
        """Folder with one numbered folder per pushed model."""
        return f"{self.out}/serving_model/{self.pipeline_name}"

    @property
    def runs_dir(self) -> str:
        """Folder with the configuration and the log of each run."""
        return f"{self.out}/runs"

    @property
    def runner_flags(self) -> list[str]:
        """Flags of the Beam runner, for all nodes that use Beam."""
        if any(flag.startswith(_RUNNER_FLAG) for flag in self.beam_args):
            return list(self.beam_args)
        return [*self.beam.flags(self.service.image), *self.beam_args]

    @property
    def ingest_beam_args(self) -> list[str]:
        """Additional flags of the Beam runner for the ingest."""
        runners = [flag for flag in self.runner_flags if flag.startswith(_RUNNER_FLAG)]
        local = all(flag in _LOCAL_RUNNERS for flag in runners)
        workers = len(os.sched_getaffinity(0)) if self.workers == _AUTO else self.workers
        if workers == 1 or not local:  # other runners have workers of their own
            return []
        return [f"--direct_num_workers={workers}", "--direct_running_mode=multi_processing"]
