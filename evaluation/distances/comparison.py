"""A prepared comparison of two samples. It gives the value for any part of both samples at a small cost.

Intervals and tests need hundreds of values of the same metric on different parts of the same clips. Sorting, kernels
and distances are computed once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

Result = TypeVar("Result")

# Takes the chosen real clips [N] bool and as many of the other clips [M] bool.
Comparison = Callable[[np.ndarray, np.ndarray], float]
# Takes a feature of real clips [N, ...] and of other clips [M, ...].
Compare = Callable[[np.ndarray, np.ndarray], Comparison]


def remembered(function: Callable[[np.ndarray], Result]) -> Callable[[np.ndarray], Result]:
    """Keep the result for the last argument. A permutation test asks for the same real clips again and again."""
    last: list[tuple[np.ndarray, Result]] = []

    def call(chosen: np.ndarray) -> Result:
        if not last or last[0][0] is not chosen:
            last[:] = [(chosen, function(chosen))]
        return last[0][1]

    return call
