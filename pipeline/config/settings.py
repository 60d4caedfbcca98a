"""The configuration: one validated value that every node of the pipeline takes its parameters from."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.data.config import IngestConfig
from mocogan.trainer.config import TrainerConfig

PRESETS = ("demo", "shapes", "seed", "paper")


class ServiceConfig(BaseModel):
    """Where the pipeline runs when it is compiled for Vertex AI or Kubeflow."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    image: str | None = Field(
        None, description="container image with this project installed (default: TFX's own)"
    )
    gpu_type: str = Field("NVIDIA_TESLA_T4", description="accelerator of the trainer's machine")
    gpu_count: int = Field(1, ge=0, description="accelerators of the trainer's machine; 0: none")


class Config(BaseModel):
    """Every parameter of a pipeline."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    preset: str | None = Field(None, description=f"the values to start from: {', '.join(PRESETS)}")
    pipeline_name: str = Field(
        "mocogan", pattern=r"^[a-z0-9][a-z0-9-]*$", description="name of the pipeline and the model"
    )
    data: str = Field(description="folder of videos; a sub-folder is a class")
    out: str = Field("output", description="folder for everything that a run writes")
    cache: bool = Field(True, description="reuse what an earlier run made from the same inputs")
    beam_args: tuple[str, ...] = Field(
        ("--runner=FnApiRunner",), description="flags of the Beam runner"
    )
    workers: int = Field(
        1, ge=1, le=1024, description="processes that decode videos on this machine"
    )
    ingest: IngestConfig = IngestConfig()
    trainer: TrainerConfig = Field(default_factory=TrainerConfig)
    evaluator: EvaluatorConfig = EvaluatorConfig()
    service: ServiceConfig = ServiceConfig()

    @model_validator(mode="after")
    def _out_is_not_in_data(self) -> Config:
        if f"{self.out}/".startswith(f"{self.data.rstrip('/')}/"):
            raise ValueError(
                f"out={self.out!r} lies in data={self.data!r}: the next run would read clips and reports "
                "as videos; choose a folder beside it"
            )
        return self

    @property
    def pipeline_root(self) -> str:
        """Folder of the artifacts."""
        return f"{self.out}/tfx_pipeline_output"

    @property
    def checkpoint_root(self) -> str:
        """Folder with a folder of checkpoints for each training."""
        return f"{self.out}/checkpoints"

    @property
    def metadata_path(self) -> str:
        """File of the ML Metadata store."""
        return f"{self.out}/tfx_metadata/metadata.db"

    @property
    def serving_model_dir(self) -> str:
        """Folder with a numbered folder for each pushed model."""
        return f"{self.out}/serving_model/{self.pipeline_name}"

    @property
    def runs_dir(self) -> str:
        """Folder with the configuration and the log of each run."""
        return f"{self.out}/runs"

    @property
    def ingest_beam_args(self) -> list[str]:
        """Flags of the Beam runner beyond `beam_args` for the ingest."""
        if self.workers == 1:
            return []
        return [f"--direct_num_workers={self.workers}", "--direct_running_mode=multi_processing"]
