"""Films whose pixels are not square, through real files of many containers and codecs."""

import struct
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.video import decode_video
from mocogan.data.decoding.video_facts import VideoFacts
from tests.support.discs import HEIGHT, SHOWN_WIDTH, disc_size, write_disc_film

_WIDE, _HDV, _NARROW = Fraction(64, 45), Fraction(4, 3), Fraction(8, 9)
# Height and width of the disc in a square of 64 pixels: 96 of 144 rows, or of 256 columns.
_ROUND = {"center_crop": (43, 43), "pad": (24, 24), "squash": (43, 24)}


def _first_frame(path: Path, **config: object) -> tuple[np.ndarray, VideoFacts]:
    settings = IngestConfig.model_validate({"num_frames": 4, "size": 64, **config})
    with decode_video(str(path), settings) as video:
        return next(video.clips).frames[0], video.facts


@pytest.mark.parametrize("resize", list(_ROUND))
@pytest.mark.parametrize(
    ("name", "codec", "pixel_aspect"),
    [
        ("square.mp4", "libx264", Fraction(1)),
        ("hdv.mp4", "libx264", _HDV),
        ("narrow.mov", "libx264", _NARROW),
        ("wide.mkv", "mpeg4", _WIDE),
        ("wide.avi", "mpeg4", _WIDE),
        ("dvd.mpg", "mpeg2video", _WIDE),
        ("dvd.ts", "mpeg2video", _WIDE),
        ("broadcast.ts", "libx264", _HDV),
        ("raw.h264", "libx264", _HDV),
    ],
)
def test_a_disc_is_round(tmp_path, name, codec, pixel_aspect, resize):
    frame, facts = _first_frame(
        write_disc_film(tmp_path / name, codec, pixel_aspect), resize=resize
    )

    np.testing.assert_allclose(disc_size(frame), _ROUND[resize], atol=1)
    np.testing.assert_allclose((facts.height, facts.width), (HEIGHT, SHOWN_WIDTH), atol=1)


@pytest.mark.parametrize("config", [{"resize_filter": "bilinear"}, {"clips_per_video": 1}])
def test_a_disc_is_round_with_every_filter_and_after_seeking(tmp_path, config):
    frame, _ = _first_frame(write_disc_film(tmp_path / "a.mp4", "libx264", _HDV, 12), **config)

    np.testing.assert_allclose(disc_size(frame), (43, 43), atol=1)


def test_the_container_is_believed_before_the_codec(tmp_path):
    path = write_disc_film(tmp_path / "a.mp4", "libx264", _HDV)
    # ISO 14496-12, 12.1.4: hSpacing and vSpacing.
    before, told, after = path.read_bytes().partition(b"pasp" + struct.pack(">II", 4, 3))
    assert told
    path.write_bytes(before + b"pasp" + struct.pack(">II", 2, 1) + after)

    _, facts = _first_frame(path)

    assert (facts.height, facts.width) == (HEIGHT, SHOWN_WIDTH * 3 // 2)


@pytest.mark.skipif(find_spec("tensorflow_io") is None, reason="no tensorflow-io for this Python")
@pytest.mark.parametrize("name", ["a.mp4", "a.mpg"])
def test_tensorflow_io_shows_the_same_shape(tmp_path, name):
    codec = "mpeg2video" if name == "a.mpg" else "libx264"
    path = write_disc_film(tmp_path / name, codec, _WIDE)

    frame, facts = _first_frame(path, decoder="tfio", resize="pad")

    np.testing.assert_allclose(disc_size(frame), _ROUND["pad"], atol=1)
    np.testing.assert_allclose(facts.width, SHOWN_WIDTH, atol=1)


def test_the_shape_may_change_in_the_middle_of_a_broadcast(tmp_path):
    parts = [
        write_disc_film(tmp_path / f"{number}.mpg", "mpeg2video", pixel_aspect, 12).read_bytes()
        for number, pixel_aspect in enumerate((_HDV, _WIDE))
    ]
    (tmp_path / "joined.mpg").write_bytes(b"".join(parts))

    with decode_video(
        str(tmp_path / "joined.mpg"), IngestConfig(num_frames=4, size=64, resize="pad")
    ) as video:
        sizes = [disc_size(clip.frames[2]) for clip in video.clips]

    np.testing.assert_allclose(sizes, [(24, 24)] * 6, atol=1)
