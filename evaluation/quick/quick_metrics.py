"""Cheap metrics of a few samples beside a few real clips, for the training doctor.

They need no trained weights, and 16 clips are enough to see mode collapse, noise or a still picture. The metrics of an
evaluation are in `metrics`. All take uint8 clips. They return gray levels (0 to 255), a ratio of generated to real, or
a correlation.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np

from mocogan.evaluation.downsampling import downsample
from mocogan.evaluation.metric import Metric, measure
from mocogan.evaluation.motion import flicker, rms_change
from mocogan.evaluation.quick.brightness import brightness, contrast
from mocogan.evaluation.quick.diversity import (
    mean_pairwise_distance,
    nearest_distance,
    nearest_neighbor_distance,
)

# Gray levels. A ratio is None if its denominator is smaller.
NEGLIGIBLE = 1e-3  # limit for mean distances and differences of real clips
VISIBLE = 1.0  # limit for root mean squares: a smaller value is not visible

_GRAY_LEVELS = "gray levels"
_RATIO = "generated / real"

MetricValues = dict[str, float | None]


class QuickComparison:
    """Real and generated clips, with intermediate values that several metrics share."""

    def __init__(self, real: np.ndarray, generated: np.ndarray) -> None:
        """`real` is [N, T, H, W, 3] uint8, `generated` is [M, T, H, W, 3] uint8."""
        self.real = real
        self.generated = generated

    @cached_property
    def real_small(self) -> np.ndarray:
        """The real clips, downsampled."""
        return downsample(self.real)

    @cached_property
    def generated_small(self) -> np.ndarray:
        """The generated clips, downsampled."""
        return downsample(self.generated)


def _ratio(generated: float, real: float | None, least: float = NEGLIGIBLE) -> float | None:
    return generated / real if real is not None and real >= least else None


def _diversity_ratio(clips: QuickComparison) -> float | None:
    return _ratio(
        mean_pairwise_distance(clips.generated_small), mean_pairwise_distance(clips.real_small)
    )


def _nearest_ratio(clips: QuickComparison) -> float | None:
    return _ratio(
        nearest_distance(clips.generated_small, clips.real_small),
        nearest_neighbor_distance(clips.real_small),
    )


QUICK_METRICS: dict[str, Metric[QuickComparison]] = {
    metric.name: metric
    for metric in (
        # None for a single real clip, or if all real clips are equal.
        Metric("diversity_ratio", _RATIO, "none", _diversity_ratio),
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


def quick_metrics(names: Iterable[str], real: np.ndarray, generated: np.ndarray) -> MetricValues:
    """Compare generated clips [M, T, H, W, 3] uint8 with real clips [N, T, H, W, 3] uint8.

    Args:
        names: Metrics to compute, keys of `QUICK_METRICS`.
        real: Real clips, [N, T, H, W, 3] uint8.
        generated: Generated clips, [M, T, H, W, 3] uint8.

    Returns:
        Values by name. A value is None if the clips do not allow the metric.

    Raises:
        KeyError: A name is not in `QUICK_METRICS`.
    """
    metrics = (QUICK_METRICS[name] for name in names)
    return measure(metrics, QuickComparison(real, generated))
