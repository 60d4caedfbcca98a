"""What an evaluation artifact holds. Read it back with `EvaluationReport.model_validate_json`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from mocogan.components.video_evaluator.gate import Verdict
from mocogan.evaluation.clip_distances import ClipDistances

REPORT_FILE = "metrics.json"
GRID_FILE = "grid.gif"
REAL_GRID_FILE = "real_grid.gif"
CLIPS_FOLDER = "clips"


class Protocol(BaseModel):
    """How the figures were made: none means anything without it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reference: str  # split of the real clips
    real_clips: int
    generated_clips: int
    clip_shape: tuple[int, int, int, int]  # T, H, W, C
    seed: int
    clips_per_call: int
    pooled_size: int
    num_projections: int
    unit: str = "grey levels (0 to 255); ratios are generated / real"
    notes: tuple[str, ...] = ()


class EvaluationReport(BaseModel):
    """`metrics.json`: candidate, baseline and floor measured on the same real clips."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    protocol: Protocol
    gate: Verdict
    candidate: ClipDistances | None  # None when the model gave no clips of the promised form
    baseline: ClipDistances | None
    floor: ClipDistances | None  # real clips against real clips; None for fewer than 8
