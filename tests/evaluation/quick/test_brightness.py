from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.quick.brightness import brightness, contrast
from tests.support.clips_of_levels import clips_of_levels


def test_brightness_is_the_mean_gray_level() -> None:
    assert brightness(clips_of_levels([[0, 20], [40, 60]])) == 30


def test_contrast_is_that_of_a_frame_not_of_the_clip() -> None:
    assert contrast(clips_of_levels([[0, 90, 0]]).astype(np.float32)) == 0.0
    halves = np.zeros((1, 2, 2, 2, 3), np.float32)
    halves[:, :, 0] = 80.0
    assert contrast(halves) == pytest.approx(40.0)


def test_contrast_is_not_that_between_channels() -> None:
    red = np.zeros((1, 2, 2, 2, 3), np.float32)
    red[..., 0] = 255.0
    assert contrast(red) == 0.0
