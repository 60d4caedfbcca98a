"""Configurations of networks that a test can afford, from the names of options without their sections."""

from __future__ import annotations

from mocogan.trainer.config import TrainerConfig

# Without penalties, with which a step takes several times as long.
_TINY: dict[str, object] = {
    "architecture": "mocogan",
    "base_channels": 4,
    "dim_z_content": 5,
    "dim_z_motion": 3,
    "discriminator_norm": "none",
    "r1_gamma": 0.0,
    "r2_gamma": 0.0,
    "instance_noise": 0.1,
    "generator_learning_rate": 4e-4,
    "discriminator_learning_rate": 2e-4,
    "decay_start": 0.0,
    "decay_half_life": None,
    "ema_decay": 0.995,
    "mixed_precision": "float32",
    "steps": 3,
    "batch_size": 4,
    "seed": 1,
}
# The palette networks without their additions: a test adds those that it is about.
_WITHOUT_ADDITIONS: dict[str, object] = {
    "gru_units": 3,
    "film_layers": 0,
    "num_palette_colors": 0,
    "coord_planes": False,
    "discriminator_output": "patch",
    "video_downsample": 1,
    "temporal_consistency": False,
}
PENALTIES: dict[str, object] = {"r1_gamma": 10.0, "r2_gamma": 10.0}

# Option -> its section. Names are unique; `interval` is that of the checkpoints.
SECTIONS: dict[str, str] = {
    option: section
    for section, field in TrainerConfig.model_fields.items()
    for option in field.annotation.model_fields
}


def from_options(**options: object) -> TrainerConfig:
    """The configuration of these options, all others at their defaults."""
    sections: dict[str, dict[str, object]] = {}
    for option, value in options.items():
        sections.setdefault(SECTIONS[option], {})[option] = value
    return TrainerConfig.model_validate(sections)


def tiny(**options: object) -> TrainerConfig:
    """Tiny networks, by default the paper's. The result does not depend on the trainer's defaults."""
    chosen = {**_TINY, **options}
    if chosen["architecture"] == "palette":
        chosen = {**_WITHOUT_ADDITIONS, **chosen}
    return from_options(**chosen)
