from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from mocogan.components.settings import known_keys
from mocogan.pipeline.config.loading import ConfigError, load_config
from mocogan.pipeline.config.renamed import (
    REMOVED,
    REMOVED_FROM_EVALUATOR,
    RENAMED,
    old_names,
)
from mocogan.pipeline.config.settings import Config

# Every trainer option as it was called before the sections, with a value that it took.
OLD_TRAINER = yaml.safe_load("""
architecture: mocogan
steps: 20000
minutes: 5.0
batch_size: 8
accumulate: 1
width: 16
dim_content: 16
dim_motion: 16
motion_units: 64
content_modulation: 2
palette: 2
colours_apart: false
deviation_weight: 1.0
full_size_layer: false
planes: true
upsampling: nearest
use_categories: true
category_to_frames: false
loss: relativistic
category_loss: ac
category_weight: 1.0
judgement: whole
discriminator_norm: none
spectral_norm: false
image_frames: 1
video_shrink: 2
video_convolution: 3d
frame_difference: false
steadiness: true
diff_augment: []
r1_weight: 1.0
r2_weight: 1.0
penalty_every: 8
instance_noise: 0.0
noise_decay_steps: 0
noise_every_layer: false
generator_learning_rate: 0.002
discriminator_learning_rate: 0.001
learning_rate_hold: 0
learning_rate_half_life: null
discriminator_updates: 1
beta_1: 0.5
beta_2: 0.99
weight_decay: 0.0
ema_decay: 0.999
seed: 0
cache_mb: 4096
mixed_precision: auto
distribution: auto
log_every: 50
sample_every: 500
checkpoint_every: 500
examine_every: 100
checkpoints_kept: 3
deterministic: false
max_loss: 10000.0
max_rollbacks: 3
rollback_factor: 0.5
""")


def problems(**values: object) -> list[str]:
    return [message for _, message in old_names({"trainer": values})]


def test_every_old_option_of_a_file_is_reported_at_once(tmp_path: Path):
    path = tmp_path / "old.yaml"
    path.write_text(yaml.safe_dump({"data": "v", "trainer": OLD_TRAINER}), encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_config(str(path))
    lines = str(refused.value).splitlines()
    assert len(lines) == len(OLD_TRAINER) == 58
    for line, name in zip(lines, sorted(OLD_TRAINER), strict=True):
        assert line.startswith((f"trainer.{name} is now trainer.", f"trainer.{name} is removed: "))


@pytest.mark.parametrize("name", sorted(OLD_TRAINER))
def test_an_old_name_is_refused_in_an_assignment(name: str):
    with pytest.raises(ConfigError, match=rf"^trainer\.{name} is (now trainer\.|removed: )"):
        load_config(data="v", assignments=[f"trainer.{name}={OLD_TRAINER[name]}"])


def test_an_old_name_is_refused_over_a_preset():
    with pytest.raises(ConfigError, match=r"^trainer\.loss is now trainer\.loss\.adversarial$"):
        load_config(data="v", preset="paper", assignments=["trainer.loss=hinge"])


def test_the_table_names_every_old_option_and_only_options_that_exist():
    assert set(RENAMED) | set(REMOVED) == set(OLD_TRAINER)
    assert {f"trainer.{name}" for name in RENAMED.values()} <= set(known_keys(Config))


@pytest.mark.parametrize(
    ("old", "message"),
    [
        ({"steps": 9}, "trainer.steps is now trainer.run.steps"),
        ({"width": 9}, "trainer.width is now trainer.model.base_channels"),
        (
            {"judgement": "patches"},
            "trainer.judgement is now trainer.model.discriminator_output "
            "(patches is now patch, whole is now global)",
        ),
        (
            {"learning_rate_hold": 500},
            "trainer.learning_rate_hold is now trainer.optimizer.decay_start "
            "(a share of the training, 0 to 1, instead of steps)",
        ),
        (
            {"upsampling": "nearest"},
            "trainer.upsampling is removed: the architecture determines it",
        ),
    ],
)
def test_a_message_names_what_to_write(old: dict[str, object], message: str):
    assert problems(**old) == [message]


def test_new_sections_are_not_old_names():
    assert problems(loss={"adversarial": "hinge"}, run={"steps": 3}) == []
    assert list(old_names({"trainer": 5})) == list(old_names({})) == []


def test_an_old_bound_of_the_evaluator_says_what_replaces_it():
    old = ("min_diversity_ratio", "min_motion_ratio", "max_motion_ratio", "max_regression")
    assert set(REMOVED_FROM_EVALUATOR) == set(old)
    assert not {f"evaluator.{name}" for name in old} & set(known_keys(Config))
    with pytest.raises(ConfigError) as refused:
        load_config(data="v", assignments=[f"evaluator.{name}=0.1" for name in old])
    assert str(refused.value).splitlines() == [
        *(
            f"evaluator.{name} is removed: evaluator.max_damage bounds all metrics"
            for name in old[:3]
        ),
        "evaluator.max_regression is removed: a permutation test compares the model with the baseline",
    ]
