from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mocogan.evaluation.shapes.comparison import check_shape_motion, compare_shape_motion
from mocogan.evaluation.shapes.detector import NotShapeMotion
from tests.support.detected_shapes import drawn_clips, square_clip

AUTHORS_SET = Path(__file__).parents[4] / "shared/datasets/shapes"
SIZE = 32


def test_drawn_shape_motion_reaches_every_target() -> None:
    clips = drawn_clips(640, size=64)
    metrics = compare_shape_motion(clips[:512], clips[384:])
    assert metrics["detection_rate"] == metrics["detection_rate_real"] == 1.0
    assert 3 < metrics["acd"] < 5  # of smoothed edges that fall between pixels; without them 0
    assert metrics["displacement"] == pytest.approx(metrics["displacement_real"], rel=0.05)
    assert min(metrics["mode_coverage"], metrics["mode_coverage_real"]) > 0.95
    assert metrics["mode_coverage_clips"] == 256
    assert metrics["size_variation"] < 0.05
    assert metrics["size_std"] == pytest.approx(metrics["size_std_real"], rel=0.1)


def test_real_clips_are_checked_beforehand() -> None:
    check_shape_motion(drawn_clips(16))
    with pytest.raises(NotShapeMotion, match="no clip shows exactly one shape on black"):
        check_shape_motion(np.zeros((2, 4, SIZE, SIZE, 3), np.uint8))
    with pytest.raises(NotShapeMotion, match="at least 4 different shape areas"):
        check_shape_motion(square_clip((5, 25), (8, 2), 4, (200, 0, 0)))


def test_half_of_the_modes() -> None:
    clips = drawn_clips(300)
    metrics = compare_shape_motion(clips, clips[0:256:2])  # one direction
    assert metrics["mode_coverage"] <= 0.5 < metrics["mode_coverage_real"]
    assert metrics["mode_coverage_clips"] == 128


def test_faults_show_in_their_metric() -> None:
    clips = drawn_clips(64)
    real = compare_shape_motion(clips, clips)
    frozen = compare_shape_motion(clips, clips[:, :1].repeat(8, axis=1))
    assert (frozen["acd"], frozen["displacement"], frozen["mode_coverage"]) == (0.0, 0.0, 0.0)
    changing = clips.copy()
    changing[:, 1::2] = clips[:, 1::2, ..., ::-1]  # red and blue change places
    assert compare_shape_motion(clips, changing)["acd"] > 50 + real["acd"]
    shuffled = clips[:, np.random.default_rng(0).permutation(8)]
    assert compare_shape_motion(clips, shuffled)["jitter"] > 3 * real["jitter"]
    noise = np.random.default_rng(0).integers(0, 256, clips.shape, np.uint8)
    assert compare_shape_motion(clips, noise)["detection_rate"] == 0.0


@pytest.mark.skipif(not AUTHORS_SET.exists(), reason="the authors' data are not here")
def test_the_authors_set() -> None:
    """Every second frame of 512 of their strips: eight areas, colors that do not change, 64 cells."""
    paths = [path for name in "01" for path in sorted((AUTHORS_SET / name).iterdir())[:256]]
    strips = np.stack([np.asarray(Image.open(path).convert("RGB")) for path in paths])
    clips = strips.reshape(-1, 64, 32, 64, 3).transpose(0, 2, 1, 3, 4)[:, ::2]
    metrics = compare_shape_motion(clips, clips[::2])
    assert metrics["detection_rate_real"] == 1.0
    assert metrics["acd_real"] == metrics["size_variation_real"] == 0.0
    assert metrics["displacement_real"] == pytest.approx(47.5, abs=0.3)
    assert metrics["path_length_real"] == pytest.approx(59, abs=1)
    assert metrics["area_range_real"] == [47.0, 196.0]
    assert metrics["size_edges"] == [71.5, 105.5, 147.5]
    assert (metrics["num_modes"], metrics["mode_coverage_clips"]) == (64, 256)
    assert min(metrics["mode_coverage"], metrics["mode_coverage_real"]) > 0.9
    assert metrics["size_std_real"] == pytest.approx(45, abs=5)
    assert metrics["fill_std_real"] == pytest.approx(0.1, abs=0.03)
