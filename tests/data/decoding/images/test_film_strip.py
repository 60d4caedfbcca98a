import io
import zlib

import numpy as np
import pytest
from PIL import Image

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.images.film_strip import is_film_strip, open_film_strip
from mocogan.data.decoding.video_facts import VideoFacts
from mocogan.data.rejection import VideoRejected

_CONFIG = IngestConfig(num_frames=2, size=8)


def _numbered(count: int, side: int = 8) -> np.ndarray:
    return np.stack([np.full((side, side, 3), 10 * n, np.uint8) for n in range(count)])


def _frames(path, first: int = 0) -> list[np.ndarray]:
    with open_film_strip(str(path), _CONFIG) as strip:
        return [frame.image for frame in strip.frames(first)]


def _rejection(path, **config) -> VideoRejected:
    with (
        pytest.raises(VideoRejected) as caught,
        open_film_strip(str(path), IngestConfig(num_frames=2, size=8, **config)) as strip,
    ):
        list(strip.frames())
    return caught.value


@pytest.mark.parametrize("axis", [0, 1], ids=["vertical", "horizontal"])
def test_frames_come_in_order_whatever_the_name_says(tmp_path, axis):
    path = tmp_path / "strip.jpg"
    Image.fromarray(np.concatenate(_numbered(5), axis=axis)).save(path, format="PNG")

    np.testing.assert_array_equal(_frames(path), _numbered(5))
    np.testing.assert_array_equal(_frames(path, first=3), _numbered(5)[3:])


def test_facts_are_those_of_a_frame(tmp_path):
    Image.new("RGB", (8, 40)).save(tmp_path / "strip.png", format="JPEG")

    with open_film_strip(str(tmp_path / "strip.png"), _CONFIG) as strip:
        assert strip.facts == VideoFacts("film strip", "jpeg", 8, 8, fps=None, seconds=None)
        assert strip.timeline().seconds == [0.0] * 5
        assert [frame.seconds for frame in strip.frames()] == [0.0] * 5


def test_only_png_and_jpeg_are_strips():
    heads = {}
    for name in ("PNG", "JPEG", "BMP", "GIF", "WEBP"):
        file = io.BytesIO()
        Image.new("RGB", (32, 8)).save(file, format=name)
        heads[name] = is_film_strip(file.getvalue()[:16])

    assert [name for name, is_strip in heads.items() if is_strip] == ["PNG", "JPEG"]


def test_a_callers_own_error_is_not_taken_for_damage(tmp_path):
    Image.new("RGB", (32, 8)).save(tmp_path / "strip.png")

    with (
        pytest.raises(OSError, match="disk full"),
        open_film_strip(str(tmp_path / "strip.png"), _CONFIG),
    ):
        raise OSError("disk full")


def test_gray_and_transparent_images_become_rgb(tmp_path):
    gray = np.repeat(np.array([[0, 200]], np.uint8), 4, axis=0).repeat(4, axis=1)
    Image.fromarray(gray).save(tmp_path / "gray", format="PNG")
    Image.fromarray(gray.astype(np.uint16) * 257).save(tmp_path / "gray16", format="PNG")
    clear = np.zeros((4, 8, 4), np.uint8)
    clear[:, 4:] = 200  # alpha 200 of 255 on 200
    Image.fromarray(clear).save(tmp_path / "clear", format="PNG")

    def corners(name: str) -> list[list[int]]:
        return [image[0, 0].tolist() for image in _frames(tmp_path / name)]

    assert corners("gray") == [[0, 0, 0], [200, 200, 200]]
    assert corners("gray16") == [[0, 0, 0], [200, 200, 200]]
    assert corners("clear") == [[0, 0, 0], [157, 157, 157]]


@pytest.mark.parametrize("size", [(8, 8), (20, 8), (8, 15)])
def test_other_images_are_no_strips(tmp_path, size):
    path = tmp_path / "a.png"
    Image.new("RGB", size).save(path)

    rejection = _rejection(path)

    assert rejection.code == "bad_format"
    assert f"{size[0]}x{size[1]}" in rejection.message
    assert "Its longer side must be a multiple (2 or more) of its shorter side" in rejection.message


def test_a_cut_off_image_is_damaged(tmp_path):
    path = tmp_path / "a.png"
    noise = np.random.default_rng(0).integers(0, 256, (8, 32, 3), np.uint8)
    Image.fromarray(noise).save(path)
    whole = path.read_bytes()

    for size in (20, 400):  # within the header, within the pixels
        path.write_bytes(whole[:size])
        rejection = _rejection(path)
        assert rejection.code == "open_failed"
        assert rejection.message.startswith("the image is damaged: ")


@pytest.mark.parametrize("height", [16, 2**22], ids=["by our limit", "by Pillow's own"])
def test_a_bomb_is_not_unpacked(tmp_path, height):
    path = tmp_path / "a.png"
    Image.new("1", (64, 16)).save(path)
    content = bytearray(path.read_bytes())
    content[20:24] = height.to_bytes(4, "big")
    path.write_bytes(_with_right_checksum(content))

    rejection = _rejection(path, max_pixels=1000)
    assert rejection.code == "too_many_pixels"
    assert rejection.message == (
        f"the image has 64x{height} pixels, which exceeds ingest.max_pixels=1000. "
        "Scale it down or raise ingest.max_pixels"
    )


def test_max_pixels_may_allow_more_than_pillow_does(tmp_path, monkeypatch):
    Image.new("RGB", (32, 8)).save(tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)

    assert len(_frames(tmp_path / "a.png")) == 4
    assert Image.MAX_IMAGE_PIXELS == 100


def _with_right_checksum(png: bytearray) -> bytes:
    """The header chunk's checksum comes after its 17 bytes."""
    png[29:33] = zlib.crc32(png[12:29]).to_bytes(4, "big")
    return bytes(png)


def test_frame_rates_mean_nothing_for_a_strip(tmp_path):
    path = tmp_path / "a.png"
    Image.new("RGB", (32, 8)).save(path)

    rejection = _rejection(path, fps=10)

    assert rejection.code == "no_frame_rate"
    assert "Use ingest.frame_stride" in rejection.message
