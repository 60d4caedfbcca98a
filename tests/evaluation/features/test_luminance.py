from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.features.luminance import luminance


def test_green_is_brighter_than_red_and_blue() -> None:
    colors = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]], np.uint8)
    light = luminance(colors)
    assert light.dtype == np.float32
    assert light == pytest.approx(np.array([76.245, 149.685, 29.07, 255]), rel=1e-6)


def test_equal_frames_have_exactly_equal_luminance() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (1, 7, 9, 3), dtype=np.uint8)
    first, second = luminance(frame.repeat(2, axis=0))
    assert (first == second).all()
