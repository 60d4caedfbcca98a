"""All formats keep all frames with their times. Other libraries than those that wrote the files read them."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable

import av
import numpy as np
import pytest
from PIL import Image

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.video import decode_video
from mocogan.data.encoding.formats import FORMATS
from mocogan.data.encoding.png_strip import NotStrips, decode_png_strips, encode_png_strips
from mocogan.data.encoding.registry import encode_clip

Decoded = tuple[np.ndarray, list[float]]  # frames [T, H, W, 3] and the milliseconds of each

HELD = [0, 1, 1, 1, 4, 5, 5]  # frame of the clip -> the frame that it equals, the last two too


def clip_with_equal_neighbors(height: int = 12, width: int = 18) -> np.ndarray:
    """Seven frames of noise, of which some equal their neighbors and one differs in a single pixel."""
    frames = np.random.default_rng(0).integers(0, 256, (7, height, width, 3), np.uint8)[HELD]
    frames[4] = frames[3]
    frames[4, 7, 5] ^= 255
    return frames


def smooth_clip(height: int = 16, width: int = 24) -> np.ndarray:
    """Like photographs: colors that change slowly over the frame."""
    rows, columns = np.mgrid[:height, :width]
    frames = [
        np.stack([rows * 8 + 20 * t, columns * 6, np.full_like(rows, 128)], axis=-1) for t in HELD
    ]
    return np.stack(frames).astype(np.uint8)


def read_with_pillow(content: bytes) -> Decoded:
    image = Image.open(io.BytesIO(content))
    assert image.info["loop"] == 0  # forever
    frames, milliseconds = [], []
    for number in range(image.n_frames):
        image.seek(number)
        frames.append(np.asarray(image.convert("RGB")))
        milliseconds.append(image.info["duration"])
    return np.stack(frames), milliseconds


def read_mp4(content: bytes) -> Decoded:
    frames, milliseconds = [], []
    with av.open(io.BytesIO(content)) as container:
        (stream,) = container.streams  # no sound
        assert (stream.codec.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        for number, frame in enumerate(container.decode(stream)):
            assert frame.time == pytest.approx(number * frame.duration * frame.time_base)
            frames.append(frame.to_ndarray(format="rgb24"))
            milliseconds.append(float(1000 * frame.duration * frame.time_base))
    return np.stack(frames), milliseconds


READERS: dict[str, Callable[[bytes], Decoded]] = {
    "gif": read_with_pillow,
    "webp": read_with_pillow,
    "apng": read_with_pillow,
    "mp4": read_mp4,
}


@pytest.mark.parametrize("scale", [1, 3])
@pytest.mark.parametrize("name", ["webp", "apng"])
def test_lossless_animations_keep_every_frame(name: str, scale: int):
    frames = clip_with_equal_neighbors()
    shown, milliseconds = READERS[name](encode_clip(frames, name, 12.5, scale))
    np.testing.assert_array_equal(shown, frames.repeat(scale, 1).repeat(scale, 2))
    assert milliseconds == [80] * 7


@pytest.mark.parametrize("name", ["gif", "mp4"])
def test_lossy_animations_keep_every_frame(name: str):
    frames = smooth_clip()
    shown, milliseconds = READERS[name](encode_clip(frames, name, 12.5, 4))
    assert milliseconds == [80] * 7
    difference = np.abs(shown.astype(int) - frames.repeat(4, 1).repeat(4, 2))
    assert difference.mean() < 6
    assert difference.max() < 40


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("fps", [0.5, 7, 24, 30000 / 1001, 50])
def test_the_rate_is_kept(name: str, fps: float):
    _, milliseconds = READERS[name](encode_clip(clip_with_equal_neighbors(), name, fps))
    tick = {"gif": 10, "webp": 1}.get(name, 0)
    assert np.abs(np.array(milliseconds) - 1000 / fps).max() <= tick + 1e-6
    assert abs(sum(milliseconds) - 7000 / fps) <= tick / 2 + 1e-6


@pytest.mark.parametrize("name", READERS)
def test_an_unknown_rate_is_shown_at_ten_frames_per_second(name: str):
    assert READERS[name](encode_clip(smooth_clip(), name))[1] == pytest.approx([100] * 7)


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_clip_gives_the_same_bytes(name: str):
    frames = clip_with_equal_neighbors()
    assert encode_clip(frames, name, 10) == encode_clip(frames.copy(), name, 10)
    assert encode_clip(frames, name, 10) == encode_clip(frames, name, 10, FORMATS[name].scale)


@pytest.mark.parametrize("name", ["gif", "webp", "mp4"])  # an APNG of one frame is a plain PNG
def test_one_frame_and_one_pixel(name: str):
    frames = np.full((1, 1, 1, 3), 200, np.uint8)
    shown, milliseconds = READERS[name](encode_clip(frames, name, 10, 2))
    assert (shown.shape, milliseconds) == ((1, 2, 2, 3), [100])
    np.testing.assert_allclose(shown, 200, atol=3)


def test_an_mp4_begins_with_its_index_and_names_its_colors():
    content = encode_clip(smooth_clip(), "mp4", 10)
    boxes, start = [], 0
    while start < len(content):
        size, kind = struct.unpack(">I4s", content[start : start + 8])
        boxes.append(kind.decode())
        start += size
    assert boxes.index("moov") < boxes.index("mdat")
    with av.open(io.BytesIO(content)) as container:
        context = container.streams.video[0].codec_context
        assert (context.colorspace, context.color_range, context.color_trc) == (1, 1, 1)


def test_an_mp4_has_even_sides():
    frames = smooth_clip(height=15, width=21)
    shown, _ = read_mp4(encode_clip(frames, "mp4", 10, 1))
    assert shown.shape == (7, 16, 22, 3)
    enlarged, _ = read_mp4(encode_clip(frames, "mp4", 10, 4))
    assert enlarged.shape == (7, 60, 84, 3)


def test_flat_colors_stay_in_an_mp4():
    """The colors of a player that follows the tags. Without tags, red would come back as another red."""
    colors = np.array([[220, 30, 40], [30, 200, 60], [40, 60, 230], [250, 250, 250]], np.uint8)
    frames = np.broadcast_to(colors.repeat(4, 0).reshape(1, 1, 16, 3), (4, 16, 16, 3)).copy()
    shown, _ = read_mp4(encode_clip(frames, "mp4", 10, 4))
    inside = shown[:, :, 8::16].reshape(4, 64, 4, 3)
    np.testing.assert_allclose(inside, np.broadcast_to(colors, inside.shape), atol=6)


def test_a_strip_and_an_array_are_the_pixels(tmp_path):
    frames = clip_with_equal_neighbors(16, 16)
    strip = encode_clip(frames, "png-strip")
    np.testing.assert_array_equal(
        np.asarray(Image.open(io.BytesIO(strip))), np.concatenate(list(frames), axis=1)
    )
    np.testing.assert_array_equal(np.load(io.BytesIO(encode_clip(frames, "npy"))), frames)
    enlarged = np.load(io.BytesIO(encode_clip(frames, "npy", scale=2)))
    np.testing.assert_array_equal(enlarged, frames.repeat(2, 1).repeat(2, 2))


@pytest.mark.parametrize("name", ["webp", "apng", "png-strip", "npy"])
def test_the_ingest_reads_the_files_that_generate_writes(name: str, tmp_path):
    frames = clip_with_equal_neighbors(16, 16)
    path = tmp_path / f"clip{FORMATS[name].extension}"
    path.write_bytes(encode_clip(frames, name, 25, 1))
    with decode_video(str(path), IngestConfig(num_frames=7, size=16)) as video:
        (clip,) = video.clips
    np.testing.assert_array_equal(clip.frames, frames)


@pytest.mark.parametrize("name", FORMATS)
def test_floats_are_refused(name: str):
    with pytest.raises(ValueError, match="uint8, got"):
        encode_clip(np.zeros((2, 4, 4, 3), np.float32), name)


def test_strips_of_several_clips_are_read_again():
    clips = np.random.default_rng(0).integers(0, 256, (3, 4, 6, 8, 3), np.uint8)
    content = encode_png_strips(clips)
    assert Image.open(io.BytesIO(content)).size == (4 * 8, 3 * 6)
    np.testing.assert_array_equal(decode_png_strips(content), clips)


def test_one_enlarged_strip_is_read_again():
    frames = clip_with_equal_neighbors(16, 16)
    content = encode_clip(frames, "png-strip", scale=2)
    np.testing.assert_array_equal(
        decode_png_strips(content), frames.repeat(2, 1).repeat(2, 2)[np.newaxis]
    )


def test_other_files_are_no_strips():
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    for content in (b"text", picture.getvalue()):
        with pytest.raises(NotStrips, match="does not hold film strips"):
            decode_png_strips(content)
    with pytest.raises(ValueError, match="N > 0"):
        encode_png_strips(np.zeros((0, 4, 6, 8, 3), np.uint8))
