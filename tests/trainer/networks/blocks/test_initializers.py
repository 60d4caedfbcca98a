from __future__ import annotations

import numpy as np
import pytest

from mocogan.trainer.networks.blocks.initializers import (
    Initializer,
    dcgan_normal,
    he_normal,
    unit_gain_normal,
)
from mocogan.trainer.runtime.randomness import RandomStream


@pytest.mark.parametrize(
    ("init", "stddev"),
    [(dcgan_normal, 0.02), (he_normal, (2 / 50) ** 0.5), (unit_gain_normal, (1 / 50) ** 0.5)],
)
def test_weights_are_normal_with_the_stated_deviation(init: Initializer, stddev: float) -> None:
    weights = init(RandomStream(1), [100, 100], 50).numpy()
    assert abs(weights.mean()) < 0.05 * stddev
    assert weights.std() == pytest.approx(stddev, rel=0.05)
    assert np.abs(weights).max() > 3 * stddev  # not cut off
