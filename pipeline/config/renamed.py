"""Old names of options. Each causes an error that gives the new name, or says why the option is gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_TRAINER = "trainer"
_EVALUATOR = "evaluator"
_SERVICE = "service"

# Old name -> new name below `trainer`.
RENAMED = {
    "architecture": "model.architecture",
    "width": "model.base_channels",
    "dim_content": "model.dim_z_content",
    "dim_motion": "model.dim_z_motion",
    "motion_units": "model.gru_units",
    "content_modulation": "model.film_layers",
    "palette": "model.num_palette_colors",
    "colours_apart": "model.separate_color_latents",
    "deviation_weight": "model.palette_residual_weight",
    "full_size_layer": "model.full_resolution_layer",
    "planes": "model.coord_planes",
    "use_categories": "model.use_categories",
    "category_to_frames": "model.class_conditional_frames",
    "judgement": "model.discriminator_output",
    "discriminator_norm": "model.discriminator_norm",
    "spectral_norm": "model.discriminator_norm",
    "image_frames": "model.image_frames",
    "video_shrink": "model.video_downsample",
    "frame_difference": "model.frame_difference",
    "steadiness": "model.temporal_consistency",
    "loss": "loss.adversarial",
    "r1_weight": "loss.r1_gamma",
    "r2_weight": "loss.r2_gamma",
    "penalty_every": "loss.r1_interval",
    "instance_noise": "loss.instance_noise",
    "diff_augment": "loss.diff_augment",
    "generator_learning_rate": "optimizer.generator_learning_rate",
    "discriminator_learning_rate": "optimizer.discriminator_learning_rate",
    "learning_rate_hold": "optimizer.decay_start",
    "learning_rate_half_life": "optimizer.decay_half_life",
    "beta_1": "optimizer.betas",
    "beta_2": "optimizer.betas",
    "weight_decay": "optimizer.weight_decay",
    "ema_decay": "optimizer.ema_decay",
    "checkpoint_every": "checkpoint.interval",
    "checkpoints_kept": "checkpoint.max_to_keep",
    "steps": "run.steps",
    "minutes": "run.max_minutes",
    "batch_size": "run.batch_size",
    "accumulate": "run.gradient_accumulation_steps",
    "seed": "run.seed",
    "cache_mb": "run.cache_mb",
    "mixed_precision": "run.mixed_precision",
    "distribution": "run.distribution",
    "deterministic": "run.deterministic",
    "log_every": "diagnostics.log_interval",
    "examine_every": "diagnostics.log_interval",
    "sample_every": "diagnostics.sample_interval",
}

# Old name -> how the new option's values differ.
_CHANGED_VALUES = {
    "architecture": "mocogan is now moving_parts or palette, and mocogan means the paper's networks",
    "judgement": "patches is now patch, whole is now global",
    "spectral_norm": "true is now spectral",
    "diff_augment": "colour is now color",
    "learning_rate_hold": "a share of the training, 0 to 1, instead of steps",
    "learning_rate_half_life": "a share of the training instead of steps",
    "beta_1": "the first of its two values",
    "beta_2": "the second of its two values",
}

# Old name -> why the option is gone.
REMOVED = {
    "upsampling": "the architecture determines it",
    "category_loss": "the classes are always learned from real clips",
    "category_weight": "the category loss always has weight 1",
    "video_convolution": "the video discriminator always uses 3D convolutions",
    "noise_decay_steps": "the standard deviation of the noise is constant",
    "noise_every_layer": "architecture mocogan adds noise to every layer, the others to the input",
    "discriminator_updates": "each step updates the discriminators once",
    "max_loss": "the limit is fixed",
    "max_rollbacks": "the limit is fixed",
    "rollback_factor": "the factor is fixed",
}

# Old name below `service` -> new name below `service`.
RENAMED_SERVICE = {
    "gpu_type": "resources.MoCoGanTrainer.gpu_type",
    "gpu_count": "resources.MoCoGanTrainer.gpu_count",
}

# Old name below `evaluator` -> what replaces the option.
REMOVED_FROM_EVALUATOR = {
    **dict.fromkeys(
        ("min_diversity_ratio", "min_motion_ratio", "max_motion_ratio"),
        "evaluator.max_damage bounds all metrics",
    ),
    "max_regression": "a permutation test compares the model with the baseline",
}


def old_names(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The old keys in a configuration with a message for each, such as "trainer.steps is now ..."."""
    for name, value in _section(values, _TRAINER).items():
        key = f"{_TRAINER}.{name}"
        if name in REMOVED:
            yield key, f"{key} is removed: {REMOVED[name]}"
        elif name in RENAMED and not isinstance(value, Mapping):  # `loss` is a section now
            note = f" ({_CHANGED_VALUES[name]})" if name in _CHANGED_VALUES else ""
            yield key, f"{key} is now {_TRAINER}.{RENAMED[name]}{note}"
    for name in _section(values, _SERVICE):
        if name in RENAMED_SERVICE:
            yield (
                f"{_SERVICE}.{name}",
                f"{_SERVICE}.{name} is now {_SERVICE}.{RENAMED_SERVICE[name]}",
            )
    for name in _section(values, _EVALUATOR):
        if name in REMOVED_FROM_EVALUATOR:
            key = f"{_EVALUATOR}.{name}"
            yield key, f"{key} is removed: {REMOVED_FROM_EVALUATOR[name]}"


def _section(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = values.get(name)
    return section if isinstance(section, Mapping) else {}
