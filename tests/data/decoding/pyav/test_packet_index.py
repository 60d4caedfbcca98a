"""Seeking in real files gives what decoding them from the start gives."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.frame_scaler import FrameScaler
from mocogan.data.decoding.pyav.pyav_decoder import open_pyav
from mocogan.data.decoding.video import decode_video

_FRAMES = 48
_VARIABLE = np.cumsum(np.random.default_rng(1).integers(10, 120, _FRAMES)).tolist()
_X264 = "bframes=3:keyint=12:min-keyint=12:scenecut=0"


@pytest.fixture(scope="module")
def moving_noise() -> np.ndarray:
    """[T, 32, 32, 3] uint8: no frame is like another."""
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    return np.stack([np.roll(noise, (number, 2 * number), (0, 1)) for number in range(_FRAMES)])


def _write(
    path: Path,
    frames: np.ndarray,
    codec: str,
    pix_fmt: str = "yuv420p",
    milliseconds: Sequence[int] | None = None,
    bframes: int = 0,
    options: dict[str, str] | None = None,
) -> Path:
    """A keyframe every 12 frames or fewer; the first frame is not shown at 0."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options or {})
        stream.width, stream.height, stream.pix_fmt = frames.shape[2], frames.shape[1], pix_fmt
        stream.codec_context.gop_size = 12
        stream.codec_context.max_b_frames = bframes
        if milliseconds:
            stream.codec_context.time_base = Fraction(1, 1000)
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts = milliseconds[number] if milliseconds else 40 * number + 400
            frame.time_base = Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _clips(path: Path, **settings) -> tuple[list[np.ndarray], list[float], int]:
    """The clips of two frames, their times, and how many frames were decoded for them."""
    decoded: list[float] = []
    config = IngestConfig(num_frames=2, size=16, **settings)
    with decode_video(str(path), config, b"video", decoded.append) as video:
        clips = list(video.clips)
    return [clip.frames for clip in clips], [clip.start_seconds for clip in clips], len(decoded)


def _check_windows(path: Path) -> set[bool]:
    """Compares 3 clips by each of 4 seeds with the whole film; tells whether seeking gave them."""
    config = IngestConfig(size=16)
    scaler = FrameScaler(config)
    with open_pyav(str(path), config) as decoder:
        film = [(frame.seconds, scaler(frame)) for frame in decoder.frames()]
    times = [seconds for seconds, _ in film]
    by_seeking = set()
    for seed in range(4):
        clips, starts, decoded = _clips(path, clips_per_video=3, clip_placement="random", seed=seed)
        for pixels, seconds in zip(clips, starts, strict=True):
            place = times.index(seconds)
            np.testing.assert_array_equal(pixels[0], film[place][1])
            np.testing.assert_array_equal(pixels[1], film[place + 1][1])
        by_seeking.add(decoded == 6)
    return by_seeking


@pytest.mark.parametrize(
    ("name", "codec", "how"),
    [
        ("a.mp4", "libx264", {"options": {"x264-params": _X264}}),
        ("a.mp4", "libx264", {"options": {"x264-params": _X264}, "milliseconds": _VARIABLE}),
        ("a.mp4", "libx264", {"options": {"x264-params": _X264 + ":tff=1"}}),
        ("a.mp4", "libx264", {"options": {"x264-params": "intra-refresh=1:keyint=12:bframes=0"}}),
        ("a.mkv", "libx264", {"options": {"x264-params": _X264}, "milliseconds": _VARIABLE}),
        ("a.ts", "libx264", {"options": {"x264-params": _X264}}),
        ("a.ts", "mpeg2video", {"bframes": 2}),
        ("a.mkv", "mpeg2video", {"bframes": 2}),
        ("a.mov", "mjpeg", {"pix_fmt": "yuvj420p"}),
        ("a.webm", "libvpx", {"options": {"auto-alt-ref": "1", "lag-in-frames": "16", "g": "12"}}),
        ("a.webm", "libvpx-vp9", {"options": {"lag-in-frames": "16", "g": "12", "cpu-used": "5"}}),
        ("a.mkv", "ffv1", {"bframes": 0}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_windows_found_by_seeking_are_those_of_the_whole_film(
    tmp_path, moving_noise, name, codec, how
):
    path = _write(tmp_path / name, moving_noise, codec, **how)

    assert _check_windows(path) == {True}


@pytest.mark.parametrize(
    ("name", "codec", "how"),
    [
        ("a.avi", "libx264", {"options": {"x264-params": _X264}}),  # no presentation times
        ("a.avi", "mjpeg", {"pix_fmt": "yuvj420p"}),
        ("a.gif", "gif", {"pix_fmt": "rgb8"}),
        ("a.mpg", "mpeg2video", {"bframes": 2}),
        ("a.h264", "libx264", {"options": {"x264-params": _X264}}),
    ],
)
def test_where_seeking_is_not_dependable_the_film_is_decoded_twice(
    tmp_path, moving_noise, name, codec, how
):
    path = _write(tmp_path / name, moving_noise, codec, **how)

    assert _check_windows(path) == {False}


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_open_groups_of_pictures_give_the_same_clips(tmp_path, moving_noise, name):
    options = {"x264-params": _X264 + ":open-gop=1"}
    path = _write(tmp_path / name, moving_noise, "libx264", options=options)

    assert True in _check_windows(path)


@pytest.mark.parametrize("shift", [-17, 50], ids=["begins inside a group", "begins late"])
def test_edit_lists_are_followed(tmp_path, moving_noise, shift):
    options = {"x264-params": _X264}
    whole = _write(tmp_path / "whole.mp4", moving_noise, "libx264", options=options)
    path = _remux(whole, tmp_path / "edited.mp4", shift=shift)

    assert _check_windows(path) == {True}
    assert (len(_clips(path)[0]) < len(moving_noise) // 2) == (shift < 0)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_a_film_that_begins_between_keyframes_is_decoded_twice(tmp_path, moving_noise, name):
    options = {"x264-params": _X264}
    whole = _write(tmp_path / "whole.mp4", moving_noise, "libx264", options=options)

    assert _check_windows(_remux(whole, tmp_path / name, skipped=5)) == {False}


@pytest.mark.parametrize("name", ["a.webm", "a.mkv"])
def test_pictures_that_vp8_hides_are_not_counted(tmp_path, moving_noise, name):
    path = _write(tmp_path / "whole.webm", moving_noise, "libvpx", options={"g": "12"})
    path = _remux(path, tmp_path / name, hidden=(5, 17, 30))
    with open_pyav(str(path), IngestConfig()) as decoder:
        assert len(decoder.timeline().seconds) == len(moving_noise) - 3

    assert _check_windows(path) == {True}


def _remux(
    source: Path, target: Path, skipped: int = 0, shift: int = 0, hidden: Sequence[int] = ()
) -> Path:
    """The packets but for the first ones, shown `shift` frames later or, in VP8, not at all."""
    with av.open(str(source)) as reader, av.open(str(target), "w") as writer:
        stream = reader.streams.video[0]
        copy = writer.add_stream_from_template(stream)
        later = round(shift / 25 / stream.time_base)
        for number, packet in enumerate(reader.demux(stream)):
            if packet.dts is None or number < skipped:
                continue
            if number in hidden:  # show_frame (RFC 6386, 9.1)
                content = bytearray(packet)
                content[0] &= ~0x10
                packet.update(bytes(content))
            packet.pts, packet.dts = packet.pts + later, packet.dts + later
            packet.stream = copy
            writer.mux(packet)
    return target
