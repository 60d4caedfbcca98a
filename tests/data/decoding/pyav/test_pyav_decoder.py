"""Whole files through PyAV; what may take much memory runs in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.pyav.pyav_decoder import open_pyav
from mocogan.data.decoding.video import decode_video
from mocogan.data.records.clip import Clip
from mocogan.data.rejection import VideoRejected
from tests.support.corpus.bombs import png_of_zeros, still_film
from tests.support.corpus.catalog import FILMS

_CONFIG = IngestConfig(num_frames=4, size=16)


def _clips(path, config: IngestConfig = _CONFIG, **more) -> list[Clip]:
    with decode_video(path if isinstance(path, bytes) else str(path), config, **more) as video:
        return list(video.clips)


def _rejection(path, config: IngestConfig = _CONFIG) -> VideoRejected:
    with pytest.raises(VideoRejected) as caught:
        _clips(path, config)
    return caught.value


def test_a_film_is_opened_without_its_name_and_nothing_is_left_open(
    tmp_path, write_video, gray_frames
):
    good = write_video(tmp_path / "a.mp4", gray_frames(4))
    (tmp_path / "text.mp4").write_text("no film\n" * 99)
    before = os.listdir("/proc/self/fd")

    assert len(_clips(good.rename(tmp_path / "a%03d.jpg"))) == 1
    assert _rejection(tmp_path / "text.mp4").code == "bad_format"
    with pytest.raises(VideoRejected, match="open_failed: the file cannot be opened: No such"):
        open_pyav(str(tmp_path / "missing.mp4"), _CONFIG).__enter__()

    assert os.listdir("/proc/self/fd") == before


def test_titles_need_not_be_utf8(tmp_path, write_video, gray_frames):
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "Any film"
        stream = container.add_stream("mpeg4", rate=25, width=16, height=16, pix_fmt="yuv420p")
        for pixels in gray_frames(4):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels)))
        container.mux(stream.encode(None))
    path.write_bytes(path.read_bytes().replace(b"Any film", b"\xff\xfe\xe9 film"))

    assert len(_clips(path)) == 1


def test_variable_frame_rate_goes_by_presentation_time(tmp_path, write_video, gray_frames):
    times = [0, 50, 70, 280, 400, 440]
    path = write_video(tmp_path / "a.mkv", gray_frames(6, step=40), milliseconds=times)

    with open_pyav(str(path), _CONFIG) as decoder:
        assert [frame.seconds for frame in decoder.frames()] == [t / 1000 for t in times]
    (clip,) = _clips(path, IngestConfig(num_frames=5, size=16, fps=10))

    # At 0, 0.1, 0.2, 0.3 and 0.4 s.
    np.testing.assert_allclose(clip.frames.mean(axis=(1, 2, 3)), [20, 100, 100, 140, 180], atol=4)


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


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (b"ID3\x04", "no_video_stream"),
        (b"\xff\xfb\x90\x64", "no_video_stream"),
        (b"fLaC\0\0\0\x22", "no_video_stream"),
        (b"RIFF\x24\x20\0\0WAVEfmt ", "no_video_stream"),
        (b"RIFF\x24\x20\0\0ACONanih", "bad_format"),  # an animated cursor
        (b"RIFF\x24\x20\0\0AVI ", "open_failed"),
    ],
)
def test_other_media_are_told_by_their_first_bytes(tmp_path, head, code):
    (tmp_path / "a").write_bytes(head + bytes(8192))

    assert _rejection(tmp_path / "a").code == code


@pytest.mark.parametrize(
    ("name", "codec"), [("a.wav", "pcm_s16le"), ("a.flac", "flac"), ("a.mp3", "libmp3lame")]
)
@pytest.mark.parametrize(
    "options", [{}, {"write_xing": "0", "id3v2_version": "0"}], ids=["", "bare"]
)
def test_sound_files_are_told_so(tmp_path, name, codec, options):
    with av.open(
        str(tmp_path / name), "w", options=options if codec == "libmp3lame" else {}
    ) as film:
        stream = film.add_stream(codec, rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 2 * 4096), np.int16), "s16", "stereo")
        frame.sample_rate = 44100
        for packet in (*stream.encode(frame), *stream.encode(None)):
            film.mux(packet)

    rejection = _rejection(tmp_path / name)

    assert (rejection.code, rejection.message[:29]) == (
        "no_video_stream",
        "the file has no video stream.",
    )


@pytest.mark.parametrize("file_format", ["WEBP", "BMP"])
def test_an_image_that_is_no_strip_names_those_that_are(tmp_path, file_format):
    Image.new("RGB", (64, 16)).save(tmp_path / "a", file_format)

    rejection = _rejection(tmp_path / "a")

    assert rejection.code == "bad_format"
    assert f"a {file_format} image, but film strips must be PNG or JPEG" in rejection.message


def test_a_reference_movie_does_not_open_its_neighbor(tmp_path, write_video, gray_frames):
    write_video(tmp_path / "good.mov", gray_frames(8))
    # QuickTime file format, "Reference movies": an alternative lying at an address.
    address = _box(b"rdrf", bytes(4) + b"url " + (9).to_bytes(4, "big") + b"good.mov\0")
    path = tmp_path / "reference.mov"
    path.write_bytes(
        _box(b"ftyp", b"qt  " + bytes(4)) + _box(b"moov", _box(b"rmra", _box(b"rmda", address)))
    )

    assert _rejection(path).code in ("open_failed", "no_video_stream")


def _box(kind: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + kind + content


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


_PROGRAM = """
import resource, sys
from mocogan.data.decoding.video import decode_video
from mocogan.data.rejection import VideoRejected
from mocogan.data.config import IngestConfig

def outcome(path):
    try:
        with decode_video(path, IngestConfig(num_frames=4, size=16)) as video:
            return len(list(video.clips))
    except VideoRejected as rejected:
        return rejected.code
"""
_UNDER_LIMIT = """
resource.setrlimit(resource.RLIMIT_DATA, (2**29, 2**29))
print(outcome(sys.argv[1]))
"""


def _run(program: str, *paths: Path) -> list[str]:
    """The words that a process of its own prints."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM + program, *map(str, paths)],
        cwd=Path(__file__).parents[4],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("side", [10_000, 65_535])
def test_a_bomb_is_not_unpacked(tmp_path, side):
    path = tmp_path / "bomb.gif"
    Image.new("P", (8, 8)).save(path, save_all=True, append_images=[Image.new("P", (8, 8), 1)])
    content = bytearray(path.read_bytes())
    content[6:10] = side.to_bytes(2, "little") * 2  # the size of the screen
    path.write_bytes(content)

    assert _run(_UNDER_LIMIT, path) == ["too_many_pixels"]


def test_more_pixels_than_allowed_say_how_many(tmp_path, write_video, gray_frames):
    path = write_video(tmp_path / "a.mp4", gray_frames(4, height=32, width=48))

    rejection = _rejection(path, IngestConfig(num_frames=4, size=16, max_pixels=32 * 48 - 1))

    assert rejection.code == "too_many_pixels"
    assert rejection.message == (
        "the frames have 48x32 pixels, which exceeds ingest.max_pixels=1535. "
        "Scale the video down or raise ingest.max_pixels"
    )
    assert len(_clips(path, IngestConfig(num_frames=4, size=16, max_pixels=32 * 48))) == 1


@pytest.mark.parametrize("side", [96, 1000, 3000])
def test_a_header_that_understates_its_frames_hides_nothing(tmp_path, side):
    path = tmp_path / "a.mov"
    path.write_bytes(still_film(tmp_path, png_of_zeros(side, side, channels=1), 32, count=4))

    assert len(_clips(path, _CONFIG.model_copy(update={"max_pixels": side * side}))) == 1
    rejection = _rejection(path, _CONFIG.model_copy(update={"max_pixels": side * side - 1}))
    assert rejection.code == "too_many_pixels"
    assert rejection.message.startswith(f"the frames have {side}x{side} pixels, ")


def test_codecs_may_round_the_size_up(tmp_path, write_video, gray_frames):
    """H.264 is coded in blocks of 16x16: this film in 3008x16, of which 3000x2 are shown."""
    path = write_video(tmp_path / "a.mp4", gray_frames(4, height=2, width=3000), "libx264")
    limit = _CONFIG.model_copy(update={"max_pixels": 6000})

    assert len(_clips(path, limit)) == 1


def test_frames_that_grow_beyond_the_limit_are_found_when_they_come(
    tmp_path, write_video, gray_frames
):
    parts = [
        write_video(tmp_path / f"{side}.h264", gray_frames(8, side, side), "libx264").read_bytes()
        for side in (32, 96)
    ]
    path = tmp_path / "growing.h264"
    path.write_bytes(b"".join(parts))

    assert len(_clips(path, _CONFIG.model_copy(update={"max_pixels": 96 * 96}))) == 4
    rejection = _rejection(path, _CONFIG.model_copy(update={"max_pixels": 96 * 96 - 1}))
    assert rejection.code == "too_many_pixels"
    assert rejection.message.startswith("the frames have 96x96 pixels, ")


def test_a_stream_that_begins_in_the_middle_is_damage(tmp_path):
    (film,) = (film for film in FILMS if film.name == "flash.flv")
    content = film.write(tmp_path).read_bytes()
    path = tmp_path / "twice.flv"
    path.write_bytes(content[:197] + content)

    with (
        pytest.raises(VideoRejected, match="corrupt_frames: another stream"),
        open_pyav(str(path), IngestConfig()) as decoder,
    ):
        list(decoder.frames())
