"""The interval of a share of clips."""

from __future__ import annotations

import math

_NORMAL_95 = 1.96


def wilson(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a share of `count` clips (Wilson, 1927)."""
    z = _NORMAL_95
    center = (share + z * z / (2 * count)) / (1 + z * z / count)
    margin = z / (1 + z * z / count)
    margin *= math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return center - margin, center + margin
