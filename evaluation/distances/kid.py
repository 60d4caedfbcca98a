"""KID: the squared maximum mean discrepancy with a cubic kernel (Binkowski et al., arXiv:1801.01401), unbiased."""

from __future__ import annotations

import numpy as np

from mocogan.evaluation.distances.comparison import Comparison


def cubic_kernel(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """[N, D], [M, D] -> [N, M] float32: (x y / D + 1) ** 3."""
    return (first @ second.T / np.float32(first.shape[1]) + 1) ** 3


def unbiased_mmd(first: np.ndarray, second: np.ndarray, between: np.ndarray) -> float:
    """Return the unbiased squared discrepancy from kernel matrices.

    Args:
        first: Kernel of the first sample with itself, [N, N].
        second: Kernel of the second sample with itself, [M, M].
        between: Kernel of the first sample with the second, [N, M].

    Returns:
        A value around 0 for samples of the same distribution. It can be below 0. Single clips have no distance within
        their sample, so their value is meaningless.
    """
    return (
        _mean_off_diagonal(first)
        + _mean_off_diagonal(second)
        - 2 * float(between.mean(dtype=np.float64))
    )


def _mean_off_diagonal(kernel: np.ndarray) -> float:
    count = len(kernel)
    pairs = max(1, count * (count - 1))
    return float((kernel.sum(dtype=np.float64) - np.trace(kernel)) / pairs)


def compare_by_kid(real: np.ndarray, other: np.ndarray) -> Comparison:
    """Prepare KID of features [N, D] and [M, D]. They are divided by the root mean square of the real ones."""
    scale = np.sqrt(np.mean(np.square(real), dtype=np.float64)).astype(np.float32) or np.float32(1)
    real, other = real / scale, other / scale
    kernels = cubic_kernel(real, real), cubic_kernel(other, other), cubic_kernel(real, other)

    def value(of_real: np.ndarray, of_other: np.ndarray) -> float:
        own, others, between = kernels
        return unbiased_mmd(
            own[np.ix_(of_real, of_real)],
            others[np.ix_(of_other, of_other)],
            between[np.ix_(of_real, of_other)],
        )

    return value
