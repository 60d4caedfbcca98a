from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.shapes.shape_metrics import (
    acd,
    clip_medians,
    detection_rate,
    displacement,
    fill_std,
    jitter,
    num_measured_clips,
    path_length,
    size_std,
    size_variation,
)
from tests.support.detected_shapes import one_clip, together


def test_acd_is_the_mean_distance_of_a_clips_colors() -> None:
    colors = [(0, 0, 0), (30, 40, 0), (0, 0, 0), (200, 0, 0)]
    clip = one_clip([(1, 1), (1, 1), (1, 1), None], colors)
    assert acd(clip) == pytest.approx((50 + 0 + 50) / 3)
    steady = one_clip([(1, 1)] * 4)
    assert acd(together(clip, steady)) == pytest.approx(100 / 6)


def test_displacement_and_path_skip_frames_without_a_shape() -> None:
    clip = one_clip([None, (0, 0), (3, 4), None, (3, 16)])
    assert displacement(clip) == pytest.approx(np.hypot(3, 16))
    assert path_length(clip) == pytest.approx(5 + 12)
    assert detection_rate(clip) == pytest.approx(3 / 5)


def test_jitter_takes_successive_frames() -> None:
    # Second differences (0, 0), (0, -3) and, over the gap, none.
    clip = one_clip([(0, 0), (0, 2), (0, 4), (0, 3), None, (9, 9), (0, 0)])
    assert jitter(clip) == pytest.approx(1.5)
    assert jitter(one_clip([(0, 0), (5, 5), None, (1, 1)])) is None


def test_variation_of_size() -> None:
    assert size_variation(one_clip([(0, 0), (0, 0)], areas=[10.0, 30.0])) == pytest.approx(10 / 20)


def test_clips_with_one_detected_frame_are_left_out() -> None:
    clip = one_clip([(5, 5), None, None])
    assert num_measured_clips(clip) == 0
    assert acd(clip) is displacement(clip) is path_length(clip) is jitter(clip) is None
    assert size_variation(clip) is None
    assert detection_rate(clip) == pytest.approx(1 / 3)
    both = together(clip, one_clip([(0, 0), (3, 4), None]))
    assert num_measured_clips(both) == 1
    assert displacement(both) == pytest.approx(5)


def test_deviations_are_those_of_the_clips_medians() -> None:
    clips = together(
        *(one_clip([(5, 5), None, (5, 5)], areas=[area, 900.0, area]) for area in (10.0, 30.0)),
        one_clip([None] * 3),
    )
    assert clip_medians(clips.area, clips.detected).tolist() == [10.0, 30.0]
    assert (size_std(clips), fill_std(clips)) == (10.0, 0.0)
    half_filled = clips._replace(fill=clips.fill * [[1.0], [0.5], [1.0]])
    assert fill_std(half_filled) == 0.25
    nothing = one_clip([None])
    assert size_std(nothing) is fill_std(nothing) is None
