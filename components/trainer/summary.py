"""What a training run tells about itself."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, FiniteFloat

TRAINING_SUMMARY_FILE = "training_summary.json"


class TrainingSummary(BaseModel):
    """What `run_fn` leaves in `training_summary.json` below the model run."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    steps: int
    seconds: FiniteFloat  # of all runs that worked on it
    losses: dict[str, FiniteFloat]
    clips_per_second: FiniteFloat  # without compiling, sampling and saving
    sample_distance: FiniteFloat | None  # of the last checkpoint; None where it was not measured
    verdict: str  # the training doctor's, one line: healthy, early, or what ails it and what to try
    examination: dict[str, FiniteFloat]  # what it measured last
    rollbacks: int
    num_categories: int
    parameters: int
    clip_shape: tuple[int, int, int, int]  # T, H, W, C
    device: str

    def properties(self) -> dict[str, int | float | str]:
        """The figures as flat custom properties; the clip's shape reads `16x64x64x3`."""
        return {
            "steps": self.steps,
            "seconds": self.seconds,
            "clips_per_second": self.clips_per_second,
            "num_categories": self.num_categories,
            "parameters": self.parameters,
            "clip_shape": "x".join(map(str, self.clip_shape)),
            "device": self.device,
            "rollbacks": self.rollbacks,
            "verdict": self.verdict,
            **({} if self.sample_distance is None else {"sample_distance": self.sample_distance}),
            **{f"loss_{name}": loss for name, loss in self.losses.items()},
        }
