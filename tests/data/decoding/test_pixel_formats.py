"""Known colors through real files of every pixel format, with either decoder."""

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import pytest
from PIL import Image

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.video import decode_video
from mocogan.data.rejection import VideoRejected
from tests.support.color_patches import (
    BT709,
    BT2020,
    COLORS,
    FULL,
    LIMITED,
    UNSPECIFIED,
    centers,
    luma,
    patches,
    write_patches,
)

needs_tfio = pytest.mark.skipif(
    find_spec("tensorflow_io") is None, reason="tensorflow-io does not exist for this Python"
)
_EXACT = {"qp": "0"}


class _File(NamedTuple):
    name: str
    codec: str
    pix_fmt: str
    color_space: int = UNSPECIFIED
    color_range: int = LIMITED
    size: tuple[int, int] = (32, 64)  # height, width
    encoder: dict[str, str] | None = None
    alpha: int = 255
    tolerance: int = 4
    refused_by_tfio: str = ""  # with a word of the reason

    def write(self, folder: Path) -> Path:
        height, width = self.size
        frames = [
            patches(self.pix_fmt, self.color_space, self.color_range, self.alpha, height, width)
            for _ in range(2)
        ]
        return write_patches(folder / self.name, self.codec, frames, self.encoder)

    @property
    def colors(self) -> np.ndarray:
        if self.pix_fmt.startswith("gray"):
            return np.repeat(luma(self.color_space)[:, np.newaxis], 3, axis=1)
        return COLORS * self.alpha / 255


_FILES = (
    _File("8bit.mp4", "libx264", "yuv420p", encoder=_EXACT),
    _File("bt709.mp4", "libx264", "yuv420p", BT709, encoder=_EXACT, refused_by_tfio="bt709"),
    _File("bt2020.mp4", "libx264", "yuv420p10le", BT2020, encoder=_EXACT, refused_by_tfio="bt2020"),
    _File("full.mp4", "libx264", "yuvj420p", UNSPECIFIED, FULL, encoder=_EXACT),
    _File(
        "full-bt709.mp4",
        "libx264",
        "yuvj420p",
        BT709,
        FULL,
        encoder=_EXACT,
        refused_by_tfio="bt709",
    ),
    _File("10bit.mkv", "libx264", "yuv420p10le", encoder=_EXACT),
    _File("422-10bit.mp4", "libx264", "yuv422p10le", encoder=_EXACT),
    _File("444.mp4", "libx264", "yuv444p", BT709, encoder=_EXACT, refused_by_tfio="bt709"),
    _File("gray.mp4", "libx264", "gray", BT709, LIMITED, encoder=_EXACT),
    _File("gray-full.mp4", "libx264", "gray", BT709, FULL, encoder=_EXACT),
    _File("gray10.mp4", "libx264", "gray10le", BT709, LIMITED, encoder=_EXACT),
    _File("gray.mkv", "ffv1", "gray", BT709, LIMITED),
    _File("422.mkv", "ffv1", "yuv422p"),
    _File("422-bt709.mkv", "ffv1", "yuv422p", BT709, refused_by_tfio="bt709"),
    _File("rgb.mkv", "ffv1", "bgr0", BT709, FULL),
    _File("gbr10.mkv", "ffv1", "gbrp10le", BT709, FULL),
    _File("rgb.mov", "png", "rgb24", BT709, FULL),
    _File("rgb-qtrle.mov", "qtrle", "rgb24", BT709, FULL),
    _File("rgb-h264.mp4", "libx264rgb", "rgb24", UNSPECIFIED, FULL, encoder=_EXACT),
    _File("full-vp9.webm", "libvpx-vp9", "yuv420p", BT709, FULL, refused_by_tfio="full-range"),
    _File("full-ffv1.mkv", "ffv1", "yuv444p", BT709, FULL, refused_by_tfio="full-range"),
    _File("mjpeg.avi", "mjpeg", "yuvj422p", UNSPECIFIED, FULL, encoder={"qmin": "1", "qmax": "1"}),
    _File("odd.mkv", "ffv1", "yuv420p", size=(21, 35)),
    _File("odd-bt709.mkv", "ffv1", "yuv420p", BT709, size=(21, 35), refused_by_tfio="bt709"),
    _File("odd-vp9.webm", "libvpx-vp9", "yuv420p", size=(21, 35), encoder={"lossless": "1"}),
    _File("odd-444.mp4", "libx264", "yuv444p", size=(21, 35), encoder=_EXACT),
    _File("odd-png.mov", "png", "rgb24", UNSPECIFIED, FULL, size=(21, 35)),
    _File("clear.mkv", "ffv1", "yuva420p", BT709, alpha=100, refused_by_tfio="transparent"),
    _File("clear.mov", "png", "rgba", BT709, FULL, alpha=100, refused_by_tfio="transparent"),
    _File(
        "clear-qtrle.mov", "qtrle", "argb", BT709, FULL, alpha=100, refused_by_tfio="transparent"
    ),
    _File("opaque.mov", "png", "rgba", BT709, FULL),
)
_IDS = [file.name for file in _FILES]


def _picture(path: Path, decoder: str, **config: object) -> np.ndarray:
    """[64, 64, 3] int: the first frame."""
    settings = {"num_frames": 2, "size": 64, "resize": "squash", "decoder": decoder, **config}
    with decode_video(str(path), IngestConfig.model_validate(settings)) as video:
        (clip,) = video.clips
    return clip.frames[0].astype(int)


@pytest.mark.parametrize("file", _FILES, ids=_IDS)
def test_colors_are_right(tmp_path, file):
    picture = _picture(file.write(tmp_path), "pyav")

    np.testing.assert_allclose(centers(picture), file.colors, atol=file.tolerance)


@needs_tfio
@pytest.mark.parametrize("file", _FILES, ids=_IDS)
def test_tensorflow_io_gives_the_same_or_says_that_it_cannot(tmp_path, file):
    path = file.write(tmp_path)

    if file.refused_by_tfio:
        with pytest.raises(VideoRejected, match=f"unsupported_codec.*{file.refused_by_tfio}"):
            _picture(path, "tfio")
        return
    tfio, pyav = _picture(path, "tfio"), _picture(path, "pyav")
    np.testing.assert_allclose(centers(tfio), file.colors, atol=file.tolerance)
    # At the borders of patches, PyAV interpolates colors of yuv, and tensorflow-io does not.
    difference = np.abs(tfio - pyav)
    assert np.median(difference) <= 2
    if not file.pix_fmt.startswith("yuv"):
        assert difference.max() <= 2


def _write_clear_gif(path: Path) -> Path:
    """A red picture of which the left half is transparent."""
    pixels = np.zeros((32, 64), np.uint8)
    pixels[:, 32:] = 1
    images = [Image.fromarray(pixels, "P") for _ in range(2)]
    for image in images:
        image.putpalette([255, 255, 255, 220, 30, 40])
    images[1].putpixel((63, 31), 0)  # else Pillow writes one frame
    images[0].save(path, save_all=True, append_images=images[1:], transparency=0, disposal=2)
    return path


def test_a_gif_lies_on_black(tmp_path):
    picture = _picture(_write_clear_gif(tmp_path / "a.gif"), "pyav")

    np.testing.assert_allclose(picture[:, :30], 0, atol=2)
    np.testing.assert_allclose(picture[:, 34:], np.broadcast_to([220, 30, 40], (64, 30, 3)), atol=2)


@needs_tfio
def test_tensorflow_io_refuses_a_film_that_becomes_transparent(tmp_path):
    frames = [patches("rgba", alpha=255 if number < 20 else 100) for number in range(21)]
    path = write_patches(tmp_path / "a.mov", "png", frames)

    with pytest.raises(VideoRejected, match=r"unsupported_codec.*transparent"):
        _picture(path, "tfio")


@needs_tfio
def test_tensorflow_io_refuses_a_transparent_gif(tmp_path):
    with pytest.raises(VideoRejected, match=r"unsupported_codec.*transparent.*ingest.decoder=pyav"):
        _picture(_write_clear_gif(tmp_path / "a.gif"), "tfio")


def _palette_film(path: Path) -> Path:
    """COLORS by number, the fifth of them half transparent."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("png", rate=25, width=64, height=32)
        stream.pix_fmt = "pal8"
        numbers = np.kron(np.arange(8, dtype=np.uint8).reshape(2, 4), np.ones((16, 16), np.uint8))
        palette = np.zeros((256, 4), np.uint8)
        palette[:8] = np.concatenate([np.full((8, 1), 255), COLORS], axis=1)  # ARGB
        palette[4, 0] = 128
        for number in range(2):
            frame = av.VideoFrame.from_ndarray((numbers, palette), format="pal8")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_palettes_may_be_transparent_too(tmp_path):
    expected = COLORS.copy()
    expected[4] *= 128 / 255

    picture = _picture(_palette_film(tmp_path / "a.mov"), "pyav")

    np.testing.assert_allclose(centers(picture), expected, atol=2)
