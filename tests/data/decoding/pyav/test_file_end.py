"""Films cut off are found out by what their files say of themselves, and whole ones are left alone."""

from __future__ import annotations

import struct
from pathlib import Path

import av
import numpy as np
import pytest

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.video import decode_video
from mocogan.data.rejection import VideoRejected
from tests.support.corpus.boundaries import boxes, elements
from tests.support.corpus.catalog import film
from tests.support.corpus.films import write_film
from tests.support.corpus.pictures import waves

_CONFIG = IngestConfig(num_frames=4, size=16)
_ENDLESS = [*range(0, 280, 40), 5000]  # milliseconds; the last frame is dated long after the others


def _count(path: Path, config: IngestConfig = _CONFIG) -> int:
    """Of the clips."""
    with decode_video(str(path), config) as video:
        return sum(1 for _ in video.clips)


def _rejection(path: Path, config: IngestConfig = _CONFIG) -> str:
    with pytest.raises(VideoRejected) as caught:
        _count(path, config)
    return str(caught.value)


def _cut(folder: Path, content: bytes) -> Path:
    (folder / "cut").write_bytes(content)
    return folder / "cut"


@pytest.mark.parametrize("name", ["h264.mkv", "ffv1.mkv", "vp9.webm", "mpeg4.avi", "mjpeg.avi"])
def test_a_film_that_breaks_off_tells_where(tmp_path, name):
    path = film(name).write(tmp_path)
    content = path.read_bytes()
    assert _count(path) == 6
    cut = content[: len(content) * 7 // 10]
    if path.suffix == ".avi":  # between pictures: one that is cut is found by itself
        cut = cut[: cut.rindex(b"00dc")]

    rejection = _rejection(_cut(tmp_path, cut))

    assert rejection.startswith("corrupt_frames: the video is truncated after 0.")
    assert rejection.endswith(" of 1.0 s")


def test_one_picture_missing_of_an_avi_is_enough(tmp_path):
    content = film("mjpeg.avi").write(tmp_path).read_bytes()

    assert "truncated after 0.9 of 1.0 s" in _rejection(
        _cut(tmp_path, content[: content.rindex(b"00dc", 0, content.rindex(b"idx1"))])
    )


@pytest.mark.parametrize("name", ["fragmented.mp4", "fragmented.mov"])
def test_fragments_tell_of_no_time_but_of_their_length(tmp_path, name):
    content = film(name).write(tmp_path).read_bytes()
    last = [box for box in boxes(content) if box.kind == b"moof"][-1]

    rejection = _rejection(_cut(tmp_path, content[: last.body + 10]))

    assert rejection.startswith("corrupt_frames: the video is truncated after 0.")


def test_a_cut_that_costs_no_picture_costs_nothing(tmp_path):
    content = film("h264.mkv").write(tmp_path).read_bytes()
    (cues,) = (part for part in elements(content) if part.kind == b"\x1c\x53\xbb\x6b")
    assert _count(_cut(tmp_path, content[: cues.body + 3])) == 6

    content = film("mpeg4.avi").write(tmp_path).read_bytes()
    assert _count(_cut(tmp_path, content[: content.rindex(b"idx1") + 20])) == 6


def test_few_clips_do_not_hide_a_cut_but_the_first_ones_may(tmp_path):
    content = film("h264.mkv").write(tmp_path).read_bytes()
    path = _cut(tmp_path, content[: len(content) * 7 // 10])
    few = _CONFIG.model_copy(update={"clips_per_video": 2})

    assert "truncated after" in _rejection(path, few)
    assert _count(path, few.model_copy(update={"clip_placement": "first"})) == 2


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4", "a.webm", "a.mov"])
@pytest.mark.parametrize("milliseconds", [_ENDLESS, [0, *range(5000, 5280, 40)]])
def test_pictures_shown_for_long_are_no_cut(tmp_path, name, milliseconds):
    codec = "libvpx-vp9" if name == "a.webm" else "libx264"
    path = write_film(tmp_path / name, waves(8), codec, milliseconds=milliseconds)

    assert _count(path) == 2


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4", "a.avi", "a.mov"])
def test_a_longer_sound_is_no_cut(tmp_path, name):
    assert _count(_write_with_sound(tmp_path / name)) == 2


def _write_with_sound(path: Path, options: dict[str, str] | None = None) -> Path:
    """Eight frames, a third of a second, and three seconds of silence."""
    with av.open(str(path), "w", options=options or {}) as container:
        pictures = container.add_stream("mpeg4", rate=25, width=32, height=32, pix_fmt="yuv420p")
        sound = container.add_stream("mp2" if path.suffix == ".avi" else "aac", rate=44100)
        sound.layout = "mono"
        for pixels in waves(8):
            container.mux(pictures.encode(av.VideoFrame.from_ndarray(pixels)))
        container.mux(pictures.encode(None))
        form = sound.codec_context.format.name
        kind = np.float32 if form.startswith("flt") else np.int16
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 3 * 44100), kind), form, "mono")
        silence.sample_rate = 44100
        container.mux(sound.encode(silence))
        container.mux(sound.encode(None))
    return path


def test_a_stream_of_unknown_length_is_no_cut(tmp_path):
    path = write_film(tmp_path / "live.mkv", waves(8), options={"live": "1"})
    content = path.read_bytes()
    assert b"\x18\x53\x80\x67\x01" + b"\xff" * 7 in content

    assert _count(path) == 2


@pytest.mark.parametrize(
    "name", ["h264.mp4", "moov-first.mp4", "fragmented.mp4", "h264.mkv", "mpeg4.avi"]
)
@pytest.mark.parametrize("padding", [b"\0" * 40, b"\n", b"more\n" * 9])
def test_what_follows_a_film_is_no_cut(tmp_path, name, padding):
    content = film(name).write(tmp_path).read_bytes()

    assert _count(_cut(tmp_path, content + padding)) == 6


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize(
    ("seconds", "finding"), [(10, "truncated after 1.0 of 10.0 s"), (1.4, None), (0, None)]
)
def test_fragments_may_be_told_to_last_longer_than_they_do(tmp_path, version, seconds, finding):
    content = film("fragmented.mp4").write(tmp_path).read_bytes()
    path = _cut(tmp_path, _with_duration(content, seconds, version))

    if finding is None:
        assert _count(path) == 6
    else:
        assert finding in _rejection(path)


def test_what_fragments_are_told_to_last_may_be_their_sound(tmp_path):
    fragmented = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    content = _write_with_sound(tmp_path / "a.mp4", fragmented).read_bytes()

    assert _count(_cut(tmp_path, _with_duration(content, 10, version=0))) == 2


def _with_duration(content: bytes, seconds: float, version: int) -> bytes:
    """A fragmented film that tells how long all fragments last (ISO 14496-12, 8.8.2)."""
    parts = list(boxes(content))
    (movie, header, extends) = (
        next(part for part in parts if part.kind == kind) for kind in (b"moov", b"mvhd", b"mvex")
    )
    ticks = round(seconds * int.from_bytes(content[header.body + 12 : header.body + 16], "big"))
    number = struct.pack(">Q" if version else ">I", ticks)
    box = struct.pack(">I4sB3x", 12 + len(number), b"mehd", version) + number
    changed = bytearray(content[: extends.body] + box + content[extends.body :])
    for part in (movie, extends):
        struct.pack_into(">I", changed, part.start, part.end - part.start + len(box))
    return bytes(changed)
