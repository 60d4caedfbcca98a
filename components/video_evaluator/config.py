"""Options of the VideoEvaluator."""

from __future__ import annotations

from pydantic import Field

from mocogan.data.settings import Settings


class EvaluatorConfig(Settings):
    """How many clips are measured, and the bounds a model must keep to be blessed."""

    num_clips: int = Field(
        default=2048,
        ge=2,
        le=2048,
        description="maximum number of generated clips, and of real clips",
    )
    gif_clips: int = Field(
        default=16, ge=1, le=100, description="number of random clips in the galleries"
    )
    seed: int = Field(default=0, ge=0, lt=2**63, description="seed of samples and metrics")
    max_damage: float = Field(
        default=0.3,
        gt=0,
        description="maximum place on each scale (0: real, 1: damaged)",
    )
    max_memorized: float = Field(
        default=0.1, ge=0, le=1, description="maximum share of copied training clips"
    )
    embedding_steps: int = Field(
        default=400, ge=0, description="training steps of the frame embedding (0: none)"
    )
    motion_control: bool = Field(
        default=True, description="motion control score, if the data has classes"
    )
    features: str | None = Field(
        default=None, description="SavedModel or TF-Hub handle for a Fréchet distance"
    )
    features_are_i3d: bool = Field(
        default=False, description="whether these features are I3D-Kinetics-400, so it is FVD"
    )
