"""Every number the trainer needs, in one frozen, validated value."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Augmentation = Literal["colour", "translation", "cutout"]
Precision = Literal["auto", "float32", "bfloat16", "float16"]
DistributionChoice = Literal["auto", "none", "mirrored", "multi_worker"]

_OF_MOCOGAN_ALONE = (
    "category_to_frames",
    "colours_apart",
    "deviation_weight",
    "frame_difference",
    "full_size_layer",
    "image_frames",
    "video_convolution",
)


class HyperParameters(BaseModel):
    """The defaults suit a user's own videos; the presets are given in the pipeline's configuration."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    architecture: Literal["mocogan", "seed"] = Field(
        "mocogan",
        description="mocogan: the paper's networks; seed: a GRU fed with z_content, no image discriminator",
    )
    steps: int = Field(20000, ge=1, description="generator updates")
    minutes: float | None = Field(
        None,
        gt=0,
        description=(
            "wall time after which the training ends, over all its runs; it ends at whichever of steps and minutes "
            "comes first"
        ),
    )
    batch_size: int = Field(8, ge=1, description="clips in a step, on all devices together")
    accumulate: int = Field(
        1,
        ge=1,
        description="parts that a batch is computed in, in turn, to save memory; batch_size must be a multiple",
    )
    width: int = Field(
        16, ge=4, description="channels of the last hidden layer; the paper's networks have 64"
    )
    dim_content: int = Field(16, ge=1, description="length of z_content")
    dim_motion: int = Field(16, ge=1, description="length of z_motion and of the motion noise")
    motion_units: int | None = Field(
        64,
        ge=1,
        description="of the GRU's state; null: dim_motion, and the state is z_motion itself, as in the paper",
    )
    content_modulation: int = Field(
        2,
        ge=0,
        description=(
            "hidden layers of the frame generator, the last ones, that z_content scales and shifts; 0: none, and "
            "z_content enters with z_motion, as in the paper"
        ),
    )
    palette: int = Field(
        2,
        ge=0,
        description="colours that z_content gives a clip, for the frame generator to start from; 0: none",
    )
    colours_apart: bool = Field(
        False,
        description=(
            "z_content's first half draws the palette alone and its second half modulates alone: which forms there are "
            "does not depend on the colour"
        ),
    )
    deviation_weight: float = Field(
        1.0,
        gt=0,
        description=(
            "of what the frame generator adds to those colours; below 1, colours learn before pixels learn to leave "
            "them (Adam's steps are of one size)"
        ),
    )
    full_size_layer: bool = Field(
        False,
        description=(
            "the frame generator has one hidden layer more, of half the width, at the frames' own size; false: its "
            "last up-sampling makes the pixels, as in the paper"
        ),
    )
    planes: bool = Field(
        True,
        description="the frame generator's layers get planes over the frame, steered by the latents",
    )
    upsampling: Literal["transposed", "nearest"] = Field(
        "nearest",
        description="nearest: the frame generator repeats pixels and convolves, which leaves no checkerboards",
    )
    use_categories: bool = Field(
        True, description="teach the classes, when the data have at least two"
    )

    category_to_frames: bool = Field(
        False,
        description="give the frame generator the class too, as the authors' code does; their table 4 is against it",
    )
    loss: Literal["non_saturating", "hinge", "relativistic"] = Field(
        "relativistic",
        description="non_saturating: the paper's; hinge: with margins (arXiv:1705.02894); "
        "relativistic: pairs real and fake (arXiv:2501.05441)",
    )
    category_loss: Literal["ac", "infogan"] = Field(
        "ac",
        description="ac: the classes are learnt from real clips (arXiv:1610.09585); "
        "infogan: from the fakes (arXiv:1606.03657)",
    )
    category_weight: float = Field(1.0, ge=0, description="of the category loss of either side")
    judgement: Literal["patches", "whole"] = Field(
        "whole",
        description="what a discriminator judges: patches, as the paper's, or each frame and clip as a whole",
    )
    discriminator_norm: Literal["batch", "none"] = Field(
        "none", description="normalisation in the discriminators; gradient penalties need none"
    )
    spectral_norm: bool = Field(
        False,
        description="divide the discriminators' kernels by their largest singular value (arXiv:1802.05957)",
    )
    image_frames: int = Field(
        1, ge=1, description="frames of a clip that the image discriminator sees (arXiv:1907.06571)"
    )
    video_shrink: Literal[1, 2] = Field(
        2, description="2: the video discriminator sees clips at half their size (arXiv:1907.06571)"
    )
    video_convolution: Literal["3d", "2plus1d"] = Field(
        "3d",
        description="of the video discriminator; 2plus1d: in space, then in time (arXiv:1711.11248)",
    )
    frame_difference: bool = Field(
        False,
        description="show the video discriminator what changed since the frame before (arXiv:2202.10571)",
    )
    steadiness: bool = Field(
        True,
        description="let the video discriminator judge how much the frames of a clip differ in their colours too",
    )
    diff_augment: tuple[Augmentation, ...] = Field(
        (), description="changes of what the discriminators see, alike in a clip (arXiv:2006.10738)"
    )
    r1_weight: float = Field(
        1.0, ge=0, description="penalty on the discriminators' squared slope at real clips"
    )
    r2_weight: float = Field(
        1.0, ge=0, description="penalty on the discriminators' squared slope at fake clips"
    )
    penalty_every: int = Field(8, ge=1, description="steps from one penalty to the next")
    instance_noise: float = Field(
        0.0, ge=0, description="sigma of the noise added to what the discriminators see"
    )
    noise_decay_steps: int = Field(
        0, ge=0, description="steps in which that noise falls to 0 (arXiv:1610.04490); 0: it stays"
    )
    noise_every_layer: bool = Field(
        False, description="add that noise before each convolution, as the paper does"
    )

    generator_learning_rate: float = Field(2e-3, gt=0, description="Adam's step size")
    discriminator_learning_rate: float = Field(1e-3, gt=0, description="Adam's step size")
    learning_rate_hold: int = Field(
        0, ge=0, description="steps before the learning rates begin to fall, if they do"
    )
    learning_rate_half_life: int | None = Field(
        None,
        ge=1,
        description="steps in which both learning rates halve, again and again; null: they stay",
    )
    discriminator_updates: int = Field(
        1, ge=1, description="updates of the discriminators in a step (arXiv:1406.2661)"
    )
    beta_1: float = Field(0.5, ge=0, lt=1, description="0.9 oscillates (arXiv:1511.06434)")
    beta_2: float = Field(0.99, gt=0, lt=1, description="Adam's decay of squared gradients")
    weight_decay: float = Field(0.0, ge=0, description="L2 added to the gradients; paper 1e-5")
    ema_decay: float = Field(
        0.999, ge=0, lt=1, description="of the generator that is sampled and exported; 0: none"
    )

    seed: int = Field(0, ge=0, description="source of all randomness")
    cache_mb: int = Field(
        4096,
        ge=0,
        description="MiB of clips to keep in memory, if all fit and half of what is available is as much; 0: none",
    )
    mixed_precision: Precision = Field(
        "auto",
        description="dtype of the convolutions; auto: bfloat16 or else float16 where the hardware is fast in it",
    )
    distribution: DistributionChoice = Field(
        "auto",
        description="mirrored: all GPUs of a machine; multi_worker: all machines in TF_CONFIG; auto: what there is",
    )
    log_every: int = Field(50, ge=1, description="steps from one log line to the next")
    sample_every: int = Field(500, ge=1, description="steps from one sample grid to the next")
    checkpoint_every: int = Field(500, ge=1, description="steps from one checkpoint to the next")
    examine_every: int = Field(
        100, ge=1, description="steps from one look of the training doctor to the next"
    )
    checkpoints_kept: int = Field(
        3, ge=1, description="newest checkpoints that are kept, beside the best"
    )
    deterministic: bool = Field(
        False,
        description="the same bits in every run on the same kind of machine; may be slower on a GPU",
    )
    max_loss: float = Field(
        1e4, gt=0, description="a loss beyond it counts as diverged, as one that is no number does"
    )
    max_rollbacks: int = Field(
        3, ge=0, description="times a diverged training goes back to its last checkpoint"
    )
    rollback_factor: float = Field(
        0.5, gt=0, lt=1, description="what the learning rates are multiplied by when it goes back"
    )

    @property
    def gru_units(self) -> int:
        """Length of the motion GRU's state."""
        return self.motion_units or self.dim_motion

    @model_validator(mode="after")
    def _switches_of_the_architecture(self) -> HyperParameters:
        fields = type(self).model_fields
        for name in _OF_MOCOGAN_ALONE if self.architecture == "seed" else ():
            if (value := getattr(self, name)) != fields[name].default:
                raise ValueError(
                    f"{name}={value} is a switch of the mocogan networks: "
                    "set architecture to mocogan, or leave it out"
                )
        return self

    @model_validator(mode="after")
    def _a_hold_of_what_falls(self) -> HyperParameters:
        if self.learning_rate_hold and self.learning_rate_half_life is None:
            raise ValueError(
                f"learning_rate_hold={self.learning_rate_hold} holds what does not fall: set "
                "learning_rate_half_life too, or leave it out"
            )
        return self

    @model_validator(mode="after")
    def _parts_of_the_content(self) -> HyperParameters:
        if self.colours_apart and not (
            self.palette and self.content_modulation and self.dim_content > 1
        ):
            raise ValueError(
                f"colours_apart=True shares z_content out to palette={self.palette} and "
                f"content_modulation={self.content_modulation}: neither may be 0, and dim_content={self.dim_content} "
                "must be 2 or more; set those, or colours_apart to false"
            )
        return self

    @model_validator(mode="after")
    def _penalties_without_batch_norm(self) -> HyperParameters:
        if self.discriminator_norm == "batch" and (self.r1_weight or self.r2_weight):
            raise ValueError(
                f"r1_weight={self.r1_weight} and r2_weight={self.r2_weight} need "
                "discriminator_norm=none: with batch norm a sample's slope depends on the others; "
                "set both weights to 0 or discriminator_norm to none"
            )
        return self

    @model_validator(mode="after")
    def _parts_of_equal_size(self) -> HyperParameters:
        if self.batch_size % self.accumulate:
            raise ValueError(
                f"batch_size={self.batch_size} is no multiple of accumulate={self.accumulate}: change one of them"
            )
        return self

    def num_categories(self, num_labels: int) -> int:
        """Classes to teach; 0 when there is none to tell from another, or the networks take none."""
        taught = self.use_categories and self.architecture != "seed" and num_labels > 1
        return num_labels if taught else 0
