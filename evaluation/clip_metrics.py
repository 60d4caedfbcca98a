"""Metrics that compare generated with real clips, and their registry. No metric needs trained weights.

All metrics take uint8 clips. They return gray levels (0 to 255), a ratio of generated to real, or a correlation. The
same clips and seed give the same values.
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

# Gray levels. A ratio is None if its denominator is smaller.
NEGLIGIBLE = 1e-3  # limit for mean distances and differences of real clips
VISIBLE = 1.0  # limit for root mean squares: a smaller value is not visible

SLICED_WASSERSTEIN = "sliced_wasserstein"
WASSERSTEIN_MOTION = "wasserstein_motion"
MOTION_RATIO = "motion_ratio"
DIVERSITY_RATIO = "diversity_ratio"

_GRAY_LEVELS = "gray levels"
_RATIO = "generated / real"

MetricValues = dict[str, float | None]


class ClipComparison:
    """Real and generated clips, with intermediate values that several metrics share."""

    def __init__(self, real: np.ndarray, generated: np.ndarray, seed: int = 0) -> None:
        """`real` is [N, T, H, W, 3] uint8, `generated` is [M, T, H, W, 3] uint8. `seed` is for random projections."""
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
        """Sliced Wasserstein distances of frames, x-t slices and y-t slices, in gray levels."""
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
        # Finite samples of the same distribution have a distance above 0. Compare it with `real_vs_real`, or with the
        # distance of another model to the same real clips.
        Metric(
            "sliced_wasserstein_frames", _GRAY_LEVELS, "lower", lambda c: c.sliced_wasserstein[0]
        ),
        Metric("sliced_wasserstein_xt", _GRAY_LEVELS, "lower", lambda c: c.sliced_wasserstein[1]),
        Metric("sliced_wasserstein_yt", _GRAY_LEVELS, "lower", lambda c: c.sliced_wasserstein[2]),
        # Mean of the three distances above.
        Metric(SLICED_WASSERSTEIN, _GRAY_LEVELS, "lower", lambda c: sum(c.sliced_wasserstein) / 3),
        Metric(
            WASSERSTEIN_MOTION,
            _GRAY_LEVELS,
            "lower",
            lambda c: wasserstein_1(c.real_motion, c.generated_motion),
        ),
        # None if the real clips do not move.
        Metric(MOTION_RATIO, _RATIO, "none", _motion_ratio),
        # None for a single real clip, or if all real clips are equal.
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
        # Far below 1 if the generator copies real clips.
        Metric("nearest_ratio", _RATIO, "none", _nearest_ratio),
        Metric("flicker_real", "correlation", "none", lambda c: flicker(c.real_small)),
        Metric("flicker_generated", "correlation", "none", lambda c: flicker(c.generated_small)),
    )
}


def clip_metrics(
    names: Iterable[str], real: np.ndarray, generated: np.ndarray, seed: int = 0
) -> MetricValues:
    """Compare generated clips [M, T, H, W, 3] uint8 with real clips [N, T, H, W, 3] uint8.

    Args:
        names: Metrics to compute, keys of `CLIP_METRICS`.
        real: Real clips, [N, T, H, W, 3] uint8.
        generated: Generated clips, [M, T, H, W, 3] uint8.
        seed: Seed of the random projections.

    Returns:
        Values by name. A value is None if the clips do not allow the metric.

    Raises:
        KeyError: A name is not in `CLIP_METRICS`.
    """
    metrics = (CLIP_METRICS[name] for name in names)
    return measure(metrics, ClipComparison(real, generated, seed))


def real_vs_real(names: Iterable[str], real: np.ndarray, seed: int) -> MetricValues:
    """Compare two random halves of the real clips [N, T, H, W, 3] uint8 with `clip_metrics`.

    The values are about those of a perfect generator. The halves are smaller samples, which raises the distances. Both
    halves may contain clips of the same video, which lowers the distances.

    Args:
        names: Metrics to compute, keys of `CLIP_METRICS`.
        real: Real clips, [N, T, H, W, 3] uint8, N >= 2.
        seed: Seed of the split and of the random projections.

    Returns:
        Values by name. A value is None if the clips do not allow the metric.

    Raises:
        KeyError: A name is not in `CLIP_METRICS`.
    """
    order = np.random.default_rng(seed).permutation(len(real))
    middle = len(real) // 2
    return clip_metrics(names, real[order[:middle]], real[order[middle:]], seed)
