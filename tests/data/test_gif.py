import io

import numpy as np
import pytest
from PIL import Image, ImageSequence

from mocogan.data.gif import encode_gif


def test_gif_plays_the_frames_enlarged_for_ever():
    frames = np.zeros((3, 4, 6, 3), np.uint8)
    frames[0, ..., 0], frames[1, ..., 1], frames[2, ..., 2] = 200, 150, 250

    image = Image.open(io.BytesIO(encode_gif(frames, fps=5, scale=2)))

    assert (image.size, image.n_frames, image.info["loop"]) == ((12, 8), 3, 0)
    shown = [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)]
    np.testing.assert_allclose(
        np.stack(shown).astype(int), frames.repeat(2, 1).repeat(2, 2), atol=2
    )
    assert image.info["duration"] == 200  # milliseconds


def test_refuses_floats():
    with pytest.raises(ValueError, match="uint8, got"):
        encode_gif(np.zeros((2, 4, 4, 3), np.float32))
