"""Files that were made by appending recordings, and files that lack packets."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.pyav.pyav_decoder import open_pyav
from mocogan.data.decoding.video import decode_video
from mocogan.data.rejection import VideoRejected

_FRAMES = 30  # of a recording
_LEVELS = (60, 140, 220)  # of gray, one for each recording
_CODECS = [
    ("a.ts", "libx264"),
    ("a.ts", "mpeg2video"),
    ("a.vob", "mpeg2video"),
    ("a.mpg", "mpeg2video"),
    ("a.mpg", "libx264"),
    ("i.ts", "libx264"),
    ("i.vob", "mpeg2video"),
]
_VIDEO_PID = 256  # FFmpeg's first


def _recording(
    folder: Path, name: str, codec: str, level: int, start: float = 0.0, frames: int = _FRAMES
) -> bytes:
    """A film of noise around a gray level, whose clock begins at `start` seconds and the muxer's delay.

    Names that begin with "i" mean interlaced films.
    """
    interlaced = {}
    if name.startswith("i"):
        interlaced = {"x264-params": "tff=1"} if codec == "libx264" else {"flags": "+ilme+ildct"}
    path = folder / f"part-{name}"
    random = np.random.default_rng(level)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options={"g": "12", "bf": "2"} | interlaced)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(frames):
            pixels = random.integers(level - 20, level + 20, (48, 64, 3), np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = number + round(start * 25), Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path.read_bytes()


def _join(folder: Path, name: str, codec: str, starts: Sequence[float] = (0.0, 0.0)) -> Path:
    path = folder / name
    parts = zip(_LEVELS, starts, strict=False)
    path.write_bytes(b"".join(_recording(folder, name, codec, *part) for part in parts))
    return path


def _clips(path: Path, **config: object) -> list[tuple[float, list[int]]]:
    """The start of each clip, and the recording of each of its frames."""
    settings = IngestConfig.model_validate({"num_frames": 8, "size": 16, **config})
    with decode_video(str(path), settings, b"video") as video:
        return [
            (
                clip.start_seconds,
                [
                    int(np.argmin(np.abs(np.subtract(_LEVELS, frame.mean()))))
                    for frame in clip.frames
                ],
            )
            for clip in video.clips
        ]


@pytest.mark.parametrize(("name", "codec"), _CODECS)
def test_all_frames_are_shown_and_time_goes_on(tmp_path, name, codec):
    path = _join(tmp_path, name, codec, (0.0, 0.0, 0.0))

    with open_pyav(str(path), IngestConfig()) as decoder:
        shown = [(frame.seconds, frame.recording) for frame in decoder.frames()]

    assert [recording for _, recording in shown] == [0] * 30 + [1] * 30 + [2] * 30
    assert all(later[0] >= earlier[0] for earlier, later in pairwise(shown))
    np.testing.assert_allclose([shown[0][0], shown[30][0], shown[60][0]], [0, 1.2, 2.4], atol=0.041)
    np.testing.assert_allclose(shown[-1][0], 89 / 25, atol=0.041)


@pytest.mark.parametrize(("name", "codec"), _CODECS)
@pytest.mark.parametrize(
    ("config", "clips"),
    [
        ({}, [0, 0, 0, 1, 1, 1]),
        ({"frame_stride": 2}, [0, 1]),
        ({"fps": 12.5}, [0, 1]),
        ({"clips_per_video": 3}, [0, 0, 1]),
        ({"clips_per_video": 3, "clip_placement": "random", "fps": 12.5}, [0, 1]),
        ({"clips_per_video": 4, "clip_placement": "first"}, [0, 0, 0, 1]),
    ],
)
def test_no_clip_spans_a_joint(tmp_path, name, codec, config, clips):
    found = _clips(_join(tmp_path, name, codec), **config)

    assert [recordings for _, recordings in found] == [[recording] * 8 for recording in clips]


@pytest.mark.parametrize(
    ("starts", "recordings"),
    [
        ((40.0, 0.0), 2),  # the clock begins anew
        ((0.0, 0.8), 2),  # it steps back
        ((0.0, 1.2), 2),  # by a single frame, because the encoder's delay comes on top of the first
        ((100.0, 2.0), 2),  # further than FFmpeg takes for its wrap
        ((0.0, 60.0), 2),  # it jumps ahead
        ((0.0, 1.28), 1),  # only the counters begin anew, as in the segments of a live stream
    ],
)
def test_joints_are_where_the_clock_says(tmp_path, starts, recordings):
    path = _join(tmp_path, "a.ts", "libx264", starts)

    with open_pyav(str(path), IngestConfig()) as decoder:
        shown = list(decoder.frames())

    assert len(shown) == 2 * _FRAMES
    assert shown[-1].recording == recordings - 1
    np.testing.assert_allclose(np.diff([frame.seconds for frame in shown]), 0.04, atol=1e-6)


def test_a_recording_of_another_size_may_follow(tmp_path):
    first = _recording(tmp_path, "a.ts", "mpeg2video", _LEVELS[0])
    second = _recording(tmp_path, "b.ts", "libx264", _LEVELS[1])
    (tmp_path / "same.ts").write_bytes(first + first)
    (tmp_path / "other.ts").write_bytes(first + second)

    assert len(_clips(tmp_path / "same.ts")) == 6
    with pytest.raises(VideoRejected):  # FFmpeg keeps the codec of the first
        _clips(tmp_path / "other.ts")


def test_too_short_names_the_recordings(tmp_path):
    with pytest.raises(VideoRejected) as caught:
        _clips(_join(tmp_path, "a.ts", "libx264"), num_frames=32)

    assert caught.value.code == "too_short"
    assert caught.value.message.startswith(
        "the video is joined from 2 recordings, of which the longest gives 30 frames, "
        "but a clip needs 32. "
    )
    (clip,) = _clips(_join(tmp_path, "a.ts", "libx264"), num_frames=32, short_videos="pad")
    assert clip[1] == [0] * 32


def _packets(content: bytes) -> list[bytes]:
    return [content[start : start + 188] for start in range(0, len(content), 188)]


def _is_video(packet: bytes) -> bool:
    return (packet[1] & 0x1F) << 8 | packet[2] == _VIDEO_PID


@pytest.mark.parametrize("starts", [(0.0,), (0.0, 0.0), (0.0, 1.28)])
@pytest.mark.parametrize("codec", ["libx264", "mpeg2video"])
def test_a_lost_packet_is_found_wherever_it_was(tmp_path, codec, starts):
    """All but the last packet of a recording: without it the next one may begin as well."""
    packets = _packets(_join(tmp_path, "a.ts", codec, starts).read_bytes())
    video = [number for number, packet in enumerate(packets) if _is_video(packet)]
    random = np.random.default_rng(0)

    for number in random.choice(video[3:-3], 12, replace=False):
        kept = [packet for other, packet in enumerate(packets) if other != number]
        following = next(packet for packet in kept[number:] if _is_video(packet))
        if _is_video(packets[number - 1]) and following[3] & 0x0F == 0 and following[1] & 0x40:
            continue
        (tmp_path / "lossy.ts").write_bytes(b"".join(kept))
        with pytest.raises(VideoRejected, match="corrupt_frames"):
            _clips(tmp_path / "lossy.ts")


def test_a_burst_of_lost_packets_is_found(tmp_path):
    packets = _packets(_join(tmp_path, "a.ts", "libx264").read_bytes())
    pictures = [n for n, packet in enumerate(packets) if _is_video(packet) and packet[1] & 0x40]

    # From the beginning of one picture to the beginning of another, so that no picture is cut.
    (tmp_path / "lossy.ts").write_bytes(b"".join(packets[: pictures[6]] + packets[pictures[11] :]))

    with pytest.raises(VideoRejected, match=r"corrupt_frames: .* whole pictures are missing"):
        _clips(tmp_path / "lossy.ts")


def test_a_packet_that_is_marked_as_damaged_is_found(tmp_path):
    packets = _packets(_join(tmp_path, "a.ts", "libx264").read_bytes())
    marked = [number for number, packet in enumerate(packets) if _is_video(packet)][40]
    packets[marked] = packets[marked][:1] + bytes([packets[marked][1] | 0x80]) + packets[marked][2:]
    (tmp_path / "marked.ts").write_bytes(b"".join(packets))

    with pytest.raises(VideoRejected, match=r"corrupt_frames"):
        _clips(tmp_path / "marked.ts")


@pytest.mark.parametrize("before", [4, 0])
def test_packets_may_carry_a_time_before_them_or_a_checksum_after(tmp_path, before):
    packets = _packets(_join(tmp_path, "a.ts", "libx264", (0.0, 1.28)).read_bytes())
    framed = [b"G" * before + packet + bytes(0 if before else 16) for packet in packets]
    (tmp_path / "a.m2ts").write_bytes(b"".join(framed))
    lost = next(number for number, packet in enumerate(packets) if _is_video(packet)) + 30
    (tmp_path / "lossy.m2ts").write_bytes(b"".join(framed[:lost] + framed[lost + 1 :]))

    assert len(_clips(tmp_path / "a.m2ts")) == 7
    with pytest.raises(VideoRejected, match="corrupt_frames"):
        _clips(tmp_path / "lossy.m2ts")


def test_junk_between_recordings_is_skipped(tmp_path):
    parts = [_recording(tmp_path, "a.ts", "libx264", level) for level in _LEVELS[:2]]
    (tmp_path / "a.ts").write_bytes(parts[0] + bytes(100) + parts[1])

    assert len(_clips(tmp_path / "a.ts")) == 6


@pytest.mark.skipif(find_spec("tensorflow_io") is None, reason="no tensorflow-io for this Python")
@pytest.mark.parametrize(("name", "codec"), [("a.ts", "libx264"), ("a.mpg", "mpeg2video")])
def test_tensorflow_io_refuses_joined_files(tmp_path, name, codec):
    with pytest.raises(VideoRejected, match=r"unsupported_codec: .* joined .*decoder=pyav"):
        _clips(_join(tmp_path, name, codec), decoder="tfio")
