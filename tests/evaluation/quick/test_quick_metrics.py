"""Each metric of the registry against a value worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.quick.quick_metrics import QUICK_METRICS, MetricValues, quick_metrics
from tests.support.clips_of_levels import clips_of_levels


def measured(real: np.ndarray, generated: np.ndarray) -> MetricValues:
    return quick_metrics(QUICK_METRICS, real, generated)


def moving_rows(count: int, start: int = 0) -> np.ndarray:
    """[N, 4, 8, 8, 3]: a white row of 4 pixels on black that moves right, in another row for each clip."""
    clips = np.zeros((count, 4, 8, 8, 3), np.uint8)
    for number, clip in enumerate(clips):
        for frame in range(4):
            clip[frame, (start + number) % 8, frame : frame + 4] = 255
    return clips


def test_ratios_and_brightness() -> None:
    real, generated = (
        clips_of_levels([[0, 20], [40, 60]]),
        clips_of_levels([[0, 10], [10, 20], [0, 10]]),
    )
    metrics = measured(real, generated)
    assert metrics["rms_motion_ratio"] == pytest.approx(0.5)
    assert metrics["diversity_ratio"] == pytest.approx((10 + 10 + 0) / 3 / 40)
    # Each differs from the first real clip by 10 in one of two frames; the real clips are 40 apart.
    assert metrics["nearest_ratio"] == pytest.approx(50**0.5 / 40)
    assert metrics["brightness_real"] == 30
    assert metrics["brightness_generated"] == pytest.approx(25 / 3)
    assert metrics["contrast_ratio"] is None  # real frames of one level have none
    assert metrics["flicker_real"] is metrics["flicker_generated"] is None  # two frames


def test_ratios_are_undefined_where_the_real_clips_neither_move_nor_differ() -> None:
    other = clips_of_levels([[0, 9], [3, 4]])
    still = measured(clips_of_levels([[7, 7], [7, 7]]), other)
    names = {"rms_motion_ratio", "diversity_ratio", "nearest_ratio"}
    assert {name for name in names if still[name] is None} == names
    one = measured(clips_of_levels([[0, 9]]), other)
    assert one["diversity_ratio"] is one["nearest_ratio"] is None
    # Changes of 9 and 1 have the root mean square sqrt(41).
    assert one["rms_motion_ratio"] == pytest.approx(41**0.5 / 9)


def test_motion_of_single_pixels_is_no_motion() -> None:
    random = np.random.default_rng(0)
    real = np.zeros((4, 4, 64, 64, 3), np.uint8)
    for frame in range(4):
        real[:, frame, 16:32, 16 * frame : 16 * frame + 16] = 200
    noise = random.integers(98, 103, real.shape, np.uint8)
    ratio = measured(real, noise)["rms_motion_ratio"]
    assert ratio is not None
    assert ratio < 0.02


def test_the_same_clips_differ_in_nothing() -> None:
    metrics = measured(moving_rows(4), moving_rows(4))
    assert metrics["nearest_ratio"] == 0.0
    assert metrics["flicker_generated"] == metrics["flicker_real"]
    ratios = [metrics[f"{name}_ratio"] for name in ("diversity", "rms_motion", "contrast")]
    assert ratios == [1.0] * 3


RATIOS = {"diversity_ratio", "rms_motion_ratio", "contrast_ratio", "nearest_ratio"}


@pytest.mark.parametrize(
    ("generated", "low"),
    [
        (np.repeat(moving_rows(1), 4, axis=0), {"diversity_ratio", "nearest_ratio"}),
        (np.repeat(moving_rows(4)[:, :1], 4, axis=1), {"rms_motion_ratio"}),
        (np.zeros_like(moving_rows(4)), {"diversity_ratio", "rms_motion_ratio", "contrast_ratio"}),
        (np.maximum(moving_rows(4), 1), {"nearest_ratio"}),
        (moving_rows(4, start=4), set()),
    ],
    ids=["equal", "frozen", "black", "copied", "others"],
)
def test_each_fault_shows_in_its_ratio(generated: np.ndarray, low: set[str]) -> None:
    values = {
        name: value
        for name, value in measured(moving_rows(4), generated).items()
        if value is not None
    }
    assert {name for name in RATIOS if values[name] < 0.05} == low
    assert all(values[name] > 0.5 for name in RATIOS - low)


def test_blinking_flickers() -> None:
    blinking = moving_rows(4)
    blinking[:, 1::2] = 0
    metrics = measured(moving_rows(4), blinking)
    assert metrics["flicker_generated"] is not None
    assert metrics["flicker_real"] is not None
    assert metrics["flicker_generated"] > metrics["flicker_real"] + 0.5


def test_only_the_named_metrics_are_measured() -> None:
    clips = moving_rows(2)
    assert quick_metrics(["contrast_ratio"], clips, clips) == {"contrast_ratio": 1.0}
    with pytest.raises(KeyError, match="motion_ratio"):
        quick_metrics(["motion_ratio"], clips, clips)
