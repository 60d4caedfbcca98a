from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.roc_auc import roc_auc


@pytest.mark.parametrize(
    ("real", "fake", "expected"),
    [
        ([3, 2], [1, 0], 1.0),
        ([1, 0], [3, 2], 0.0),
        ([1, 1], [1, 1], 0.5),  # ties count half
        ([2, 0], [1], 0.5),
        ([3, 1], [2, 1, 0], (3 + 1 + 0.5) / 6),
    ],
)
def test_the_share_of_pairs_in_order(real: list[float], fake: list[float], expected: float) -> None:
    assert roc_auc(np.array(real), np.array(fake)) == pytest.approx(expected)


def test_patches_are_compared_at_equal_positions() -> None:
    real, fake = np.array([[5.0, 1.0]]), np.array([[4.0, 0.0], [6.0, 0.0]])
    assert roc_auc(real, fake) == pytest.approx(3 / 4)
