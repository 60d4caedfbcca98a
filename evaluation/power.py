"""The power of a gate: how small a share of damaged clips it refuses reliably."""

from __future__ import annotations

from collections.abc import Callable, Sequence

_REFUSED = 0.95  # of the trials


def smallest_refused_share(
    is_refused: Callable[[float, int], bool], shares: Sequence[float], trials: int
) -> float | None:
    """Return the smallest share that is refused in at least 95 % of the trials, or None.

    More damaged clips are taken to be refused at least as often, so the shares are bisected.

    Args:
        is_refused: Takes a share of damaged clips and the number of a trial.
        shares: Shares in (0, 1], ascending.
        trials: Number of trials of each share.
    """
    low, high = 0, len(shares)
    while low < high:
        middle = (low + high) // 2
        if _reliably(is_refused, shares[middle], trials):
            high = middle
        else:
            low = middle + 1
    return shares[low] if low < len(shares) else None


def _reliably(is_refused: Callable[[float, int], bool], share: float, trials: int) -> bool:
    passed, most = 0, round((1 - _REFUSED) * trials, 9)
    for number in range(trials):
        passed += not is_refused(share, number)
        if passed > most:
            return False
    return True
