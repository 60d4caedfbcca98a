from __future__ import annotations

import pytest
from pydantic import ValidationError

from trainer.hyperparameters import HyperParameters


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
        {"batch_size": 0},
        {"architecture": "dcgan"},
        {"loss": "hinge"},
        {"discriminator_norm": "layer"},
        {"video_shrink": 3},
        {"beta_1": 1.0},
        {"ema_decay": 1.0},
        {"r1_weight": -1.0},
        {"generator_learning_rate": 0.0},
        {"mixed_precision": "float64"},
        {"distribution": "tpu"},
        {"accumulate": 0},
        {"seed": -1},
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


def test_parts_of_unequal_size_are_refused() -> None:
    with pytest.raises(ValidationError, match="batch_size=6 is no multiple of accumulate=4"):
        HyperParameters(batch_size=6, accumulate=4)
    assert HyperParameters(batch_size=8, accumulate=4).accumulate == 4


def test_every_field_is_described() -> None:
    assert [n for n, f in HyperParameters.model_fields.items() if not f.description] == []
