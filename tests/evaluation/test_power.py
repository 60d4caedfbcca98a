"""The smallest share that is refused in 95 % of the trials."""

from __future__ import annotations

import pytest

from mocogan.evaluation.power import smallest_refused_share

SHARES = (0.1, 0.2, 0.5, 1.0)


@pytest.mark.parametrize(
    ("threshold", "expected"), [(0.0, 0.1), (0.15, 0.2), (0.2, 0.2), (0.9, 1.0), (2.0, None)]
)
def test_it_is_the_first_share_above_the_threshold(
    threshold: float, expected: float | None
) -> None:
    assert smallest_refused_share(lambda share, number: share >= threshold, SHARES, 3) == expected


@pytest.mark.parametrize(("passing", "expected"), [(1, 0.1), (2, None)])
def test_one_of_20_trials_may_pass(passing: int, expected: float | None) -> None:
    assert smallest_refused_share(lambda share, number: number >= passing, SHARES, 20) == expected


def test_it_stops_when_too_many_trials_passed() -> None:
    asked: list[float] = []

    def is_refused(share: float, number: int) -> bool:
        asked.append(share)
        return share == 1.0

    assert smallest_refused_share(is_refused, SHARES, 20) == 1.0
    assert asked == [0.5] * 2 + [1.0] * 20
