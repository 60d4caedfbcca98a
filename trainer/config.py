"""The trainer's configuration: sections of frozen, validated values. Each part of the trainer gets its own section."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import Field, model_validator

from mocogan.data.settings import Settings
from mocogan.trainer.contract import LATEST, NO_WARM_START

Architecture = Literal["moving_parts", "palette", "mocogan", "seed"]
# hinge: arXiv:1705.02894; relativistic: arXiv:2501.05441
AdversarialLoss = Literal["non_saturating", "hinge", "relativistic"]
Augmentation = Literal["color", "translation", "cutout"]
DiscriminatorNorm = Literal["none", "batch", "spectral"]
DistributionChoice = Literal["auto", "none", "mirrored", "multi_worker"]
Precision = Literal["auto", "float32", "bfloat16", "float16"]

# A training may resume with other values of these options: length, cache, devices, exported step and its precision,
# checkpoints and diagnostics. The weights that it starts from are compared by content.
_MAY_CHANGE: Any = {
    "run": {
        "steps",
        "max_minutes",
        "cache_mb",
        "distribution",
        "export",
        "serving_precision",
        "warm_start",
    },
    "checkpoint": True,
    "diagnostics": True,
}

# Options that only some architectures have, with their defaults in each architecture.
ARCHITECTURE_DEFAULTS: dict[str, dict[str, Any]] = {
    "moving_parts": {
        "gru_units": 64,
        "use_categories": True,
        "use_captions": False,
        "word_vectors": "",
        "discriminator_output": "global",
        "discriminator_norm": "none",
        "image_frames": 1,
        "video_downsample": 2,
        "frame_difference": False,
        "temporal_consistency": True,
    },
    "palette": {
        "gru_units": 64,
        "film_layers": 2,
        "num_palette_colors": 2,
        "separate_color_latents": False,
        "palette_residual_weight": 1.0,
        "full_resolution_layer": False,
        "coord_planes": True,
        "use_categories": True,
        "use_captions": False,
        "word_vectors": "",
        "class_conditional_frames": False,
        "discriminator_output": "global",
        "discriminator_norm": "none",
        "image_frames": 1,
        "video_downsample": 2,
        "frame_difference": False,
        "temporal_consistency": True,
    },
    "mocogan": {
        "use_categories": True,
        "class_conditional_frames": False,
        "discriminator_norm": "batch",
    },
    "seed": {"discriminator_norm": "none"},
}


class ModelConfig(Settings):
    """Options of the networks. Options that the chosen architecture does not have are None."""

    architecture: Architecture = Field(
        "moving_parts",
        description="networks (palette: of preset shapes; mocogan: the paper's; seed: the simplest)",
    )
    base_channels: int = Field(
        16, ge=4, description="channels of the last hidden layer (paper: 64)"
    )
    dim_z_content: int = Field(16, ge=1, le=4096, description="length of z_content")
    dim_z_motion: int = Field(
        16, ge=1, le=4096, description="length of z_motion and of the motion noise"
    )
    gru_units: int | None = Field(
        None,
        ge=1,
        le=4096,
        description="size of the GRU hidden state (moving_parts, palette; mocogan: dim_z_motion)",
    )
    film_layers: int | None = Field(
        None,
        ge=0,
        description="number of last hidden layers with FiLM (palette; 0: none)",
    )
    num_palette_colors: int | None = Field(
        None, ge=0, description="palette colors per clip (palette; 0: no palette)"
    )
    separate_color_latents: bool | None = Field(
        None, description="separate halves of z_content for palette and FiLM layers (palette)"
    )
    palette_residual_weight: float | None = Field(
        None, gt=0, description="weight of deviations from the palette colors (palette)"
    )
    full_resolution_layer: bool | None = Field(
        None, description="extra hidden layer at full frame size (palette)"
    )
    coord_planes: bool | None = Field(
        None, description="coordinate planes in the hidden layers (palette)"
    )
    use_categories: bool | None = Field(
        None, description="class conditioning if the data has classes (not in seed)"
    )
    use_captions: bool | None = Field(
        None, description="text conditioning on the captions of the videos (moving_parts, palette)"
    )
    word_vectors: str | None = Field(
        None,
        description="GloVe or .npy file of first word vectors (moving_parts, palette; empty: none)",
    )
    class_conditional_frames: bool | None = Field(
        None, description="class as an input of the frame generator (palette, mocogan)"
    )
    discriminator_output: Literal["patch", "global"] | None = Field(
        None, description="logits per patch or per input (moving_parts, palette; mocogan: patch)"
    )
    discriminator_norm: DiscriminatorNorm | None = Field(
        None, description="normalization in the discriminators (spectral: arXiv:1802.05957)"
    )
    image_frames: int | None = Field(
        None,
        ge=1,
        description="frames per clip for the image discriminator (palette; moving_parts: pairs)",
    )
    video_downsample: Literal[1, 2] | None = Field(
        None,
        description="downsampling factor of the video discriminator's input (moving_parts, palette)",
    )
    frame_difference: bool | None = Field(
        None, description="frame differences as a discriminator input (moving_parts, palette)"
    )
    temporal_consistency: bool | None = Field(
        None,
        description="video discriminator judges color changes over a clip (moving_parts, palette)",
    )

    @model_validator(mode="before")
    @classmethod
    def _options_of_the_architecture(cls, values: Any) -> Any:
        """Fills in the architecture's defaults and rejects options that it does not have."""
        if not isinstance(values, dict):
            return values
        architecture = values.get("architecture", cls.model_fields["architecture"].default)
        if architecture not in ARCHITECTURE_DEFAULTS:  # pydantic reports it
            return values
        defaults = ARCHITECTURE_DEFAULTS[architecture]
        given = {name: value for name, value in values.items() if value is not None}
        for name in given.keys() - defaults.keys():
            if owners := [a for a, options in ARCHITECTURE_DEFAULTS.items() if name in options]:
                raise ValueError(
                    f"{name}={given[name]} is not available in architecture={architecture}, only in "
                    f"{' and '.join(owners)}: remove it or change trainer.model.architecture"
                )
        return {**defaults, **given}

    @model_validator(mode="after")
    def _latents_can_be_split(self) -> ModelConfig:
        if self.separate_color_latents and not (
            self.num_palette_colors and self.film_layers and self.dim_z_content > 1
        ):
            raise ValueError(
                "separate_color_latents=true needs num_palette_colors >= 1, film_layers >= 1 and dim_z_content >= 2, "
                f"got {self.num_palette_colors}, {self.film_layers} and {self.dim_z_content}: raise these or set "
                "separate_color_latents=false"
            )
        return self

    def check_size(self, size: int) -> None:
        """Checks that the architecture can generate frames of `size` x `size` pixels.

        Raises:
            ValueError: It cannot. The message names a size that works.
        """
        if self.architecture == "seed":
            if size < 8 or size % 8:
                raise ValueError(
                    f"the frame size of architecture=seed must be a positive multiple of 8, got {size}: "
                    "change ingest.size"
                )
        elif size < 8 or size & (size - 1):  # doublings from 4x4
            raise ValueError(
                f"the frame size must be a power of two >= 8, got {size}: set ingest.size to 32, 64 or 128"
            )

    @property
    def classifies(self) -> bool:
        """Whether classes are learned by a classifier. Otherwise by a projection, or there are none."""
        return self.architecture in ("palette", "mocogan")

    def num_categories(self, num_labels: int) -> int:
        """Number of classes K to learn for a data set of `num_labels` labels; 0 without classes."""
        return num_labels if self.use_categories and num_labels > 1 else 0


class LossConfig(Settings):
    """Losses, and noise and augmentation of discriminator inputs."""

    adversarial: AdversarialLoss = Field(
        "relativistic",
        description="adversarial loss (paper: non_saturating)",
    )
    r1_gamma: float = Field(1.0, ge=0, description="weight of the gradient penalty on real clips")
    r2_gamma: float = Field(1.0, ge=0, description="weight of the gradient penalty on fake clips")
    r1_interval: int = Field(8, ge=1, description="steps between gradient penalties (R1 and R2)")
    instance_noise: float = Field(
        0.0,
        ge=0,
        description="standard deviation of noise on discriminator inputs (mocogan: every layer)",
    )
    diff_augment: tuple[Augmentation, ...] = Field(
        (), description="differentiable augmentations, constant over a clip (arXiv:2006.10738)"
    )


class OptimizerConfig(Settings):
    """Adam, the learning-rate schedule and the EMA generator."""

    generator_learning_rate: float = Field(
        2e-3, gt=0, description="Adam learning rate of the generator"
    )
    discriminator_learning_rate: float = Field(
        1e-3, gt=0, description="Adam learning rate of the discriminators"
    )
    decay_start: float = Field(
        0.5, ge=0, le=1, description="share of the training with constant learning rates"
    )
    decay_half_life: float | None = Field(
        0.12,
        gt=0,
        description="share of the training that halves the learning rates (null: constant)",
    )
    betas: tuple[float, float] = Field(
        (0.5, 0.99), description="Adam decay rates of the first and second moments"
    )
    weight_decay: float = Field(0.0, ge=0, description="L2 penalty, added to the gradients")
    ema_decay: float = Field(
        0.999, ge=0, lt=1, description="decay per step of the EMA generator (0: no average)"
    )

    @model_validator(mode="after")
    def _betas_in_range(self) -> OptimizerConfig:
        if not all(0 <= beta < 1 for beta in self.betas):
            raise ValueError(f"betas must be >= 0 and < 1, got {list(self.betas)}")
        return self


class CheckpointConfig(Settings):
    """When checkpoints are written and which are kept."""

    interval: int = Field(500, ge=1, description="steps between checkpoints")
    max_to_keep: int = Field(
        3, ge=1, description="number of newest checkpoints to keep, in addition to the best"
    )


class RunConfig(Settings):
    """Length, devices, precision, memory use and exported step of the training."""

    steps: int = Field(20000, ge=1, le=2**31 - 1, description="number of training steps")
    max_minutes: float | None = Field(
        None, gt=0, description="maximum wall time in minutes, over all runs (null: no limit)"
    )
    batch_size: int = Field(8, ge=1, description="clips per step on all devices together")
    gradient_accumulation_steps: int = Field(
        1, ge=1, description="parts of a batch, computed one after another to save memory"
    )
    seed: int = Field(0, ge=0, lt=2**63, description="seed of all random numbers")
    cache_mb: int = Field(
        4096, ge=0, description="maximum size of the clip cache in MiB (0: no cache)"
    )
    mixed_precision: Precision = Field(
        "auto", description="compute dtype (auto: the fastest of the hardware)"
    )
    distribution: DistributionChoice = Field(
        "auto", description="devices (mirrored: all GPUs; multi_worker: machines in TF_CONFIG)"
    )
    deterministic: bool = Field(False, description="bit-identical results on the same machine")
    export: Literal["last", "best"] = Field(
        "last", description="exported step (best: the checkpoint with the lowest clip distance)"
    )
    serving_precision: Literal["float32", "bfloat16"] = Field(
        "float32",
        description="precision of the exported model (bfloat16: faster on some processors)",
    )
    warm_start: str = Field(
        NO_WARM_START,
        min_length=1,
        description=f"model to start from ({NO_WARM_START}, {LATEST}: newest pushed one, or a SavedModel)",
    )

    @model_validator(mode="after")
    def _batch_can_be_split(self) -> RunConfig:
        if self.batch_size % self.gradient_accumulation_steps:
            raise ValueError(
                f"batch_size={self.batch_size} is not a multiple of "
                f"gradient_accumulation_steps={self.gradient_accumulation_steps}: change one of them"
            )
        return self


class DiagnosticsConfig(Settings):
    """When the training writes log entries and sample grids, and where it logs them in addition."""

    log_interval: int = Field(100, ge=1, description="steps between log entries and diagnostics")
    sample_interval: int = Field(500, ge=1, description="steps between sample grids")
    mlflow: str | None = Field(
        None, min_length=1, description="tracking URI of MLflow, to log there too (null: none)"
    )
    wandb: str | None = Field(
        None, min_length=1, description="project of Weights & Biases, to log there too (null: none)"
    )


class TrainerConfig(Settings):
    """Every option of the trainer. The defaults suit a user's own videos; presets are files of the pipeline."""

    model: ModelConfig = Field(default_factory=ModelConfig)
    loss: LossConfig = LossConfig()
    optimizer: OptimizerConfig = OptimizerConfig()
    checkpoint: CheckpointConfig = CheckpointConfig()
    run: RunConfig = RunConfig()
    diagnostics: DiagnosticsConfig = DiagnosticsConfig()

    @model_validator(mode="after")
    def _penalties_exclude_batch_norm(self) -> TrainerConfig:
        gammas = self.loss.r1_gamma, self.loss.r2_gamma
        if self.model.discriminator_norm == "batch" and any(gammas):
            raise ValueError(
                f"loss.r1_gamma={gammas[0]:g} and loss.r2_gamma={gammas[1]:g} need per-sample gradients, but "
                "model.discriminator_norm=batch mixes the samples of a batch: set both to 0, or set discriminator_norm "
                "to none or spectral"
            )
        return self

    @model_validator(mode="after")
    def _vectors_are_used(self) -> TrainerConfig:
        if self.model.word_vectors and not self.model.use_captions:
            raise ValueError(
                f"model.word_vectors={self.model.word_vectors} has no effect without captions: set "
                "model.use_captions=true, or remove word_vectors"
            )
        return self

    @model_validator(mode="after")
    def _schedule_is_deterministic(self) -> TrainerConfig:
        if (
            self.run.deterministic
            and self.run.max_minutes is not None
            and self.optimizer.decay_half_life is not None
        ):
            raise ValueError(
                "run.deterministic=true does not allow learning rates that follow wall time "
                f"(run.max_minutes={self.run.max_minutes:g} with "
                f"optimizer.decay_half_life={self.optimizer.decay_half_life:g}): "
                "set run.steps and remove run.max_minutes, or set optimizer.decay_half_life=null"
            )
        return self

    def training_options(self) -> str:
        """The options on which the weights after each step depend, as JSON."""
        values = self.model_dump(mode="json", exclude=_MAY_CHANGE)
        return json.dumps(values, sort_keys=True)
