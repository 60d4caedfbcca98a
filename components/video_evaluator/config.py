"""Options of the VideoEvaluator."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator


class EvaluatorConfig(BaseModel):
    """How many clips are measured, and the bounds a model must keep to be blessed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    num_clips: int = Field(
        default=64,
        ge=2,
        le=1024,
        description="number of generated clips, and maximum number of real clips",
    )
    gif_clips: int = Field(default=16, ge=1, le=100, description="number of clips in the GIFs")
    seed: int = Field(default=0, ge=0, description="seed of samples and metrics")
    min_diversity_ratio: float = Field(
        default=0.1,
        ge=0,
        description="minimum diversity of generated clips, relative to real clips",
    )
    min_motion_ratio: float = Field(
        default=0.1,
        ge=0,
        description="minimum frame difference of generated clips, relative to real clips",
    )
    max_motion_ratio: float = Field(
        default=10.0,
        gt=0,
        description="maximum frame difference of generated clips, relative to real clips",
    )
    max_regression: float = Field(
        default=0.1,
        ge=0,
        description="maximum relative increase of sliced_wasserstein over the baseline",
    )

    @model_validator(mode="after")
    def _consistent(self) -> EvaluatorConfig:
        if self.gif_clips > self.num_clips:
            raise ValueError(
                f"gif_clips={self.gif_clips} must not exceed num_clips={self.num_clips}"
            )
        if self.min_motion_ratio >= self.max_motion_ratio:
            raise ValueError(
                f"min_motion_ratio={self.min_motion_ratio} must be below "
                f"max_motion_ratio={self.max_motion_ratio}"
            )
        return self
