"""The metrics that compare generated with real clips, and their registry. None needs trained weights.

All take uint8 clips and give gray levels (0 to 255) or a ratio of generated to real. The same clips and seed give the
same values.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np

from mocogan.evaluation.brightness import brightness, contrast
from mocogan.evaluation.diversity import (
    mean_pairwise_distance,
    nearest_distance,
    nearest_neighbor_distance,
)
from mocogan.evaluation.downsampling import downsample
from mocogan.evaluation.metric import Metric, measure
from mocogan.evaluation.motion import flicker, frame_differences, rms_change
from mocogan.evaluation.sliced_wasserstein import (
    frame_vectors,
    sliced_wasserstein,
    wasserstein_1,
    xt_slices,
    yt_slices,
)

# Gray levels. Ratios to less are not computed.
NEGLIGIBLE = 1e-3  # a mean distance or difference of real clips below it is none
VISIBLE = 1.0  # a root mean square below it cannot be seen

SLICED_WASSERSTEIN = "sliced_wasserstein"
WASSERSTEIN_MOTION = "wasserstein_motion"
MOTION_RATIO = "motion_ratio"
DIVERSITY_RATIO = "diversity_ratio"

_GRAY_LEVELS = "gray levels"
_RATIO = "generated / real"

MetricValues = dict[str, float | None]


class ClipComparison:
    """Real and generated clips, and what several metrics need of them."""

    def __init__(self, real: np.ndarray, generated: np.ndarray, seed: int = 0) -> None:
        """`real` [N, T, H, W, 3] and `generated` [M, T, H, W, 3] are uint8; `seed`: of random projections."""
        self.real = real
        self.generated = generated
        self.seed = seed

    @cached_property
    def real_small(self) -> np.ndarray:
        """The real clips, downsampled."""
        return downsample(self.real)

    @cached_property
    def generated_small(self) -> np.ndarray:
        """The generated clips, downsampled."""
        return downsample(self.generated)

    @cached_property
    def real_motion(self) -> np.ndarray:
        """[N * (T - 1)] frame differences of the real clips."""
        return frame_differences(self.real).reshape(-1)

    @cached_property
    def generated_motion(self) -> np.ndarray:
        """[M * (T - 1)] frame differences of the generated clips."""
        return frame_differences(self.generated).reshape(-1)

    @cached_property
    def sliced_wasserstein(self) -> tuple[float, float, float]:
        """The distances of frames, of x-t and of y-t slices."""
        frames, xt, yt = (
            sliced_wasserstein(vectors(self.real_small), vectors(self.generated_small), self.seed)
            for vectors in (frame_vectors, xt_slices, yt_slices)
        )
        return frames, xt, yt


def _ratio(generated: float, real: float | None, least: float = NEGLIGIBLE) -> float | None:
    return generated / real if real is not None and real >= least else None


def _motion_ratio(clips: ClipComparison) -> float | None:
    return _ratio(float(clips.generated_motion.mean()), float(clips.real_motion.mean()))


def _diversity_ratio(clips: ClipComparison) -> float | None:
    return _ratio(
        mean_pairwise_distance(clips.generated_small), mean_pairwise_distance(clips.real_small)
    )


def _nearest_ratio(clips: ClipComparison) -> float | None:
    return _ratio(
        nearest_distance(clips.generated_small, clips.real_small),
        nearest_neighbor_distance(clips.real_small),
    )


CLIP_METRICS: dict[str, Metric[ClipComparison]] = {
    metric.name: metric
    for metric in (
        # Distances between finite samples are above 0 even for samples of one distribution: read them beside
        # `real_vs_real`, or those of another model on the same real clips.
        Metric(
            "sliced_wasserstein_frames", _GRAY_LEVELS, "lower", lambda c: c.sliced_wasserstein[0]
        ),
        Metric("sliced_wasserstein_xt", _GRAY_LEVELS, "lower", lambda c: c.sliced_wasserstein[1]),
        Metric("sliced_wasserstein_yt", _GRAY_LEVELS, "lower", lambda c: c.sliced_wasserstein[2]),
        # The mean of the three above.
        Metric(SLICED_WASSERSTEIN, _GRAY_LEVELS, "lower", lambda c: sum(c.sliced_wasserstein) / 3),
        Metric(
            WASSERSTEIN_MOTION,
            _GRAY_LEVELS,
            "lower",
            lambda c: wasserstein_1(c.real_motion, c.generated_motion),
        ),
        # None where the real clips do not move.
        Metric(MOTION_RATIO, _RATIO, "none", _motion_ratio),
        # None where the real clips are one, or all equal.
        Metric(DIVERSITY_RATIO, _RATIO, "none", _diversity_ratio),
        Metric("brightness_real", _GRAY_LEVELS, "none", lambda c: brightness(c.real)),
        Metric("brightness_generated", _GRAY_LEVELS, "none", lambda c: brightness(c.generated)),
        Metric(
            "rms_motion_ratio",
            _RATIO,
            "none",
            lambda c: _ratio(rms_change(c.generated_small), rms_change(c.real_small), VISIBLE),
        ),
        Metric(
            "contrast_ratio",
            _RATIO,
            "none",
            lambda c: _ratio(contrast(c.generated_small), contrast(c.real_small), VISIBLE),
        ),
        # Far below 1 where the generator copies real clips.
        Metric("nearest_ratio", _RATIO, "none", _nearest_ratio),
        Metric("flicker_real", "correlation", "none", lambda c: flicker(c.real_small)),
        Metric("flicker_generated", "correlation", "none", lambda c: flicker(c.generated_small)),
    )
}


def clip_metrics(
    names: Iterable[str], real: np.ndarray, generated: np.ndarray, seed: int = 0
) -> MetricValues:
    """Values of metrics of CLIP_METRICS.

    Args:
        names: Keys of CLIP_METRICS.
        real: [N, T, H, W, 3] uint8.
        generated: [M, T, H, W, 3] uint8.
        seed: Of the random projections.

    Returns:
        Each value by name; None where the clips do not allow it.
    """
    metrics = (CLIP_METRICS[name] for name in names)
    return measure(metrics, ClipComparison(real, generated, seed))


def real_vs_real(names: Iterable[str], real: np.ndarray, seed: int) -> MetricValues:
    """The same metrics of one random half of the real clips [N >= 2, ...] against the other.

    About what a perfect generator would get. Halves are smaller samples, which raises the distances. Clips of one video
    may lie in both halves, which lowers them.
    """
    order = np.random.default_rng(seed).permutation(len(real))
    middle = len(real) // 2
    return clip_metrics(names, real[order[:middle]], real[order[middle:]], seed)
