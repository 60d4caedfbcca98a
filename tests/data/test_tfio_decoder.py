"""tensorflow-io against PyAV, and against the `load_video` this project grew out of."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from data.decoding import check_decoder, decode_clips
from data.ffmpeg4 import DecoderUnavailable
from data.rejection import VideoRejected
from data.spec import IngestSpec
from data.tfio_decoder import compare_probe

needs_tfio = pytest.mark.skipif(
    find_spec("tensorflow_io") is None, reason="tensorflow-io does not exist for this Python"
)
_BT709 = 1


def _clips(path: Path, **spec: object) -> np.ndarray:
    decoded = decode_clips(str(path), IngestSpec.model_validate(spec))
    return np.stack([clip.frames for clip in decoded]).astype(int)


def _load_video(path: str, num_frames: int, size: tuple[int, int]) -> tf.Tensor:
    import tensorflow_io as tfio

    video = tf.io.read_file(path)
    video = tfio.experimental.ffmpeg.decode_video(video)
    video = video[:num_frames]
    video = tf.image.resize(video, size)
    return tf.cast(video, tf.float32) / 127.5 - 1.0


@pytest.mark.skipif(find_spec("tensorflow_io") is not None, reason="tensorflow-io is here")
def test_without_tensorflow_io_it_says_so():
    with pytest.raises(DecoderUnavailable, match=r"needs the package tensorflow-io.*decoder: pyav"):
        check_decoder("tfio")


def test_the_probe_sees_a_repeated_first_frame():
    levels = np.array([20, 60, 100])
    frames = np.broadcast_to(levels[:, None, None, None], (3, 4, 4, 3))

    compare_probe(frames, levels)
    with pytest.raises(DecoderUnavailable, match=r"\[20, 60, 100\] as \[20.0, 20.0, 20.0\]"):
        compare_probe(frames[[0, 0, 0]], levels)
    with pytest.raises(DecoderUnavailable, match=r"as \[20.0, 60.0\]"):
        compare_probe(frames[:2], levels)


@needs_tfio
@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt", "height", "width"),
    [
        ("a.mp4", "libx264", "yuv420p", 48, 64),
        ("a.mp4", "libx264", "yuv444p", 48, 64),
        ("a.mp4", "libx264", "yuv420p", 50, 60),  # rows that FFmpeg 4 writes past, see the decoder
        ("a.mp4", "libx264", "yuv420p", 48, 340),
        ("a.avi", "mpeg4", "yuv420p", 48, 56),
        ("a.webm", "libvpx-vp9", "yuv420p", 48, 64),
        ("a.gif", "gif", "rgb8", 47, 51),
    ],
)
@pytest.mark.parametrize("resize", ["squash", "pad"])
@pytest.mark.parametrize("resize_filter", ["area", "bilinear"])
def test_both_decoders_give_the_same_clips(
    tmp_path, write_video, smooth_frames, name, codec, pix_fmt, height, width, resize, resize_filter
):
    path = write_video(tmp_path / name, smooth_frames(9, height, width), codec, pix_fmt)
    spec = {"num_frames": 4, "size": 32, "resize": resize, "resize_filter": resize_filter}

    pyav, tfio = (_clips(path, decoder=decoder, **spec) for decoder in ("pyav", "tfio"))

    assert pyav.shape == (2, 4, 32, 32, 3)
    np.testing.assert_allclose(tfio, pyav, atol=2)


@needs_tfio
def test_times_rotation_and_colours_come_from_the_header(tmp_path, write_video, smooth_frames):
    times = [0, 40, 90, 300, 400, 440]
    frames = smooth_frames(6, 32, 48)
    path = write_video(
        tmp_path / "a.mp4", frames, "libx264", milliseconds=times, colour_space=_BT709
    )
    content = bytearray(path.read_bytes())
    place = content.index(b"tkhd") + 44
    turn = [value.to_bytes(4, "big", signed=True) for value in (0, 65536, 0, -65536, 0)]
    content[place : place + 20] = b"".join(turn)
    path.write_bytes(content)
    spec = {"num_frames": 5, "fps": 10, "size": 16}

    pyav, tfio = (_clips(path, decoder=decoder, **spec) for decoder in ("pyav", "tfio"))

    np.testing.assert_allclose(tfio, pyav, atol=2)
    upright = _clips(path, num_frames=5, fps=10, size=16, resize_filter="bilinear")
    assert np.abs(upright - tfio).max() > 5  # bilinear stands for load_video: BT.601 always


@needs_tfio
@pytest.mark.parametrize("decoder", ["pyav", "tfio"])
@pytest.mark.parametrize("colour_space", [None, _BT709])
def test_squash_and_bilinear_are_load_video(
    tmp_path, write_video, smooth_frames, decoder, colour_space
):
    path = write_video(
        tmp_path / "a.mp4", smooth_frames(18, 48, 80), "libx264", colour_space=colour_space
    )

    (clip,) = _clips(path, decoder=decoder, size=64, resize="squash", resize_filter="bilinear")

    expected = _load_video(str(path), num_frames=16, size=(64, 64)).numpy()
    assert expected.shape == (16, 64, 64, 3)
    np.testing.assert_allclose(clip, (expected + 1) * 127.5, atol=1)


@needs_tfio
def test_real_films_are_the_same_in_both(shared_clips):
    for path in shared_clips:
        spec = {"resize": "squash", "clips_per_video": 2}
        pyav, tfio = (_clips(path, decoder=decoder, **spec) for decoder in ("pyav", "tfio"))
        np.testing.assert_allclose(tfio, pyav, atol=2, err_msg=path.name)


@needs_tfio
def test_bad_files_are_rejected(tmp_path, write_video, smooth_frames):
    good = write_video(tmp_path / "good.avi", smooth_frames(12, 48, 64)).read_bytes()
    contents = {
        "bad_format": b"there is no video in here\n" * 100,
        "empty_file": b"",
        "corrupt_frames": good[: len(good) * 2 // 3],
    }
    for code, content in contents.items():
        (tmp_path / "bad.mp4").write_bytes(content)
        with pytest.raises(VideoRejected) as caught:
            _clips(tmp_path / "bad.mp4", decoder="tfio", num_frames=4, size=16)
        assert caught.value.code == code


@needs_tfio
def test_av1_which_would_end_the_process_is_refused(tmp_path, write_video, smooth_frames):
    path = write_video(tmp_path / "a.mp4", smooth_frames(4, 64, 64), "libsvtav1")

    with pytest.raises(VideoRejected, match="unsupported_codec: FFmpeg 4 cannot decode"):
        _clips(path, decoder="tfio", num_frames=4, size=16)


@needs_tfio
def test_a_film_that_would_fill_the_memory_is_refused(
    tmp_path, write_video, smooth_frames, monkeypatch
):
    monkeypatch.setattr("data.tfio_decoder.MAX_DECODED_BYTES", 5 * 64 * 48 * 3 - 1)
    path = write_video(tmp_path / "a.mkv", smooth_frames(5, 48, 64))

    with pytest.raises(VideoRejected, match=r"too_large: its 5 frames of 64x48 take .*pyav"):
        _clips(path, decoder="tfio", num_frames=4, size=16)


@needs_tfio
def test_unpadded_rows_do_not_harm_the_heap(tmp_path, write_video, smooth_frames):
    debugger = Path("/lib/x86_64-linux-gnu/libc_malloc_debug.so.0")
    if not debugger.exists():
        pytest.skip("glibc's malloc debugger is not here")
    paths = [
        str(write_video(tmp_path / f"{width}.mp4", smooth_frames(4, 48, width), "libx264"))
        for width in (56, 60, 62)
    ]
    program = (
        "import sys; from data.decoding import decode_clips; from data.spec import IngestSpec\n"
        "spec = IngestSpec(decoder='tfio', num_frames=4, size=16)\n"
        "for path in sys.argv[1:] * 5: assert len(list(decode_clips(path, spec))) == 1"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, *paths],
        cwd=Path(__file__).parents[2],
        env={
            "LD_PRELOAD": str(debugger),
            "MALLOC_CHECK_": "3",
            "HOME": str(Path.home()),
            "TF_CPP_MIN_LOG_LEVEL": "3",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_strips_need_no_decoder(tmp_path):
    path = tmp_path / "strip.png"
    Image.new("RGB", (32, 8), (10, 20, 30)).save(path)

    assert _clips(path, decoder="tfio", num_frames=4, size=8).shape == (1, 4, 8, 8, 3)
