"""Both decoders on the same films: nearly the same clips, and the same times.

tensorflow-io converts colors with the table of libswscale, which is up to two levels too dark, and does not interpolate
them. PyAV with the area filter does better. With the bilinear filter it does the same.
"""

from importlib.util import find_spec
from pathlib import Path

import av
import numpy as np
import pytest

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.color_space import BT601, yuv_matrix
from mocogan.data.decoding.pyav.pyav_decoder import open_pyav
from mocogan.data.decoding.video import decode_video
from mocogan.data.rejection import VideoRejected
from tests.support.corpus.catalog import FILMS, Film

if find_spec("tensorflow_io") is None:
    pytest.skip("tensorflow-io does not exist for this Python", allow_module_level=True)

from mocogan.data.decoding.tfio.tfio_decoder import open_tfio

# By resize filter: largest and mean difference of a pixel, in gray levels.
_LEVELS = {"area": (20, 2.0), "bilinear": (2, 0.5)}
_UNKNOWN_TO_FFMPEG4 = ("av1.mp4",)
_SAME = [film for film in FILMS if film.name not in _UNKNOWN_TO_FFMPEG4]


def _clips(path: Path, decoder: str, **config: object) -> np.ndarray:
    settings = IngestConfig.model_validate(
        {"num_frames": 4, "size": 32, "decoder": decoder, **config}
    )
    with decode_video(str(path), settings) as video:
        return np.stack([clip.frames for clip in video.clips]).astype(int)


def _assert_same(path: Path, **config: object) -> np.ndarray:
    pyav, tfio = (_clips(path, decoder, **config) for decoder in ("pyav", "tfio"))
    assert tfio.shape == pyav.shape
    difference = np.abs(tfio - pyav)
    largest, mean = _LEVELS[str(config.get("resize_filter", "area"))]
    assert difference.max() <= largest, path.name
    assert difference.mean() <= mean, path.name
    return pyav


@pytest.mark.parametrize("film", _SAME, ids=lambda film: film.name)
def test_every_format_gives_the_same_clips_and_times(tmp_path, film: Film):
    path = film.write(tmp_path)
    config = IngestConfig(num_frames=4, size=32)

    assert len(_assert_same(path)) > 1
    _assert_same(path, clips_per_video=2, frame_stride=2, resize="pad")
    with open_pyav(str(path), config) as pyav, open_tfio(str(path), config) as tfio:
        assert tfio.facts == pyav.facts
        seconds = [frame.seconds for frame in pyav.frames()]
        np.testing.assert_allclose(list(tfio.timeline().seconds), seconds, atol=1e-6)


@pytest.mark.parametrize("name", _UNKNOWN_TO_FFMPEG4)
def test_what_ffmpeg4_does_not_know_is_refused(tmp_path, name):
    (film,) = (film for film in FILMS if film.name == name)

    with pytest.raises(VideoRejected, match=r"unsupported_codec: .*ingest.decoder=pyav"):
        _clips(film.write(tmp_path), "tfio")


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt", "height", "width"),
    [
        ("a.mp4", "libx264", "yuv420p", 48, 64),
        ("a.mp4", "libx264", "yuv444p", 48, 64),
        ("a.mp4", "libx264", "yuv420p10le", 48, 64),
        ("a.mp4", "libx264", "yuv420p", 50, 60),  # rows that FFmpeg 4 writes past, see the decoder
        ("a.mp4", "libx264", "yuv420p", 48, 340),
        ("a.avi", "mpeg4", "yuv420p", 48, 56),
        ("a.webm", "libvpx-vp9", "yuv420p", 47, 51),
        ("a.gif", "gif", "rgb8", 47, 51),
    ],
)
@pytest.mark.parametrize("resize", ["squash", "pad"])
@pytest.mark.parametrize("resize_filter", ["area", "bilinear"])
def test_sizes_and_filters(
    tmp_path, write_video, smooth_frames, name, codec, pix_fmt, height, width, resize, resize_filter
):
    path = write_video(tmp_path / name, smooth_frames(9, height, width), codec, pix_fmt)

    pyav = _assert_same(path, resize=resize, resize_filter=resize_filter)

    assert pyav.shape == (2, 4, 32, 32, 3)


@pytest.mark.parametrize(
    "config",
    [
        {"clips_per_video": 3},
        {"clips_per_video": 3, "clip_placement": "random", "seed": 3},
        {"fps": 10, "clips_per_video": 2},
        {"num_frames": 16, "short_videos": "loop"},
        {"num_frames": 16, "short_videos": "pad"},
    ],
    ids=lambda config: " ".join(map(str, config.values())),
)
def test_the_same_windows_are_cut(tmp_path, write_video, smooth_frames, config):
    times = [0, 40, 90, 300, 400, 440, 480, 520, 640, 680, 720, 900, 940]
    frames = smooth_frames(13, 32, 48)
    path = write_video(tmp_path / "a.mkv", frames, "libx264", milliseconds=times)

    _assert_same(path, **{"num_frames": 3, **config})


@pytest.mark.exhaustive
def test_real_films(shared_clips):
    for path in shared_clips:
        with av.open(str(path)) as container:
            matrix = yuv_matrix(next(container.decode(video=0)))
        # tensorflow-io takes other matrices for BT.601, as the bilinear filter does.
        resize_filter = "area" if matrix == BT601 else "bilinear"
        _assert_same(
            path,
            num_frames=16,
            size=64,
            resize="squash",
            resize_filter=resize_filter,
            clip_placement="first",
            clips_per_video=2,
        )
