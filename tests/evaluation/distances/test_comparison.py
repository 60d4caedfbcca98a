from __future__ import annotations

import numpy as np

from mocogan.evaluation.distances.comparison import remembered


def test_the_result_for_the_last_argument_is_kept() -> None:
    calls: list[np.ndarray] = []

    def count(chosen: np.ndarray) -> int:
        calls.append(chosen)
        return int(chosen.sum())

    kept = remembered(count)
    two, one = np.array([True, True]), np.array([True, False])
    assert [kept(chosen) for chosen in (two, two, one, one, two)] == [2, 2, 1, 1, 2]
    assert len(calls) == 3
    assert kept(two.copy()) == 2  # another array with the same values
