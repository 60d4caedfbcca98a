"""The factors were worked out by hand: 0.5 to the power of (progress - start) / half-life."""

from __future__ import annotations

import pytest
import tensorflow as tf

from mocogan.trainer.config import OptimizerConfig
from mocogan.trainer.optimizer.schedule import learning_rate_factor


def factors(progress: list[float], **options: float | None) -> list[float]:
    config = OptimizerConfig(**{"decay_start": 0.0, **options})
    return [float(learning_rate_factor(config, tf.constant(share))) for share in progress]


def test_without_a_half_life_learning_rates_are_constant() -> None:
    assert factors([0.0, 0.3, 1.0], decay_half_life=None) == [1.0, 1.0, 1.0]


def test_they_halve_again_and_again() -> None:
    expected = [1.0, 0.5, 0.25, 0.0625]
    assert factors([0.0, 0.25, 0.5, 1.0], decay_half_life=0.25) == pytest.approx(expected)


def test_they_are_held_until_decay_start() -> None:
    made = factors([0.0, 0.2, 0.4, 0.5, 0.7, 1.0], decay_start=0.4, decay_half_life=0.1)
    assert made == pytest.approx([1.0, 1.0, 1.0, 0.5, 0.125, 0.015625], rel=1e-5)


def test_between_two_halvings_they_fall_smoothly() -> None:
    assert factors([0.125], decay_half_life=0.25) == pytest.approx([0.5**0.5])
