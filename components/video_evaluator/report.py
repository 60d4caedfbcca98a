"""The content of `metrics.json`. Read it with `EvaluationReport.model_validate_json`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from mocogan.components.video_evaluator.gate import Verdict
from mocogan.evaluation.clip_metrics import MetricValues
from mocogan.evaluation.metric import Direction

REPORT_FILE = "metrics.json"
GRID_FILE = "grid.gif"
REAL_GRID_FILE = "real_grid.gif"
CLIPS_FOLDER = "clips"


class MetricDefinition(BaseModel):
    """The unit of a metric, and which values are better."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: str
    direction: Direction


class Protocol(BaseModel):
    """How the metrics were computed. Values are comparable only under the same protocol."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reference: str  # split of the real clips
    real_clips: int
    generated_clips: int
    clip_shape: tuple[int, int, int, int]  # T, H, W, C
    seed: int
    clips_per_call: int
    downsampled_size: int
    num_projections: int
    metrics: dict[str, MetricDefinition]  # by name
    notes: tuple[str, ...] = ()


class EvaluationReport(BaseModel):
    """`metrics.json`: metrics of candidate, baseline and real clips, on the same real clips."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    protocol: Protocol
    gate: Verdict
    candidate: MetricValues | None  # None if the model broke the output contract
    baseline: MetricValues | None
    real_vs_real: MetricValues | None  # half of the real clips against the other; None if < 8 clips
