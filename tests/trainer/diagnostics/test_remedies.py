from __future__ import annotations

import re
from typing import get_args

import pytest
import yaml

from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.diagnostics.remedies import remedy
from mocogan.trainer.diagnostics.symptoms import Ailment
from tests.support.trainer_config import PENALTIES, from_options, tiny

PAPER = {
    "architecture": "mocogan",
    "adversarial": "non_saturating",
    "discriminator_norm": "batch",
    "r1_gamma": 0,
    "r2_gamma": 0,
}
STEADY = {
    **PENALTIES,
    "architecture": "palette",
    "base_channels": 32,
    "dim_z_motion": 10,
    "batch_size": 8,
    "mixed_precision": "auto",
}
AILMENTS = get_args(Ailment)
AUGMENTATIONS = "[color,translation,cutout]"
LAST = "all options that may help are already set: try more videos or different videos"


@pytest.mark.parametrize(
    ("ailment", "given", "expected"),
    [
        ("collapse", PAPER, "try trainer.loss.adversarial=relativistic"),
        ("collapse", {}, f"try trainer.loss.diff_augment={AUGMENTATIONS}"),
        ("collapse", {"diff_augment": ("cutout",)}, "try trainer.run.batch_size=16"),
        (
            "collapse",
            PAPER | {"adversarial": "relativistic"},
            "try trainer.loss.r1_gamma=1 and trainer.loss.r2_gamma=1 and trainer.model.discriminator_norm=none",
        ),
        ("collapse", {"r2_gamma": 0.0}, "try trainer.loss.r2_gamma=1"),
        ("saturation", {}, f"try trainer.loss.diff_augment={AUGMENTATIONS}"),
        (
            "saturation",
            {"diff_augment": ("color",)},
            "try trainer.loss.r1_gamma=20 and trainer.loss.r2_gamma=20",
        ),
        (
            "saturation",
            {"diff_augment": ("color",), "r1_gamma": 80.0},
            "try trainer.model.discriminator_norm=spectral",
        ),
        (
            "saturation",
            {"generator_learning_rate": 1e-9},
            "try trainer.optimizer.generator_learning_rate=0.002",
        ),
        (
            "saturation",
            {"discriminator_learning_rate": 1e-2},
            "try trainer.optimizer.discriminator_learning_rate=0.0004",
        ),
        ("saturation", {"instance_noise": 0.0}, "try trainer.loss.instance_noise=0.1"),
        (
            "blank",
            {"r1_gamma": 0.5, "r2_gamma": 0.5},
            "try trainer.loss.r1_gamma=1 and trainer.loss.r2_gamma=1",
        ),
        (
            "frozen",
            {"architecture": "seed", "adversarial": "non_saturating"},
            "try trainer.model.architecture=mocogan",
        ),
        ("frozen", {"dim_z_motion": 2}, "try trainer.model.frame_difference=true"),
        (
            "frozen",
            {"dim_z_motion": 2, "frame_difference": True},
            "try trainer.model.dim_z_motion=10",
        ),
        (
            "frozen",
            {"architecture": "mocogan", "dim_z_motion": 2},
            "try trainer.model.dim_z_motion=10",
        ),
        ("flicker", {"architecture": "mocogan"}, "try trainer.model.dim_z_motion=5"),
        ("flicker", {"ema_decay": 0.0}, "try trainer.optimizer.ema_decay=0.995"),
        ("flicker", {}, "try trainer.model.frame_difference=true"),
        ("flicker", {"frame_difference": True}, "try trainer.model.film_layers=2"),
        (
            "flicker",
            {"frame_difference": True, "film_layers": 1},
            "try trainer.model.dim_z_motion=5",
        ),
        ("flicker", {"architecture": "seed"}, "try trainer.model.dim_z_motion=5"),
        ("memorized", {"instance_noise": 0.0}, f"try trainer.loss.diff_augment={AUGMENTATIONS}"),
        (
            "memorized",
            {"instance_noise": 0.0, "diff_augment": ("cutout",)},
            "try trainer.loss.instance_noise=0.1",
        ),
        ("memorized", {"diff_augment": ("cutout",)}, "try trainer.model.base_channels=16"),
        ("lagging", {"ema_decay": 0.9999}, "try trainer.optimizer.ema_decay=0.999"),
        ("lagging", {"ema_decay": 0.0}, LAST),
        ("starving", {}, "try trainer.run.mixed_precision=float32"),
        ("exploding", {}, "try trainer.model.discriminator_norm=spectral"),
        (
            "exploding",
            {"discriminator_norm": "spectral"},
            "try trainer.run.mixed_precision=float32",
        ),
        (
            "exploding",
            {"discriminator_norm": "spectral", "mixed_precision": "float32"},
            "try trainer.optimizer.discriminator_learning_rate=0.0001",
        ),
    ],
)
def test_the_first_option_that_is_not_set_is_named(
    ailment: Ailment, given: dict[str, object], expected: str
) -> None:
    assert remedy(ailment, tiny(**(STEADY | given))) == expected


@pytest.mark.parametrize("ailment", AILMENTS)
@pytest.mark.parametrize(
    "given",
    [{}, PAPER, {"architecture": "seed"}],
    ids=["default", "paper", "seed"],
)
def test_one_who_follows_finds_another_option_each_time_until_all_are_set(
    ailment: Ailment, given: dict[str, object]
) -> None:
    config = from_options(**given)
    for _ in range(60):
        advice = remedy(ailment, config)
        if advice == LAST:
            return
        changes = re.findall(r"trainer\.(\w+)\.(\w+)=(\S+)", advice)
        assert changes, advice
        values = config.model_dump()
        for section, name, value in changes:
            values[section][name] = yaml.safe_load(value)
        followed = TrainerConfig.model_validate(values)
        assert followed != config, advice
        config = followed
    pytest.fail(f"no end to the advice against {ailment}: {advice}")
