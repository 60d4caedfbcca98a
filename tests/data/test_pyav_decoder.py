"""Whole files through PyAV; cutting them up runs in a process of its own, which may crash."""

import os
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from data.decoding import decode_clips
from data.pyav_decoder import pyav_frames
from data.rejection import REJECTION_CODES, VideoRejected
from data.spec import IngestSpec

_SPEC = IngestSpec(num_frames=4, size=16)


def _rejection(path) -> VideoRejected:
    with pytest.raises(VideoRejected) as caught:
        list(decode_clips(path if isinstance(path, bytes) else str(path), _SPEC))
    return caught.value


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt", "tolerance"),
    [
        ("a.mp4", "mpeg4", "yuv420p", 3),
        ("a.mov", "mpeg4", "yuv420p", 3),
        ("a.mkv", "ffv1", "yuv420p10le", 3),
        ("a.avi", "mpeg4", "yuv420p", 3),
        ("a.webm", "libvpx-vp9", "yuv420p", 6),
        ("a.gif", "gif", "rgb8", 20),
        ("a.ts", "mpeg1video", "yuv420p", 6),
    ],
)
def test_every_format_gives_all_frames_in_order(
    tmp_path, write_video, gray_frames, name, codec, pix_fmt, tolerance
):
    frames = gray_frames(8, height=32, width=32)
    path = write_video(tmp_path / name, frames, codec, pix_fmt)

    clips = list(decode_clips(str(path), _SPEC))

    assert [clip.index for clip in clips] == [0, 1]
    np.testing.assert_allclose(clips[1].start_seconds, 4 / 25, atol=0.011)
    levels = np.concatenate([clip.frames for clip in clips]).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(levels, frames[:, 0, 0, 0], atol=tolerance)


def test_names_need_not_be_utf8_nor_tell_the_format(tmp_path, write_video, gray_frames):
    plain = write_video(tmp_path / "a.mp4", gray_frames(4))
    odd = os.path.join(os.fsencode(tmp_path), b"caf\xe9\xff.txt")
    os.rename(plain, odd)

    assert len(list(decode_clips(odd, _SPEC))) == 1


def test_a_relative_name_is_no_address(tmp_path, write_video, gray_frames, monkeypatch):
    write_video(tmp_path / "a.mp4", gray_frames(4)).rename(tmp_path / "http:a")
    monkeypatch.chdir(tmp_path)

    assert len(list(decode_clips("http:a", _SPEC))) == 1


def test_titles_need_not_be_utf8(tmp_path, write_video, gray_frames):
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "XXXXXXXX"
        stream = container.add_stream("mpeg4", rate=25, width=16, height=16, pix_fmt="yuv420p")
        for pixels in gray_frames(4):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels)))
        container.mux(stream.encode(None))
    path.write_bytes(path.read_bytes().replace(b"XXXXXXXX", b"\xff\xfe\xe9XXXXX"))

    assert len(list(decode_clips(str(path), _SPEC))) == 1


def test_variable_frame_rate_goes_by_presentation_time(tmp_path, write_video, gray_frames):
    times = [0, 50, 70, 280, 400, 440]
    path = write_video(tmp_path / "a.mkv", gray_frames(6, step=40), milliseconds=times)

    assert [frame.seconds for frame in pyav_frames(str(path))] == [t / 1000 for t in times]
    (clip,) = decode_clips(str(path), IngestSpec(num_frames=5, size=16, fps=10))

    # At 0, 0.1, 0.2, 0.3 and 0.4 s.
    np.testing.assert_allclose(clip.frames.mean(axis=(1, 2, 3)), [20, 100, 100, 140, 180], atol=4)


@pytest.mark.parametrize(
    ("matrix", "corner"),
    [
        ((0, 1, -1, 0), "top right"),  # x' = -y, y' = x: clockwise, as phones write it
        ((0, -1, 1, 0), "bottom left"),
        ((-1, 0, 0, -1), "bottom right"),
    ],
)
def test_rotation_in_the_header_is_applied(tmp_path, write_video, matrix, corner):
    frames = np.zeros((4, 32, 48, 3), np.uint8)
    frames[:, :16, :24] = 220  # top left
    path = write_video(tmp_path / "a.mp4", frames)
    content = bytearray(path.read_bytes())
    place = content.index(b"tkhd") + 44  # ISO 14496-12, 8.3.2: the matrix of a version 0 header
    a, b, c, d = (int(value * 65536).to_bytes(4, "big", signed=True) for value in matrix)
    content[place : place + 20] = a + b + bytes(4) + c + d
    path.write_bytes(content)

    (clip,) = decode_clips(str(path), IngestSpec(num_frames=4, size=16, resize="squash"))

    bright = clip.frames[0, ..., 0] > 110
    assert {
        "top left": bright[2, 2],
        "top right": bright[2, -3],
        "bottom left": bright[-3, 2],
        "bottom right": bright[-3, -3],
    } == {name: name == corner for name in ("top left", "top right", "bottom left", "bottom right")}


def test_text_an_empty_file_and_sound_are_told_apart(tmp_path):
    (tmp_path / "text.mp4").write_text("once upon a time there was no video in this file\n" * 50)
    (tmp_path / "empty.mp4").write_bytes(b"")
    with av.open(str(tmp_path / "sound.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), "fltp", "mono")
        frame.sample_rate = 44100
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))

    assert _rejection(tmp_path / "text.mp4").code == "bad_format"
    assert _rejection(tmp_path / "empty.mp4").code == "empty_file"
    assert _rejection(tmp_path / "sound.mp4").code == "no_video_stream"
    assert _rejection(tmp_path / "missing.mp4").code == "open_failed"
    assert _rejection(tmp_path).code == "open_failed"


def test_a_script_does_not_open_its_neighbour(tmp_path, write_video, gray_frames):
    write_video(tmp_path / "good.mp4", gray_frames(8))
    script = tmp_path / "script.mp4"
    script.write_text("ffconcat version 1.0\nfile good.mp4\n")

    assert _rejection(script).code == "bad_format"


def test_damaged_pictures_are_found(tmp_path, write_video):
    noise = np.random.default_rng(0).integers(0, 256, (8, 32, 32, 3), np.uint8)
    # In H.264 nearly every sequence of bits means something; in MPEG-4 damage shows.
    path = write_video(tmp_path / "a.mp4", noise, "mpeg4")
    good = path.read_bytes()
    start = good.index(b"mdat")

    for part in range(1, 8):
        content = bytearray(good)
        place = start + part * (len(good) - start) // 10
        content[place : place + 8] = bytes(8)
        path.write_bytes(content)
        rejection = _rejection(path)
        assert rejection.code == "corrupt_frames"
        assert "decoding fails after" in rejection.message  # without err_detect it goes on


def test_a_bomb_is_not_unpacked(tmp_path):
    path = tmp_path / "bomb.gif"
    Image.new("P", (8, 8)).save(path, save_all=True, append_images=[Image.new("P", (8, 8), 1)])
    content = bytearray(path.read_bytes())
    content[6:10] = b"\x10\x27" * 2  # the size of the screen: 10000 x 10000
    path.write_bytes(content)

    assert _rejection(path).code == "too_many_pixels"


_TRUNCATE = """
import sys
from data.decoding import decode_clips
from data.rejection import VideoRejected
from data.spec import IngestSpec

source, work = sys.argv[1:]
content = open(source, "rb").read()
for part in range(1, 25):
    open(work, "wb").write(content[: len(content) * part // 25])
    try:
        print(len(list(decode_clips(work, IngestSpec(num_frames=4, size=16)))))
    except VideoRejected as rejected:
        print(rejected.code)
"""


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
@pytest.mark.parametrize(
    "options", [{}, {"movflags": "faststart"}], ids=["moov last", "moov first"]
)
def test_a_cut_off_mp4_is_rejected_wherever_the_cut(tmp_path, write_video, codec, options):
    noise = np.random.default_rng(0).integers(0, 256, (12, 32, 32, 3), np.uint8)
    path = write_video(tmp_path / "whole.mp4", noise, codec, options=options)
    assert len(list(decode_clips(str(path), _SPEC))) == 3

    done = subprocess.run(
        [sys.executable, "-c", _TRUNCATE, str(path), str(tmp_path / "cut.mp4")],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    outcomes = done.stdout.split()
    assert len(outcomes) == 24
    assert set(outcomes) <= set(REJECTION_CODES)
