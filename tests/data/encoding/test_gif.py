import io

import av
import numpy as np
import pytest
from PIL import Image, ImageSequence

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.video import decode_video
from mocogan.data.encoding.gif import encode_gif


def _shown(gif: bytes) -> tuple[np.ndarray, list[int]]:
    """The frames [T, H, W, 3] int, and the milliseconds of each."""
    pixels, milliseconds = [], []
    for frame in ImageSequence.Iterator(Image.open(io.BytesIO(gif))):
        pixels.append(np.asarray(frame.convert("RGB")).astype(int))
        milliseconds.append(frame.info["duration"])
    return np.stack(pixels), milliseconds


def test_gif_plays_the_frames_enlarged_for_ever():
    frames = np.zeros((3, 4, 6, 3), np.uint8)
    frames[0, ..., 0], frames[1, ..., 1], frames[2, ..., 2] = 200, 150, 250

    gif = encode_gif(frames, fps=5, scale=2)

    image = Image.open(io.BytesIO(gif))
    assert (image.size, image.n_frames, image.info["loop"]) == ((12, 8), 3, 0)
    shown, milliseconds = _shown(gif)
    np.testing.assert_allclose(shown, frames.repeat(2, 1).repeat(2, 2), atol=2)
    assert milliseconds == [200, 200, 200]


@pytest.mark.parametrize(
    ("fps", "milliseconds"),
    [
        (10, [100] * 6),
        (25, [40] * 6),
        (30, [30, 40, 30, 30, 40, 30]),
        (1.5, [670, 660, 670, 670, 660, 670]),
        (1000, [20] * 6),
    ],
)
def test_gif_keeps_the_rate(fps, milliseconds):
    frames = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), np.uint8)

    assert _shown(encode_gif(frames, fps=fps))[1] == milliseconds


@pytest.mark.parametrize("held", [[0, 1, 2, 3], [2, 3], [0, 1]])
def test_frames_that_are_equal_stay(tmp_path, held):
    frames = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), np.uint8)
    frames[held] = frames[held[0]]

    gif = encode_gif(frames, fps=25)

    shown, milliseconds = _shown(gif)
    assert milliseconds == [40] * 4
    np.testing.assert_allclose(shown, frames, atol=80)
    assert (shown[held] == shown[held[0]]).all()
    (tmp_path / "a.gif").write_bytes(gif)
    with av.open(str(tmp_path / "a.gif")) as container:
        assert len(list(container.decode(video=0))) == 4
    for fps in (None, 25):
        config = IngestConfig(num_frames=4, size=16, fps=fps)
        with decode_video(str(tmp_path / "a.gif"), config) as video:
            (clip,) = video.clips
        np.testing.assert_allclose(clip.frames, shown, atol=1)


def test_refuses_floats():
    with pytest.raises(ValueError, match="uint8, got"):
        encode_gif(np.zeros((2, 4, 4, 3), np.float32))


def test_few_colors_are_exact():
    random = np.random.default_rng(0)
    colors = random.integers(0, 256, (40, 3), np.uint8)
    frames = colors[random.integers(0, 40, (4, 16, 16))]

    np.testing.assert_array_equal(_shown(encode_gif(frames))[0], frames)


def test_very_many_colors_are_near():
    rows, columns = np.mgrid[:256, :256]
    frames = np.stack([rows, columns, (rows + columns) // 2], axis=-1).astype(np.uint8)[np.newaxis]

    difference = np.abs(_shown(encode_gif(frames))[0] - frames)

    assert difference.mean() < 8
    assert difference.max() < 40
