"""Each metric of the registry against a value worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.clip_metrics import CLIP_METRICS, MetricValues, clip_metrics, real_vs_real
from tests.support.clips_of_levels import clips_of_levels


def measured(real: np.ndarray, generated: np.ndarray) -> MetricValues:
    return clip_metrics(CLIP_METRICS, real, generated, seed=0)


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
    assert metrics["motion_ratio"] == pytest.approx(0.5)
    assert metrics["rms_motion_ratio"] == pytest.approx(0.5)
    assert metrics["wasserstein_motion"] == pytest.approx(10)
    assert metrics["diversity_ratio"] == pytest.approx((10 + 10 + 0) / 3 / 40)
    # Each differs from the first real clip by 10 in one of two frames; the real clips are 40 apart.
    assert metrics["nearest_ratio"] == pytest.approx(50**0.5 / 40)
    assert metrics["brightness_real"] == 30
    assert metrics["brightness_generated"] == pytest.approx(25 / 3)
    assert metrics["contrast_ratio"] is None  # real frames of one level have none
    assert metrics["flicker_real"] is metrics["flicker_generated"] is None  # two frames


def test_sliced_wasserstein_is_the_mean_of_three() -> None:
    metrics = measured(moving_rows(4), moving_rows(3, start=4) // 2)
    three = [metrics[f"sliced_wasserstein_{name}"] for name in ("frames", "xt", "yt")]
    assert metrics["sliced_wasserstein"] == pytest.approx(np.mean(three))
    assert min(three) > 0


def test_ratios_are_undefined_where_the_real_clips_neither_move_nor_differ() -> None:
    other = clips_of_levels([[0, 9], [3, 4]])
    still = measured(clips_of_levels([[7, 7], [7, 7]]), other)
    names = {"motion_ratio", "rms_motion_ratio", "diversity_ratio", "nearest_ratio"}
    assert {name for name in names if still[name] is None} == names
    one = measured(clips_of_levels([[0, 9]]), other)
    assert one["diversity_ratio"] is one["nearest_ratio"] is None
    assert one["motion_ratio"] == pytest.approx(5 / 9)


def test_motion_of_single_pixels_is_motion_but_not_of_downsampled_clips() -> None:
    random = np.random.default_rng(0)
    real = np.zeros((4, 4, 64, 64, 3), np.uint8)
    for frame in range(4):
        real[:, frame, 16:32, 16 * frame : 16 * frame + 16] = 200
    noise = random.integers(98, 103, real.shape, np.uint8)
    metrics = measured(real, noise)
    assert metrics["rms_motion_ratio"] is not None
    assert metrics["motion_ratio"] is not None
    assert metrics["rms_motion_ratio"] < 0.02 < metrics["motion_ratio"]


def test_time_reversed_clips_differ_in_slices_only() -> None:
    clips = clips_of_levels([[0, 50, 100, 255], [10, 20, 30, 90]])
    metrics = measured(clips, clips[:, ::-1])
    assert metrics["sliced_wasserstein_frames"] == pytest.approx(0, abs=1e-5)
    for name in ("sliced_wasserstein_xt", "sliced_wasserstein_yt"):
        value = metrics[name]
        assert value is not None
        assert value > 1
    assert metrics["wasserstein_motion"] == 0


def test_the_same_clips_differ_in_nothing() -> None:
    metrics = measured(moving_rows(4), moving_rows(4))
    assert metrics["nearest_ratio"] == 0.0
    assert metrics["flicker_generated"] == metrics["flicker_real"]
    ratios = [
        metrics[f"{name}_ratio"] for name in ("diversity", "motion", "rms_motion", "contrast")
    ]
    assert ratios == [1.0] * 4


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


def test_real_vs_real_compares_halves() -> None:
    clips = clips_of_levels([[0, 0]] * 8)
    assert real_vs_real(CLIP_METRICS, clips, seed=0)["sliced_wasserstein"] == 0
    mixed = np.concatenate([clips[:4], clips_of_levels([[200, 200]] * 4)])
    metrics = real_vs_real(CLIP_METRICS, mixed, seed=0)
    assert metrics == real_vs_real(CLIP_METRICS, mixed, seed=0)
    first, second = metrics["brightness_real"], metrics["brightness_generated"]
    assert first is not None
    assert second is not None
    assert first + second == pytest.approx(200)


def test_only_the_named_metrics_are_measured() -> None:
    clips = moving_rows(2)
    assert clip_metrics(["motion_ratio"], clips, clips) == {"motion_ratio": 1.0}
