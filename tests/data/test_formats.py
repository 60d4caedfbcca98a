"""Every container, codec, pixel format and way of dating frames, through the process that decodes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.isolation.isolated_decoder import IsolatedDecoder
from tests.support.corpus.boundaries import boxes
from tests.support.corpus.catalog import FILMS, NUM_FRAMES, Film, film
from tests.support.corpus.decode_result import ACCEPTED, decode_file, frame_errors
from tests.support.corpus.films import write_film, write_gif
from tests.support.corpus.pictures import waves

_CONFIG = IngestConfig(num_frames=8, size=32)
# Without an ending, and with those of images, patterns of images, sound, playlists and raw data.
_MISLEADING_NAMES = ("film", "a.png", "a%03d.jpg", "a.mp3", "a.m3u8", "a.yuv", "a.txt", "a.mp4")
_every_film = pytest.mark.parametrize("film", FILMS, ids=[film.name for film in FILMS])


@pytest.fixture(scope="module")
def decoder() -> Iterator[IsolatedDecoder]:
    decoder = IsolatedDecoder(_CONFIG)
    yield decoder
    decoder.close()


def _clips(decoder: IsolatedDecoder, path: Path, config: IngestConfig = _CONFIG) -> np.ndarray:
    code, message, clips = decode_file(decoder, path, config)
    assert code == ACCEPTED, message
    return clips


def _in_clips(frames: np.ndarray, num_frames: int = _CONFIG.num_frames) -> np.ndarray:
    """[T, H, W, 3] -> [N, num_frames, H, W, 3]."""
    return frames.reshape(-1, num_frames, *frames.shape[1:])


@_every_film
def test_every_container_and_codec_gives_all_frames_in_order(tmp_path, decoder, film: Film):
    clips = _clips(decoder, film.write(tmp_path))

    errors = frame_errors(clips, _in_clips(waves(NUM_FRAMES)))
    assert errors.max() <= film.tolerance
    # Neighboring frames differ by far more than the tolerance, so none is doubled or missing.
    assert min(np.abs(a.astype(int) - b).mean() for a, b in pairwise(waves(NUM_FRAMES))) > 19


def test_av1_is_called_by_its_own_name(tmp_path, decoder):
    with decoder.decode(str(film("av1.mp4").write(tmp_path))) as video:
        assert video.facts.codec == "av1"
        list(video.clips)


@pytest.mark.parametrize("name", ["mxf", "dv", "yuv4mpegpipe"])
def test_formats_of_cameras_and_pipes(tmp_path, decoder, name):
    height, width = (576, 720) if name == "dv" else (64, 64)
    frames = waves(8, height=height, width=width)
    path = tmp_path / "film"
    if name == "yuv4mpegpipe":
        pictures = [av.VideoFrame.from_ndarray(pixels) for pixels in frames]
        planes = [picture.to_ndarray(format="yuv420p").tobytes() for picture in pictures]
        header = b"YUV4MPEG2 W64 H64 F25:1 Ip A1:1 C420jpeg\n"
        path.write_bytes(header + b"".join(b"FRAME\n" + plane for plane in planes))
    elif name == "dv":
        write_film(path, frames, "dvvideo", container_format="dv")
    else:
        encoder = {"qmin": "1", "qmax": "2"}
        write_film(path, frames, "mpeg2video", container_format="mxf", encoder=encoder)

    with decoder.decode(str(path)) as video:
        assert sum(len(clip.frames) for clip in video.clips) == 8
        assert video.facts.format == name


@_every_film
def test_the_ending_of_the_name_means_nothing(tmp_path, decoder, film: Film):
    path = film.write(tmp_path)
    expected = _clips(decoder, path)

    for name in _MISLEADING_NAMES:
        path = path.rename(tmp_path / name)
        result = decode_file(decoder, path, _CONFIG)
        assert result.code == ACCEPTED, (name, result.message)
        np.testing.assert_array_equal(result.clips, expected)


@_every_film
def test_clips_are_dated_by_presentation(tmp_path, decoder, film: Film):
    with decoder.decode(str(film.write(tmp_path))) as video:
        starts = [clip.start_seconds for clip in video.clips]

    # Matroska keeps whole milliseconds.
    np.testing.assert_allclose(starts, np.arange(3) * 8 * film.seconds, atol=0.0011)


# The loss of the codecs, and for half color resolution that of the format.
@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt", "tolerance"),
    [
        ("a.mp4", "libx264", "yuv420p10le", 4),
        ("a.mp4", "libx264", "yuvj420p", 4),
        ("a.mp4", "libx264", "yuv422p", 4),
        ("a.mp4", "libx264", "yuv444p", 4),
        ("a.mkv", "ffv1", "yuv420p10le", 3),
        ("a.mkv", "ffv1", "yuv444p16le", 3),
        ("a.mkv", "ffv1", "yuv410p", 6),
        ("a.mkv", "ffv1", "bgr0", 1),
        ("a.mkv", "ffv1", "bgra", 1),
        ("a.mkv", "ffv1", "yuva420p", 3),
        ("a.webm", "libvpx-vp9", "yuva420p", 6),
        ("a.webm", "libvpx-vp9", "gbrp", 6),
        ("a.mov", "qtrle", "argb", 1),
        ("a.mov", "qtrle", "rgb555be", 8),
        ("a.mov", "png", "rgba", 1),
        ("a.mov", "png", "rgb48be", 1),
        ("a.avi", "rawvideo", "yuv420p", 3),
        ("a.avi", "rawvideo", "bgr24", 1),
    ],
)
def test_pixel_formats(tmp_path, decoder, name, codec, pix_fmt, tolerance):
    encoder = {"libx264": {"crf": "8"}, "libvpx-vp9": {"crf": "8", "b": "0"}}.get(codec, {})
    frames = waves(8)
    path = write_film(tmp_path / name, frames, codec, pix_fmt, encoder=encoder)

    errors = frame_errors(_clips(decoder, path), frames[None])

    assert errors.max() <= tolerance


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("a.mp4", "libx264", "gray"),
        ("a.mkv", "ffv1", "gray"),
        ("a.mkv", "ffv1", "gray10le"),
        ("a.mkv", "ffv1", "gray16le"),
        ("a.mov", "png", "gray"),
        ("a.mov", "png", "ya8"),
        ("a.mov", "png", "monob"),
    ],
)
def test_gray(tmp_path, decoder, name, codec, pix_fmt):
    steps = 255 * np.arange(2) if pix_fmt == "monob" else np.arange(16, 256, 32)
    levels = np.resize(steps, 8).astype(np.uint8)
    frames = np.broadcast_to(levels[:, None, None, None], (8, 32, 32, 3))
    # H.264 says nothing about the range of gray unless told to; FFmpeg's gray is full.
    encoder = {"x264-params": "fullrange=on"} if codec == "libx264" else {}
    path = write_film(tmp_path / name, frames, codec, pix_fmt, encoder=encoder)

    np.testing.assert_allclose(_clips(decoder, path)[0], frames, atol=3)


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("a.mp4", "mpeg4", "yuv420p"),
        ("a.mp4", "libx264", "yuv444p"),
        ("a.webm", "libvpx-vp9", "yuv420p"),
        ("a.mkv", "ffv1", "yuv420p"),
        ("a.avi", "mjpeg", "yuvj420p"),
        ("a.ts", "mpeg2video", "yuv420p"),
        ("a.mov", "qtrle", "rgb24"),
        ("a.gif", "gif", ""),
    ],
)
def test_odd_sizes(tmp_path, name, codec, pix_fmt):
    config = IngestConfig(num_frames=8, size=21, resize="center_crop")
    frames = waves(8, height=21, width=35)
    path = tmp_path / name
    if codec == "gif":
        write_gif(path, frames)
    else:
        encoder = {"qmin": "1", "qmax": "2"} if codec in ("mjpeg", "mpeg2video") else {}
        write_film(path, frames, codec, pix_fmt, encoder=encoder)
    decoder = IsolatedDecoder(config)
    try:
        clips = _clips(decoder, path, config)
    finally:
        decoder.close()

    assert frame_errors(clips, frames[None, :, :, 7:28]).max() <= 8


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.webm", "a.ts", "a.mov"])
def test_variable_frame_rate_goes_by_presentation_time(tmp_path, name):
    config = IngestConfig(num_frames=8, size=32, fps=10)
    milliseconds = [0, 40, 80, 300, 320, 340, 620, 700]
    codec = "libvpx-vp9" if name == "a.webm" else "libx264"
    path = write_film(tmp_path / name, waves(8), codec, milliseconds=milliseconds)
    decoder = IsolatedDecoder(config)
    try:
        clips = _clips(decoder, path, config)
    finally:
        decoder.close()

    shown = [0, 2, 2, 3, 5, 5, 5, 7]  # the latest not after 0, 0.1, … 0.7 s
    assert frame_errors(clips, waves(8)[None, shown]).max() <= 8


def test_an_edit_list_hides_the_first_frames(tmp_path, decoder):
    path = write_film(tmp_path / "a.mp4", waves(16))
    content = bytearray(path.read_bytes())
    (edit,) = (box for box in boxes(bytes(content)) if box.kind == b"elst")
    (header,) = (box for box in boxes(bytes(content)) if box.kind == b"mdhd")
    ticks = int.from_bytes(content[header.body + 12 : header.body + 16], "big")
    # ISO 14496-12, 8.6.6: after version, flags and count come segment_duration and media_time.
    content[edit.body + 12 : edit.body + 16] = (ticks * 8 // 25).to_bytes(4, "big")
    path.write_bytes(content)

    clips = _clips(decoder, path)

    assert frame_errors(clips, waves(16)[None, 8:]).max() <= 5


@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
@pytest.mark.parametrize(
    ("matrix", "mirrored", "turns"),
    [
        ((1, 0, 0, 1), False, 0),
        ((0, -1, 1, 0), False, 1),
        ((-1, 0, 0, -1), False, 2),
        ((0, 1, -1, 0), False, 3),
        ((-1, 0, 0, 1), True, 0),
        ((0, 1, 1, 0), True, 1),
        ((1, 0, 0, -1), True, 2),
        ((0, -1, -1, 0), True, 3),
    ],
)
def test_the_display_matrix_is_applied(tmp_path, decoder, name, matrix, mirrored, turns):
    frames = waves(8, height=32, width=48)
    path = write_film(tmp_path / name, frames)
    content = bytearray(path.read_bytes())
    (header,) = (box for box in boxes(bytes(content)) if box.kind == b"tkhd")
    # ISO 14496-12, 8.3.2: the matrix of a version 0 header, 16.16 fixed point.
    a, b, c, d = (int(value * 65536).to_bytes(4, "big", signed=True) for value in matrix)
    content[header.body + 40 : header.body + 60] = a + b + bytes(4) + c + d
    path.write_bytes(content)

    with decoder.decode(str(path)) as video:
        clips = np.stack([clip.frames for clip in video.clips])

    middle = frames[:, :, 8:40]
    upright = np.rot90(middle[:, :, ::-1] if mirrored else middle, turns, axes=(1, 2))
    assert (video.facts.height, video.facts.width) == ((48, 32) if turns % 2 else (32, 48))
    assert frame_errors(clips, upright[None]).max() <= 5


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("a.mov", "png", "rgba"),
        ("a.mov", "qtrle", "argb"),
        ("a.mkv", "ffv1", "bgra"),
        ("a.mkv", "ffv1", "yuva420p"),
    ],
)
def test_transparent_pixels_are_shown_on_black(tmp_path, decoder, name, codec, pix_fmt):
    pixels = np.full((32, 32, 4), 200, np.uint8)
    pixels[..., 3] = np.repeat([255, 255, 128, 0], 8)
    with av.open(str(tmp_path / name), "w") as container:
        stream = container.add_stream(codec, rate=25, width=32, height=32, pix_fmt=pix_fmt)
        for _ in range(8):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgba")))
        container.mux(stream.encode(None))

    for column, level in ((4, 200), (12, 200), (20, 100), (28, 0)):
        np.testing.assert_allclose(_clips(decoder, tmp_path / name)[..., column, :], level, atol=3)


def test_a_gif_that_keeps_what_it_does_not_paint(tmp_path, decoder):
    """Each frame adds a block to the frames before it, the rest of it being transparent."""
    images = []
    for number in range(8):
        pixels = np.full((32, 32), 255, np.uint8)  # transparent
        if number == 0:
            pixels[:] = 0
        pixels[:, 4 * number : 4 * number + 4] = 1
        image = Image.fromarray(pixels, "P")
        image.putpalette([0, 0, 0, 200, 200, 200])
        images.append(image)
    path = tmp_path / "a.gif"
    images[0].save(
        path, save_all=True, append_images=images[1:], transparency=255, disposal=1, duration=100
    )

    clips = _clips(decoder, path)

    columns = clips[0, :, 16, :, 0]
    expected = [[200 * (x < 4 * (n + 1)) for x in range(32)] for n in range(8)]
    np.testing.assert_allclose(columns, expected, atol=2)


def test_one_frame_is_too_short(tmp_path, decoder):
    for name, codec in (("a.mp4", "libx264"), ("a.mkv", "ffv1")):
        path = write_film(tmp_path / name, waves(1), codec)
        assert decode_file(decoder, path, _CONFIG).code == "too_short"
    Image.new("RGB", (32, 32)).save(tmp_path / "still.gif")
    assert decode_file(decoder, tmp_path / "still.gif", _CONFIG).code == "too_short"


def test_a_strip_and_a_folder_of_frames(tmp_path, decoder):
    frames = waves(8)
    Image.fromarray(np.concatenate(frames, axis=1)).save(tmp_path / "strip", format="PNG")
    (tmp_path / "frames").mkdir()
    for number, pixels in enumerate(frames):
        Image.fromarray(pixels).save(tmp_path / "frames" / f"{number:03}.png")

    np.testing.assert_array_equal(_clips(decoder, tmp_path / "strip")[0], frames)
    np.testing.assert_array_equal(_clips(decoder, tmp_path / "frames")[0], frames)
