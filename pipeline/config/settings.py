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
from mocogan.pipeline.training_logs import LOG_ROOT
from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.limits import check_limits

_MAX_DATA_NAME = 64  # characters
_MAX_WORKERS = 1024
_AUTO = "auto"
Workers = Annotated[int, Field(ge=1, le=_MAX_WORKERS)]
PRESETS = ("demo", "shapes", "seed", "paper")


class ServiceConfig(Settings):
    """Where the pipeline runs when it is compiled for Vertex AI or Kubeflow."""

    image: str | None = Field(
        None, description="container image with this project (null: TFX's image)"
    )
    gpu_type: str = Field(
        "NVIDIA_TESLA_T4", description="accelerator type of the trainer's machine"
    )
    gpu_count: int = Field(1, ge=0, description="number of accelerators of the trainer's machine")


class Config(Settings):
    """All options of a pipeline."""

    preset: str | None = Field(None, description=f"preset to start from: {', '.join(PRESETS)}")
    pipeline_name: str = Field(
        "mocogan",
        pattern=r"^[a-z0-9][a-z0-9-]*$",
        description="name of the pipeline and of the pushed model",
    )
    run_name: str | None = Field(
        None, min_length=1, max_length=80, description="name of the run in `mocogan runs`"
    )
    data: str = Field(description="folder of videos; subfolders are classes")
    out: str = Field("output", description="output folder")
    cache: bool = Field(True, description="reuse of results from earlier runs with the same inputs")
    beam_args: tuple[str, ...] = Field(
        ("--runner=FnApiRunner",), description="flags of the Beam runner"
    )
    workers: Workers | Literal["auto"] = Field(
        1, description="number of worker processes that decode videos (auto: one per core)"
    )
    openlineage_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s@]+$",
        description="OpenLineage server that gets events of each run (null: OPENLINEAGE_URL)",
    )
    ingest: IngestConfig = IngestConfig()
    trainer: TrainerConfig = Field(default_factory=TrainerConfig)
    evaluator: EvaluatorConfig = EvaluatorConfig()
    infra_validator: InfraValidatorConfig = InfraValidatorConfig()
    pusher: PusherConfig = PusherConfig()
    service: ServiceConfig = ServiceConfig()

    @field_validator("workers", mode="before")
    @classmethod
    def _workers_are_a_number_or_auto(cls, value: Any) -> Any:
        """One message in place of pydantic's two, of which each is about one of the types."""
        if value != _AUTO and not (isinstance(value, int) and 1 <= value <= _MAX_WORKERS):
            raise ValueError(f"must be auto or 1 to {_MAX_WORKERS}, got {value!r}")
        return value

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
    def metadata_path(self) -> str:
        """File of the ML Metadata store."""
        return f"{self.out}/tfx_metadata/metadata.db"

    @property
    def serving_model_dir(self) -> str:
        """Folder with one numbered folder per pushed model."""
        return f"{self.out}/serving_model/{self.pipeline_name}"

    @property
    def runs_dir(self) -> str:
        """Folder with the configuration and the log of each run."""
        return f"{self.out}/runs"

    @property
    def ingest_beam_args(self) -> list[str]:
        """Additional flags of the Beam runner for the ingest."""
        workers = len(os.sched_getaffinity(0)) if self.workers == _AUTO else self.workers
        if workers == 1:
            return []
        return [f"--direct_num_workers={workers}", "--direct_running_mode=multi_processing"]
