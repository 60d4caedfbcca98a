import numpy as np
import pytest

from mocogan.components.video_example_gen.outcomes import MOTION_EDGES, NUM_MOTION_BINS
from mocogan.components.video_example_gen.report.clip_motion import motion_bin


def clip_of(*levels):
    """[T, 16, 16, 3] uint8, a frame of each gray level."""
    return np.stack([np.full((16, 16, 3), level, np.uint8) for level in levels])


@pytest.mark.parametrize(
    ("levels", "mean"),
    [((7, 7, 7, 7), 0), ((7, 8, 7), 1), ((250, 251, 254), 2), ((255, 0), 255), ((0, 255), 255)],
)
def test_the_bin_holds_the_mean_difference_of_neighboring_frames(levels, mean):
    bounds = (-1.0, *MOTION_EDGES, 256.0)
    found = motion_bin(clip_of(*levels))
    assert bounds[found] <= mean < bounds[found + 1]


def test_a_still_clip_is_in_the_first_bin_and_a_wild_one_in_the_last():
    assert motion_bin(clip_of(90, 90)) == 0
    assert motion_bin(clip_of(0, 200)) == NUM_MOTION_BINS - 1


def test_one_pixel_of_noise_is_still():
    clip = clip_of(90, 90, 90, 90)
    clip[1, 3, 4, 0] = 255
    assert motion_bin(clip) == 0


def test_equals_the_definition_on_noise():
    clip = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), np.uint8)
    clip[1:] = clip[0] // 8 * 7 + clip[1:] // 8
    mean = np.abs(np.diff(clip.astype(float), axis=0)).mean()
    assert motion_bin(clip) == sum(mean >= edge for edge in MOTION_EDGES)


def test_other_than_a_clip_of_bytes_is_refused():
    with pytest.raises(AssertionError):
        motion_bin(np.zeros((4, 16, 16, 3), np.float32))
