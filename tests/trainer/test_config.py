from __future__ import annotations

import pytest
from pydantic import ValidationError

from mocogan.trainer.config import HyperParameters


def test_round_trip_through_json() -> None:
    hyperparameters = HyperParameters(steps=7, loss="non_saturating", video_shrink=2)
    text = hyperparameters.model_dump_json()
    assert HyperParameters.model_validate_json(text) == hyperparameters


def test_they_cannot_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        HyperParameters().steps = 1


@pytest.mark.parametrize(
    "change",
    [
        {"step": 5},
        {"steps": 0},
        {"minutes": 0.0},
        {"batch_size": 0},
        {"architecture": "dcgan"},
        {"loss": "wasserstein"},
        {"discriminator_norm": "layer"},
        {"category_loss": "acgan"},
        {"category_weight": -1.0},
        {"noise_decay_steps": -1},
        {"learning_rate_hold": -1},
        {"learning_rate_half_life": 0},
        {"image_frames": 0},
        {"discriminator_updates": 0},
        {"video_convolution": "2d"},
        {"frame_difference": "maybe"},
        {"spectral_norm": "maybe"},
        {"category_to_frames": "maybe"},
        {"video_shrink": 3},
        {"beta_1": 1.0},
        {"ema_decay": 1.0},
        {"r1_weight": -1.0},
        {"generator_learning_rate": 0.0},
        {"mixed_precision": "float64"},
        {"distribution": "tpu"},
        {"accumulate": 0},
        {"seed": -1},
        {"cache_mb": -1},
        {"checkpoints_kept": 0},
        {"max_loss": 0.0},
        {"max_rollbacks": -1},
        {"rollback_factor": 1.0},
    ],
    ids=str,
)
def test_a_wrong_value_is_named(change: dict[str, object]) -> None:
    [name] = change
    with pytest.raises(ValidationError, match=f"(?m)^{name}$"):
        HyperParameters.model_validate(change)


def test_penalties_with_batch_norm_are_refused() -> None:
    with pytest.raises(ValidationError, match=r"r1_weight=0.0 and r2_weight=2.0 need .*=none"):
        HyperParameters(discriminator_norm="batch", r1_weight=0, r2_weight=2)
    HyperParameters(discriminator_norm="batch", r1_weight=0, r2_weight=0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("category_to_frames", True),
        ("colours_apart", True),
        ("deviation_weight", 0.25),
        ("frame_difference", True),
        ("full_size_layer", True),
        ("image_frames", 2),
        ("video_convolution", "2plus1d"),
    ],
)
def test_what_the_seed_networks_do_not_have_is_refused(name: str, value: object) -> None:
    with pytest.raises(
        ValidationError, match=f"{name}={value} is a switch of the mocogan networks"
    ):
        HyperParameters.model_validate({"architecture": "seed", name: value})


@pytest.mark.parametrize("without", [{"palette": 0}, {"content_modulation": 0}, {"dim_content": 1}])
def test_content_that_cannot_be_shared_out_is_refused(without: dict[str, int]) -> None:
    with pytest.raises(ValidationError, match=r"colours_apart=True .* or colours_apart to false"):
        HyperParameters.model_validate({"colours_apart": True, **without})
    HyperParameters(colours_apart=True, dim_content=2)


def test_a_hold_of_learning_rates_that_do_not_fall_is_refused() -> None:
    with pytest.raises(
        ValidationError, match=r"learning_rate_hold=7 .* set learning_rate_half_life"
    ):
        HyperParameters(learning_rate_hold=7)
    HyperParameters(learning_rate_hold=7, learning_rate_half_life=1)


def test_an_unknown_augmentation_is_named() -> None:
    with pytest.raises(ValidationError, match=r"diff_augment\.1\n.*'translation' or 'cutout'"):
        HyperParameters.model_validate({"diff_augment": ["cutout", "flip"]})


def test_parts_of_unequal_size_are_refused() -> None:
    with pytest.raises(ValidationError, match="batch_size=6 is no multiple of accumulate=4"):
        HyperParameters(batch_size=6, accumulate=4)
    assert HyperParameters(batch_size=8, accumulate=4).accumulate == 4


def test_every_field_is_described() -> None:
    assert [n for n, f in HyperParameters.model_fields.items() if not f.description] == []


@pytest.mark.parametrize(
    ("changes", "num_labels", "taught"),
    [
        ({}, 3, 3),
        ({}, 1, 0),
        ({}, 0, 0),
        ({"use_categories": False}, 3, 0),
        ({"architecture": "seed"}, 3, 0),
    ],
)
def test_the_classes_to_teach(changes: dict[str, object], num_labels: int, taught: int) -> None:
    assert HyperParameters.model_validate(changes).num_categories(num_labels) == taught
