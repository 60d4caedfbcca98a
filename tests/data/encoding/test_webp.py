"""Animated WebPs with loss, and single pictures. `test_formats.py` tests animations without loss."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from mocogan.data.encoding.webp import encode_webp, first_picture


def moving_square() -> np.ndarray:
    """Six frames of a square on colors that change slowly. The last two frames are equal."""
    rows, columns = np.mgrid[:30, :46]
    background = np.stack([rows * 5, columns * 4, np.full_like(rows, 128)], axis=-1)
    frames = np.repeat(background[np.newaxis], 6, axis=0).astype(np.uint8)
    for frame, left in zip(frames, (2, 8, 14, 20, 26, 26), strict=True):
        frame[8:20, left : left + 12] = (230, 40, 40)
    return frames


def read(content: bytes) -> tuple[np.ndarray, list[int]]:
    image = Image.open(io.BytesIO(content))
    frames, milliseconds = [], []
    for number in range(image.n_frames):
        image.seek(number)
        frames.append(np.asarray(image.convert("RGB")).astype(int))
        milliseconds.append(image.info["duration"])
    return np.stack(frames), milliseconds


def test_a_lossy_animation_keeps_every_frame_and_its_time():
    frames = moving_square()
    shown, milliseconds = read(encode_webp(frames, 25, quality=80))
    assert milliseconds == [40] * 6
    assert shown.shape == frames.shape
    differences = np.abs(shown - frames).mean(axis=(1, 2, 3))
    assert differences.max() < 8  # whole frames: no error of a frame stays in later ones
    enlarged, _ = read(encode_webp(frames, 25, 2, quality=80))
    assert enlarged.shape == (6, 60, 92, 3)


def test_lower_quality_gives_smaller_files():
    frames = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), np.uint8)
    sizes = [len(encode_webp(frames, 10, quality=quality)) for quality in (0, 50, 100)]
    assert sizes[0] < sizes[1] < sizes[2] < len(encode_webp(frames, 10))


@pytest.mark.parametrize("quality", [-1, 101])
def test_a_quality_out_of_range_is_refused(quality: int):
    with pytest.raises(ValueError, match=f"quality must be from 0 to 100, got {quality}"):
        encode_webp(moving_square(), quality=quality)


@pytest.mark.parametrize("quality", [None, 0, 60])
@pytest.mark.parametrize("width", [45, 46])  # sizes of chunks are odd and even
def test_the_first_picture_is_the_first_frame(quality: int | None, width: int):
    animation = encode_webp(moving_square()[:, :, :width], 10, quality=quality)
    content = first_picture(animation)
    with Image.open(io.BytesIO(content)) as picture:
        assert (picture.format, picture.n_frames, picture.size) == ("WEBP", 1, (width, 30))
        np.testing.assert_array_equal(picture.convert("RGB"), read(animation)[0][0])
    assert len(content) < len(animation) / 2 or quality is None
