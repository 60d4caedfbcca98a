"""Memorization: whether generated clips are copies of training clips.

A generated clip counts as a copy if it is nearer to its nearest training clip than nearly all held-out real clips are.
The threshold is the 1 % quantile of the held-out clips' distances. So a model that does not copy has a share of about
1 %, as new real clips have. In data sets in which many real clips are the same, the threshold can be 0. The expected
share is therefore not 1 %, but what the held-out clips have.

The test asks how likely such a share is for clips that are as far from the training clips as held-out ones. It allows
for the chance in the threshold, which comes from few held-out clips. A test against a fixed 1 % would refuse honest
models. All tests assume independent clips, so take one clip of each video.

Clips near the mean of all clips, such as blurred ones, are near to everything. Look at the pairs before you call a
model a copier.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from scipy import stats

from mocogan.evaluation.distances.neighbors import distances

_QUANTILE = 0.01
_FEWEST_FOR_QUANTILE = 100  # held-out clips
_ROWS, _COLUMNS = 256, 4096  # of a block of distances, which takes a few times 4 MB

Method = Literal["share", "rank"]


class Memorization(NamedTuple):
    """Copies among N generated clips."""

    share: float  # of generated clips that count as copies, in [0, 1]
    expected_share: float  # of held-out clips that would count, about 0.01
    p_value: float  # small if generated clips are nearer to training clips than held-out ones are
    nearest: np.ndarray  # [N] int64, number of the nearest training clip
    distance: np.ndarray  # [N] float32, distance to it in the unit of the thumbnails
    usual_distance: float  # median distance of held-out clips
    threshold: float  # largest distance of a copy
    method: Method  # the test: "share" is Fisher's exact test of both shares, "rank" is Mann and Whitney's


def memorization(generated: np.ndarray, held_out: np.ndarray, training: np.ndarray) -> Memorization:
    """Measure how many generated clips are copies of training clips.

    With fewer than 100 held-out clips, the quantile is their smallest distance. A test of the share says little then.
    With threshold 0, only exact copies count, which no network makes. In both cases, a rank test compares the
    distances of all generated clips with those of all held-out clips.

    Args:
        generated: Thumbnails of generated clips, [N, D] float32 in [0, 255].
        held_out: Thumbnails of real clips that the model was not trained on, [M, D].
        training: Thumbnails of the clips that the model was trained on, [K, D].

    Returns:
        The copies and the test.

    Raises:
        ValueError: A sample is empty.
    """
    samples = {"generated": generated, "held_out": held_out, "training": training}
    for name, thumbnails in samples.items():
        if not len(thumbnails):
            raise ValueError(f"memorization needs clips in each sample, got none in {name}")
    numbers, near = _nearest(generated, training)
    _, near_held_out = _nearest(held_out, training)
    # A value of the sample: the smallest that at least 1 % of the clips do not exceed.
    threshold = np.quantile(near_held_out, _QUANTILE, method="inverted_cdf")
    copies, copies_held_out = near <= threshold, near_held_out <= threshold
    method: Method = "share" if len(held_out) >= _FEWEST_FOR_QUANTILE and threshold > 0 else "rank"
    return Memorization(
        share=float(copies.mean()),
        expected_share=float(copies_held_out.mean()),
        p_value=(
            _fisher(copies, copies_held_out) if method == "share" else _rank(near, near_held_out)
        ),
        nearest=numbers,
        distance=near,
        usual_distance=float(np.median(near_held_out)),
        threshold=float(threshold),
        method=method,
    )


def _nearest(clips: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[N, D], [K, D] -> the number of the nearest of the others [N] int64 and the distance to it [N] float32."""
    different = _different(others)
    # Distances of nearly equal rows are computed again, which is slow. So equal rows are left out, and what all rows
    # share is subtracted.
    center = others.mean(axis=0, dtype=np.float64).astype(np.float32)
    around, others_around = clips - center, others[different] - center
    numbers = np.zeros(len(clips), np.int64)
    best = np.full(len(clips), np.inf, np.float32)
    for row in range(0, len(clips), _ROWS):
        rows = slice(row, row + _ROWS)
        for column in range(0, len(different), _COLUMNS):
            block = distances(around[rows], others_around[column : column + _COLUMNS])
            number = block.argmin(axis=1)
            near = np.take_along_axis(block, number[:, None], axis=1)[:, 0]
            nearer = near < best[rows]
            numbers[rows] = np.where(nearer, different[column + number], numbers[rows])
            best[rows] = np.where(nearer, near, best[rows])
    return numbers, _exact(clips, others[numbers])


def _different(rows: np.ndarray) -> np.ndarray:
    """Return the number of the first of each set of equal rows, ascending."""
    first: dict[bytes, int] = {}
    for number, row in enumerate(rows):
        first.setdefault(row.tobytes(), number)
    return np.array(list(first.values()))


def _exact(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """[N, D] both -> [N] float32 distances of the pairs. Rounding depends neither on blocks nor on other pairs."""
    pairs = zip(first, second, strict=True)
    return np.array(
        [np.linalg.norm(np.subtract(*pair, dtype=np.float64)) for pair in pairs], np.float32
    )


def _fisher(copies: np.ndarray, copies_held_out: np.ndarray) -> float:
    table = [[hits.sum(), (~hits).sum()] for hits in (copies, copies_held_out)]
    return float(stats.fisher_exact(table, alternative="greater").pvalue)


def _rank(near: np.ndarray, near_held_out: np.ndarray) -> float:
    if np.ptp(np.concatenate([near, near_held_out])) == 0:
        return 1.0  # all distances are the same
    return float(stats.mannwhitneyu(near, near_held_out, alternative="less").pvalue)
