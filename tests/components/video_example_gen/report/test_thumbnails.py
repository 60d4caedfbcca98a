import io

import numpy as np
import pytest
from PIL import Image

from mocogan.components.video_example_gen.report.thumbnails import (
    MAX_BYTES,
    few_frames,
    moving_thumbnail,
    still_thumbnail,
)


def clip_of(num_frames, height=16, width=16):
    """A clip whose frames are gray levels 0, 4, 8 and so on."""
    levels = 4 * np.arange(num_frames, dtype=np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (num_frames, height, width, 3)).copy()


def read(content):
    """Gray level and milliseconds of each frame."""
    image = Image.open(io.BytesIO(content))
    assert image.format == "WEBP"
    frames = []
    for number in range(image.n_frames):
        image.seek(number)
        level = np.asarray(image.convert("RGB")).astype(float).mean()
        frames.append((level, image.info["duration"]))
    return image.size, frames


def test_a_short_clip_keeps_its_frames_and_its_speed():
    size, frames = read(moving_thumbnail(clip_of(4), 12.5))
    assert size == (16, 16)
    assert [level for level, _ in frames] == pytest.approx([0, 4, 8, 12], abs=2)
    assert [milliseconds for _, milliseconds in frames] == [80] * 4


def test_frames_of_a_long_clip_are_chosen_evenly_and_play_as_long():
    _, frames = read(moving_thumbnail(clip_of(48), 24))
    assert [level for level, _ in frames] == pytest.approx(np.arange(16) * 12, abs=2)
    assert sum(milliseconds for _, milliseconds in frames) == 2000


def test_a_clip_without_a_rate_plays_ten_frames_per_second():
    assert [milliseconds for _, milliseconds in read(moving_thumbnail(clip_of(2), None))[1]] == [
        100,
        100,
    ]


@pytest.mark.parametrize("fps", [60, 100, 240, 1000])
def test_browsers_can_show_the_frames_of_a_fast_clip_in_time(fps):
    _, frames = read(moving_thumbnail(clip_of(16), fps))
    assert sum(milliseconds for _, milliseconds in frames) == pytest.approx(16000 / fps, abs=0.5)
    assert len(frames) == 1 or min(milliseconds for _, milliseconds in frames) >= 20


def test_frames_that_were_chosen_before_are_all_kept():
    for fps in (7, 24, 60, 75, 144):
        chosen, rate = few_frames(clip_of(48), fps)
        again, same_rate = few_frames(chosen, rate)
        np.testing.assert_array_equal(again, chosen)
        assert same_rate == pytest.approx(rate)


def test_large_frames_are_scaled_down_in_proportion():
    size, _ = read(moving_thumbnail(clip_of(2, 256, 512), 10))
    assert size == (96, 48)
    assert read(still_thumbnail(clip_of(2, 512, 256)))[0] == (48, 96)


@pytest.mark.parametrize("side", [64, 256])
def test_even_noise_stays_small(side):
    noise = np.random.default_rng(0).integers(0, 256, (24, side, side, 3), np.uint8)
    content = moving_thumbnail(noise, 24)
    assert len(content) <= MAX_BYTES
    assert sum(milliseconds for _, milliseconds in read(content)[1]) == pytest.approx(1000, abs=1)
    assert len(still_thumbnail(noise)) <= MAX_BYTES


def test_a_still_picture_is_the_first_frame():
    _, frames = read(still_thumbnail(clip_of(4)[2:]))
    assert [level for level, _ in frames] == pytest.approx([8], abs=2)
