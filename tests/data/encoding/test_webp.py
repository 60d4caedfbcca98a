import io

import numpy as np
from PIL import Image

from mocogan.data.encoding.webp import encode_webp


def frames_of(content):
    image = Image.open(io.BytesIO(content))
    frames, durations = [], []
    for number in range(image.n_frames):
        image.seek(number)
        frames.append(np.asarray(image.convert("RGB")))
        durations.append(image.info["duration"])
    return np.stack(frames).astype(int), durations


def photograph(num_frames=5, size=32):
    """[T, H, W, 3] uint8: slow gradients and some noise, of which two neighbors are equal."""
    rows, columns = np.mgrid[:size, :size]
    noise = np.random.default_rng(0).normal(0, 4, (num_frames, size, size, 3))
    clip = 60 + 3 * rows[None, ..., None] + columns[None, ..., None] + noise
    clip[3] = clip[2]
    return clip.clip(0, 255).astype(np.uint8)


def test_with_loss_a_clip_is_smaller_and_keeps_all_frames_and_times():
    clip = photograph()
    exact = encode_webp(clip, 12.5)
    for quality, error in ((80, 6), (25, 12)):
        content = encode_webp(clip, 12.5, quality=quality)
        assert len(content) < len(exact) / 3
        frames, durations = frames_of(content)
        assert durations == [80] * 5
        assert np.abs(frames - clip).mean() < error
    np.testing.assert_array_equal(frames_of(exact)[0], clip)
