"""Files of several video streams. Each stream shows gray frames of a level of its own."""

from importlib.util import find_spec
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.video import decode_video
from mocogan.data.rejection import VideoRejected

_NONE, _DEFAULT = Disposition(0), Disposition.default
_LEVELS = (40, 120, 200)


def _write(path: Path, *dispositions: Disposition) -> Path:
    with av.open(str(path), "w") as container:
        streams = []
        for number, disposition in enumerate(dispositions):
            side = 32 + 16 * number
            stream = container.add_stream("mpeg4", rate=25, width=side, height=side)
            stream.pix_fmt, stream.disposition = "yuv420p", disposition
            streams.append(stream)
        for _ in range(4):
            for stream, level in zip(streams, _LEVELS, strict=False):
                pixels = np.full((stream.height, stream.width, 3), level, np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        for stream in streams:
            container.mux(stream.encode(None))
    return path


def _level(path: Path, **config: object) -> int:
    settings = IngestConfig.model_validate({"num_frames": 4, "size": 8, **config})
    with decode_video(str(path), settings) as video:
        (clip,) = video.clips
    level = round(float(clip.frames.mean()))
    return min(_LEVELS, key=lambda known: abs(known - level))


@pytest.mark.parametrize(
    ("dispositions", "chosen"),
    [
        ([_NONE, _DEFAULT], 120),
        ([_DEFAULT, _NONE], 40),
        ([_NONE, _NONE], 40),
        ([_DEFAULT, _DEFAULT], 40),
        ([_NONE, _NONE, _DEFAULT], 200),
    ],
)
def test_the_first_default_stream_is_read_or_else_the_first(tmp_path, dispositions, chosen):
    assert _level(_write(tmp_path / "a.mkv", *dispositions)) == chosen


@pytest.mark.parametrize("placement", [{}, {"clips_per_video": 1}])
def test_another_stream_can_be_chosen(tmp_path, placement):
    path = _write(tmp_path / "a.mkv", _NONE, _DEFAULT, _NONE)

    for number, level in enumerate(_LEVELS):
        assert _level(path, video_stream=number, **placement) == level
    with pytest.raises(VideoRejected) as caught:
        _level(path, video_stream=3, **placement)
    assert caught.value.code == "no_video_stream"
    assert caught.value.message.startswith(
        "the file has 3 video streams, so there is no ingest.video_stream=3."
    )


def test_a_cover_is_no_film_whatever_its_mark(tmp_path):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        cover = container.add_stream("png", rate=25, width=64, height=64)
        cover.pix_fmt, cover.disposition = "rgb24", Disposition.attached_pic
        film = container.add_stream("mpeg4", rate=25, width=32, height=32)
        film.pix_fmt = "yuv420p"
        for number in range(4):
            for stream, level in ((cover, 200), (film, 40)):
                pixels = np.full((stream.height, stream.width, 3), level, np.uint8)
                if stream is film or not number:
                    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
                    container.mux(stream.encode(frame))
        container.mux(film.encode(None))

    assert _level(path) == 40


@pytest.mark.skipif(find_spec("tensorflow_io") is None, reason="no tensorflow-io for this Python")
def test_tensorflow_io_reads_the_first_stream_or_refuses(tmp_path):
    assert _level(_write(tmp_path / "a.mkv", _DEFAULT, _NONE), decoder="tfio") == 40
    with pytest.raises(VideoRejected, match=r"unsupported_codec: .* is number 1\. .*=pyav"):
        _level(_write(tmp_path / "b.mkv", _NONE, _DEFAULT), decoder="tfio")
