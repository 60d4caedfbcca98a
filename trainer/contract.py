"""What components know of the trainer: names that both sides use, and the training summary. Needs no TensorFlow."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, FiniteFloat

# Keys of the custom_config that `run_fn` receives.
TRAINER_CONFIG = "trainer_config"  # the fields of TrainerConfig
CHECKPOINT_ROOT = "checkpoint_root"  # folder that outlives executions; a folder in it per training
CHECKPOINT_DIR = "checkpoint_dir"  # folder of this execution, for the last checkpoint
CODE_FINGERPRINT = "code_fingerprint"  # version of the code

# Signatures of the SavedModel beside TensorFlow's default, `serving_default`.
SAMPLE_CATEGORY = "sample_category"
SAMPLE_CONTROLLED = "sample_controlled"
ANY_CATEGORY = -1  # in place of a class id: classes as often as the training data showed them

TRAINING_SUMMARY_FILE = "training_summary.json"  # below the model run


class TrainingSummary(BaseModel):
    """The content of TRAINING_SUMMARY_FILE."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    steps: int
    seconds: FiniteFloat  # wall time of all runs of the training
    losses: dict[str, FiniteFloat]
    clips_per_second: FiniteFloat  # without compiling, sampling and saving
    sample_distance: FiniteFloat | None  # of the last checkpoint; None where it was not measured
    verdict: str  # the training doctor's, one line
    examination: dict[str, FiniteFloat]  # the metrics of the doctor's last examination
    rollbacks: int
    num_categories: int
    parameters: int
    clip_shape: tuple[int, int, int, int]  # T, H, W, C
    device: str

    def properties(self) -> dict[str, int | float | str]:
        """The summary as flat custom properties; the clip's shape reads `16x64x64x3`."""
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
