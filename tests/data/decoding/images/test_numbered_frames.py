import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.images.numbered_frames import open_numbered_frames
from mocogan.data.decoding.video_facts import VideoFacts
from mocogan.data.rejection import VideoRejected

_CONFIG = IngestConfig(num_frames=2, size=8)


def _save(path: Path, level: int, size: tuple[int, int] = (12, 8), **options: object) -> None:
    options.setdefault("format", "PNG")
    Image.new("RGB", size, (level,) * 3).save(path, **options)


def _levels(folder: Path, first: int = 0) -> list[int]:
    with open_numbered_frames(str(folder), _CONFIG) as video:
        return [int(frame.image.mean().round()) for frame in video.frames(first)]


def _rejection(folder: Path, **config: object) -> VideoRejected:
    settings = IngestConfig.model_validate({"num_frames": 2, "size": 8, **config})
    with (
        pytest.raises(VideoRejected) as caught,
        open_numbered_frames(str(folder), settings) as video,
    ):
        list(video.frames())
    return caught.value


@pytest.mark.parametrize(
    ("name", "mode", "options"),
    [
        ("7.tif", "RGB", {"compression": "tiff_lzw"}),
        ("7.tif", "L", {"compression": "raw"}),
        ("7.tiff", "P", {"compression": "tiff_adobe_deflate"}),
        ("7.tif", "CMYK", {}),
        ("7.tif", "I;16", {}),
        ("7.tif", "I;16B", {}),
        ("7.ppm", "RGB", {}),
        ("7.pgm", "L", {}),
        ("7.pgm", "I", {}),
        ("7.jp2", "RGB", {"irreversible": False}),
        ("7.j2k", "L", {"irreversible": False}),
        ("7.jp2", "I;16", {"irreversible": False}),
        ("7.webp", "RGB", {"lossless": True}),
        ("7.bmp", "RGB", {}),
    ],
)
def test_frames_of_every_format_and_depth(tmp_path, name, mode, options):
    if mode.startswith("I"):
        levels = {"I": "<i4", "I;16": "<u2", "I;16B": ">u2"}[mode]
        image = Image.fromarray(np.full((8, 12), 100 * 257, levels))
    else:
        image = Image.new("RGB", (12, 8), (100,) * 3)
        image = image.quantize(8) if mode == "P" else image.convert(mode)
    image.save(tmp_path / name, **options)

    assert _levels(tmp_path) == [100]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["1.tif", "1.jpg", "1.png", "1.webp"])
def test_frames_are_turned_upright(tmp_path, name, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = np.zeros((8, 16, 3), np.uint8)
    pixels[:, 8:] = 200
    Image.fromarray(pixels).save(tmp_path / name, exif=exif)

    with open_numbered_frames(str(tmp_path), _CONFIG) as video:
        (frame,) = video.frames()
        facts = video.facts

    shape = (16, 8) if orientation > 4 else (8, 16)
    assert frame.image.shape[:2] == (facts.height, facts.width) == shape
    bright = frame.image[..., 0] > 100
    # EXIF 2.32, 4.6.4.A: where the right half of the stored picture is shown.
    half = {1: np.s_[:, 8:], 2: np.s_[:, :8], 3: np.s_[:, :8], 4: np.s_[:, 8:]}
    half |= {5: np.s_[8:], 6: np.s_[8:], 7: np.s_[:8], 8: np.s_[:8]}
    assert bright[half[orientation]].all()
    assert bright.mean() == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    ("pixels", "word"),
    [
        (np.full((8, 12), 0.5, np.float32), "float levels"),
        (np.full((8, 12), 70000, np.int32), "32-bit levels"),
        (np.full((8, 12), -1, np.int32), "32-bit levels"),
    ],
)
def test_levels_of_unknown_range_are_refused(tmp_path, pixels, word):
    Image.fromarray(pixels).save(tmp_path / "1.tif")

    rejection = _rejection(tmp_path)

    assert rejection.code == "unsupported_codec"
    assert rejection.message.startswith(word)


@pytest.mark.parametrize("name", ["1.tif", "1.ppm", "1.jp2"])
def test_damaged_frames_of_other_formats_are_found(tmp_path, name):
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / name)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) * 2 // 3])

    assert _rejection(tmp_path).code == "corrupt_frames"


def test_frames_come_in_the_order_of_their_numbers(tmp_path):
    for number in (10, 9, 1, 200, 30):
        _save(tmp_path / f"frame{number}.png", level=number)

    assert _levels(tmp_path) == [1, 9, 10, 30, 200]
    assert _levels(tmp_path, first=3) == [30, 200]


def test_formats_are_known_by_content(tmp_path):
    _save(tmp_path / "1.png", 10, format="JPEG")
    _save(tmp_path / "2.jpg", 20, format="PNG")
    _save(tmp_path / "3.png", 30, format="BMP")
    _save(tmp_path / "4.png", 40, format="WEBP", lossless=True)

    assert _levels(tmp_path) == [10, 20, 30, 40]


@pytest.mark.parametrize("name", ["{}", "{}.data", "frame.{:04}"])
def test_endings_need_not_be_those_of_images(tmp_path, name):
    for number in (1, 2, 10):
        _save(tmp_path / name.format(number), 10 * number)

    assert _levels(tmp_path) == [10, 20, 100]


def test_facts_are_those_of_a_frame(tmp_path):
    for number in range(3):
        _save(tmp_path / f"{number}.jpg", 10, format="JPEG")

    with open_numbered_frames(str(tmp_path), _CONFIG) as video:
        assert video.facts == VideoFacts("numbered frames", "jpeg", 12, 8, fps=None, seconds=None)
        assert video.timeline().seconds == [0.0, 0.0, 0.0]
        frames = list(video.frames())
    assert [frame.image.shape for frame in frames] == [(8, 12, 3)] * 3
    assert [frame.seconds for frame in frames] == [0.0] * 3


def test_a_phones_pictures_are_turned_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise by 90 degrees
    picture = np.zeros((8, 12, 3), np.uint8)
    picture[0, 0] = 200  # top left becomes top right
    for number in range(2):
        Image.fromarray(picture).save(tmp_path / f"{number}.png", exif=exif)

    with open_numbered_frames(str(tmp_path), _CONFIG) as video:
        assert (video.facts.width, video.facts.height) == (8, 12)
        image = next(video.frames()).image
    assert image.shape == (12, 8, 3)
    assert np.argwhere(image[..., 0]).tolist() == [[0, 7]]


def test_other_files_are_no_frames(tmp_path):
    _save(tmp_path / "1.png", 10)
    _save(tmp_path / "2.png", 20)
    _save(tmp_path / "cover.png", 30)
    _save(tmp_path / ".3.png", 40)
    (tmp_path / "labels4.txt").write_text("no image")
    (tmp_path / "5").mkdir()

    assert _levels(tmp_path) == [10, 20]


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"no image"])
def test_a_damaged_frame_is_named(tmp_path, content):
    for number in (1, 3):
        _save(tmp_path / f"{number}.png", number)
    (tmp_path / "2.png").write_bytes(content)

    rejection = _rejection(tmp_path)

    assert rejection.code == "corrupt_frames"
    assert rejection.message.startswith("frame 2.png is damaged")
    assert str(tmp_path) not in rejection.message


def test_what_the_file_system_says_is_not_the_pictures_damage(tmp_path):
    _save(tmp_path / "1.png", 10)
    _save(tmp_path / "2.png", 20)

    with open_numbered_frames(str(tmp_path), _CONFIG) as video:
        (tmp_path / "2.png").unlink()
        with pytest.raises(VideoRejected, match=r"frame 2\.png cannot be read") as caught:
            list(video.frames())
    assert caught.value.code == "open_failed"
    assert str(tmp_path) not in caught.value.message


def test_a_cut_off_frame_is_found_where_it_lies(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (8, 12, 3), np.uint8)
    for number in range(3):
        Image.fromarray(noise).save(tmp_path / f"{number}.png")
    path = tmp_path / "2.png"
    path.write_bytes(path.read_bytes()[:200])

    with open_numbered_frames(str(tmp_path), _CONFIG) as video:
        frames = video.frames()
        assert [frame.image.tolist() for frame in (next(frames), next(frames))] == [
            noise.tolist()
        ] * 2
        with pytest.raises(VideoRejected, match=r"corrupt_frames: frame 2\.png"):
            next(frames)


def test_frames_have_one_size(tmp_path):
    _save(tmp_path / "1.png", 10)
    _save(tmp_path / "2.png", 10, size=(8, 12))

    rejection = _rejection(tmp_path)

    assert rejection.code == "corrupt_frames"
    assert "frame 2.png is 8x12 but 1.png is 12x8" in rejection.message


def test_a_number_may_come_once(tmp_path):
    _save(tmp_path / "left_1.png", 10)
    _save(tmp_path / "right_01.png", 10)

    rejection = _rejection(tmp_path)

    assert rejection.code == "bad_format"
    assert "frame 1 appears twice: left_1.png and right_01.png" in rejection.message


def test_names_need_not_be_utf8(tmp_path):
    odd = os.path.join(os.fsencode(tmp_path), b"caf\xe9\xff_1.png")
    _save(tmp_path / "plain.png", 10)
    os.rename(tmp_path / "plain.png", odd)
    _save(tmp_path / "a2.png", 10, size=(2, 2))

    assert "frame a2.png is 2x2 but caf\\xe9\\xff_1.png" in _rejection(tmp_path).message


def test_a_pipe_is_not_waited_for(tmp_path):
    _save(tmp_path / "1.png", 10)
    os.mkfifo(tmp_path / "2.png")

    assert _rejection(tmp_path).code == "not_a_file"


def test_a_bomb_is_not_unpacked(tmp_path):
    _save(tmp_path / "1.png", 10)
    _save(tmp_path / "2.png", 10, size=(100, 100))

    rejection = _rejection(tmp_path, max_pixels=9999)

    assert rejection.code == "too_many_pixels"
    assert (
        "frame 2.png has 100x100 pixels, which exceeds ingest.max_pixels=9999." in rejection.message
    )


def test_no_frames_no_folder_and_no_frame_rate(tmp_path):
    assert _rejection(tmp_path).code == "zero_frames"
    assert _rejection(tmp_path / "missing").code == "open_failed"
    _save(tmp_path / "1.png", 10)
    rejection = _rejection(tmp_path, fps=10)
    assert rejection.code == "no_frame_rate"
    assert "Use ingest.frame_stride" in rejection.message
