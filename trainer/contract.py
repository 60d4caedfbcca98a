"""The part of the trainer that components import: shared names and the files it writes."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, FiniteFloat, ValidationError

# Keys of the custom_config that `run_fn` receives.
TRAINER_CONFIG = "trainer_config"  # the fields of TrainerConfig
INGEST_CONFIG = "ingest_config"  # the INGEST_OPTIONS of IngestConfig
CHECKPOINT_ROOT = "checkpoint_root"  # folder kept between executions; a subfolder per training
LOG_ROOT = "log_root"  # folder kept between executions; a subfolder per training
LOG_NAME = "log_name"  # start of the subfolder's name, before the key; or None
CHECKPOINT_DIR = "checkpoint_dir"  # output folder of this execution for the last checkpoint
CODE_FINGERPRINT = "code_fingerprint"  # version of the code
BASE = "base"  # the fields of Base, or None if the training starts anew

# Values of the option `run.warm_start` that are no folders.
NO_WARM_START, LATEST = "none", "latest"

# Options of IngestConfig that decide how a video becomes a clip. The clip's size is part of the clip shape.
INGEST_OPTIONS = ("frame_stride", "fps", "resize", "resize_filter")

# Signatures of the SavedModel in addition to TensorFlow's default, `serving_default`.
SAMPLE_CATEGORY = "sample_category"
SAMPLE_CONTROLLED = "sample_controlled"
SAMPLE_EACH = "sample_each"
SAMPLE_LABEL = "sample_label"
SAMPLE_PNG = "sample_png"
LATENTS = "latents"
RENDER = "render"
ANY_CATEGORY = -1  # instead of a class id: classes at their frequencies in the training data
MAX_CLIPS_PER_CALL = 4096  # of a signature; 805 MB of clips of 16 frames of 64x64

# In the folder of the SavedModel. TensorFlow reserves `assets.extra` for files that the graph does not read.
MODEL_DESCRIPTION_FILE = "assets.extra/mocogan.json"
# In the folder of the model run.
TRAINING_SUMMARY_FILE = "training_summary.json"
# In the folder of a training's log, and in its copy in the folder of the model run.
METRICS_FILE = (
    "metrics.jsonl"  # a JSON object per line: step, time, seconds, verdict, and scalars by name
)
SAMPLES_FOLDER = (
    "samples"  # step-NNNNNN and real: .gif, and .png with the same clips as film strips
)


class Base(BaseModel):
    """The model whose weights a training starts from."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    model_sha256: str  # of what the model is. Its first digits are enough if the model is gone
    folder: str | None = (
        None  # of the SavedModel, such as a pushed version; None: not known any more
    )

    @property
    def version(self) -> str | None:
        """Name of the folder. A pushed version has a number."""
        return self.folder and self.folder.rstrip("/").rpartition("/")[2]


class WarmStart(Base):
    """What a training took from another model, and what it did not."""

    taken: int  # number of variables of the generator
    variables: int  # number of all variables of the generator
    anew: tuple[str, ...] = ()  # variables of the generator that start anew
    unused: tuple[str, ...] = ()  # variables of the other model that have no place
    known_classes: tuple[str, ...] = ()  # labels whose weights were taken
    new_classes: tuple[str, ...] = ()  # labels whose weights start anew

    def text(self) -> str:
        """One line: the model, and how much of it was taken."""
        text = f"{self.version or self.model_sha256}: {self.taken} of {self.variables} variables"
        if self.new_classes:
            text += f", new classes {', '.join(self.new_classes)}"
        return text


class ModelDescription(BaseModel):
    """Content of MODEL_DESCRIPTION_FILE: how to cut real clips that compare with the model's clips, and the classes."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    format_version: Literal[1] = 1
    clip_shape: tuple[int, int, int, int]  # T, H, W, C
    frame_stride: int  # this and the next three are options of IngestConfig
    fps: float | None
    resize: str
    resize_filter: str
    labels: tuple[str, ...]  # in the order of the class ids; empty for a model without classes
    frame_rate: float | None = None  # of the training clips in frames per second; None if not known
    steps: int | None = None  # of the training
    configuration_sha256: str | None = None  # of the options of the trainer and of the ingest
    versions: dict[str, str] = {}  # of packages and Python
    trained_labels: tuple[str, ...] = ()  # `labels` in the order of the variables
    warm_start: WarmStart | None = None  # None: the training started anew


def read_model_description(folder: str) -> ModelDescription | None:
    """Reads the description that `export` stored in a SavedModel.

    Args:
        folder: Folder of the SavedModel, local or an address such as `gs://bucket/name`.

    Returns:
        The description, or None for a SavedModel without one, which `export` did not write.

    Raises:
        ValueError: The description is not valid, or it has a format that this version does not know.
        tf.errors.OpError: The description exists, but TensorFlow cannot read it.
    """
    import tensorflow as tf

    path = f"{folder}/{MODEL_DESCRIPTION_FILE}"
    if not tf.io.gfile.exists(path):
        return None
    with tf.io.gfile.GFile(path, "rb") as file:
        content = file.read()
    try:
        return ModelDescription.model_validate_json(content)
    except ValidationError as error:
        raise ValueError(f"{path} is not a valid model description: {error}") from error


class TrainingSummary(BaseModel):
    """Content of TRAINING_SUMMARY_FILE."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    steps: int
    seconds: FiniteFloat  # wall time of all runs of the training
    losses: dict[str, FiniteFloat]
    clips_per_second: FiniteFloat  # excludes the time for compiling, sampling and saving
    sample_distance: FiniteFloat | None  # at the last checkpoint; None if not measured
    verdict: str  # of the training doctor, one line
    examination: dict[str, FiniteFloat]  # metrics of the training doctor's last examination
    rollbacks: int
    num_categories: int
    parameters: int
    clip_shape: tuple[int, int, int, int]  # T, H, W, C
    device: str
    exported_step: int | None = None  # step whose weights are exported
    clip_distance: FiniteFloat | None = None  # of the exported weights; None if not measured
    warm_start: WarmStart | None = None  # None: the training started anew

    def properties(self) -> dict[str, int | float | str]:
        """The summary as flat custom properties. The clip shape is written as `16x64x64x3`."""
        optional = {
            "sample_distance": self.sample_distance,
            "exported_step": self.exported_step,
            "clip_distance": self.clip_distance,
        }
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
            **{name: value for name, value in optional.items() if value is not None},
            **({"warm_start": self.warm_start.text()} if self.warm_start else {}),
            **{f"loss_{name}": loss for name, loss in self.losses.items()},
        }
