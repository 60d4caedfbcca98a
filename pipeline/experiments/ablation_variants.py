"""The variants that `bench-ablation` compares: changes of trainer options."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mocogan.pipeline.config.loading import ConfigError, load_config
from mocogan.trainer.config import ARCHITECTURE_DEFAULTS, ModelConfig


class Variant(NamedTuple):
    """A change of trainer options. The keys are option names under `trainer`."""

    name: str
    changes: Mapping[str, Any]

    @property
    def assignments(self) -> list[str]:
        """The changes as arguments of `--set`."""
        return [f"trainer.{key}={json.dumps(value)}" for key, value in self.changes.items()]


# All reasonable values of the options. Variants that equal the configuration are skipped.
VARIANTS = (
    Variant("another-seed", {"run.seed": 1}),
    Variant("relativistic", {"loss.adversarial": "relativistic"}),
    Variant("non-saturating", {"loss.adversarial": "non_saturating"}),
    Variant("hinge", {"loss.adversarial": "hinge"}),
    Variant("no-r1", {"loss.r1_gamma": 0}),
    Variant("no-r2", {"loss.r2_gamma": 0}),
    Variant("no-penalties", {"loss.r1_gamma": 0, "loss.r2_gamma": 0}),
    Variant("gamma-10", {"loss.r1_gamma": 10, "loss.r2_gamma": 10}),
    Variant("spectral-norm", {"model.discriminator_norm": "spectral"}),
    Variant("no-norm", {"model.discriminator_norm": "none"}),
    Variant(
        "hinge-and-spectral-norm",
        {
            "loss.adversarial": "hinge",
            "model.discriminator_norm": "spectral",
            "loss.r1_gamma": 0,
            "loss.r2_gamma": 0,
        },
    ),
    Variant("no-instance-noise", {"loss.instance_noise": 0}),
    Variant("instance-noise", {"loss.instance_noise": 0.1}),
    Variant("augmentation", {"loss.diff_augment": ["color", "translation", "cutout"]}),
    Variant("no-augmentation", {"loss.diff_augment": []}),
    Variant("no-ema", {"optimizer.ema_decay": 0}),
    Variant("constant-learning-rate", {"optimizer.decay_half_life": None}),
    Variant("film-layers-0", {"model.film_layers": 0}),
    Variant("film-layers-2", {"model.film_layers": 2}),
    Variant("film-layers-4", {"model.film_layers": 4}),
    Variant("architecture-palette", {"model.architecture": "palette"}),
    Variant("palette-2", {"model.num_palette_colors": 2}),
    Variant("no-palette", {"model.num_palette_colors": 0}),
    Variant("separate-color-latents", {"model.separate_color_latents": True}),
    Variant("palette-residual-0.25", {"model.palette_residual_weight": 0.25}),
    Variant("palette-residual-1", {"model.palette_residual_weight": 1}),
    Variant("full-resolution-layer", {"model.full_resolution_layer": True}),
    Variant("no-full-resolution-layer", {"model.full_resolution_layer": False}),
    Variant("coord-planes", {"model.coord_planes": True}),
    Variant("no-coord-planes", {"model.coord_planes": False}),
    Variant("gru-units-64", {"model.gru_units": 64}),
    Variant("gru-units-16", {"model.gru_units": 16}),
    Variant("patch-output", {"model.discriminator_output": "patch"}),
    Variant("global-output", {"model.discriminator_output": "global"}),
    Variant("video-downsample-2", {"model.video_downsample": 2}),
    Variant("video-downsample-1", {"model.video_downsample": 1}),
    Variant("frame-difference", {"model.frame_difference": True}),
    Variant("no-frame-difference", {"model.frame_difference": False}),
    Variant("temporal-consistency", {"model.temporal_consistency": True}),
    Variant("no-temporal-consistency", {"model.temporal_consistency": False}),
    Variant("image-frames-1", {"model.image_frames": 1}),
    Variant("image-frames-4", {"model.image_frames": 4}),
    Variant("no-categories", {"model.use_categories": False}),
    Variant("class-conditional-frames", {"model.class_conditional_frames": True}),
)


def choose_variants(assignments: Sequence[str] = (), only: Sequence[str] = ()) -> list[Variant]:
    """The variants that differ from the configuration with `assignments`. `only` limits them to these names.

    Variants with options of other architectures are left out, unless `only` names them.

    Raises ConfigError for an unknown name, and for a variant that is not valid with this configuration.
    """
    names = [variant.name for variant in VARIANTS]
    if unknown := [name for name in only if name not in names]:
        raise ConfigError(
            f"unknown variant {', '.join(unknown)}. The variants are {', '.join(names)}"
        )
    default = load_config(assignments=assignments, data=os.devnull).trainer
    chosen = []
    for variant in VARIANTS:
        wanted = variant.name in only if only else _is_available(variant, default.model)
        if not wanted:
            continue
        try:
            changed = load_config(
                assignments=[*assignments, *variant.assignments], data=os.devnull
            ).trainer
        except ConfigError as error:
            raise ConfigError(f"variant {variant.name}: {error}") from None
        if changed != default:
            chosen.append(variant)
    return chosen


def _is_available(variant: Variant, model: ModelConfig) -> bool:
    """Whether the architecture has all options that the variant changes."""
    names = {key.removeprefix("model.") for key in variant.changes}
    return all(
        name in ARCHITECTURE_DEFAULTS[model.architecture]
        for defaults in ARCHITECTURE_DEFAULTS.values()
        for name in names & defaults.keys()
    )
