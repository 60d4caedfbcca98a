"""tensorflow-io by itself, and against the `load_video` this project grew out of."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.tfio.ffmpeg4 import DecoderUnavailable
from mocogan.data.decoding.tfio.tfio_decoder import compare_probe, open_tfio
from mocogan.data.decoding.video import check_decoder, decode_video
from mocogan.data.rejection import VideoRejected

needs_tfio = pytest.mark.skipif(
    find_spec("tensorflow_io") is None, reason="tensorflow-io does not exist for this Python"
)
_BT709 = 1


def _clips(path: Path, **config: object) -> np.ndarray:
    with decode_video(str(path), IngestConfig.model_validate(config)) as video:
        return np.stack([clip.frames for clip in video.clips]).astype(int)


def _load_video(path: str, num_frames: int, size: tuple[int, int]) -> tf.Tensor:
    import tensorflow_io as tfio

    video = tf.io.read_file(path)
    video = tfio.experimental.ffmpeg.decode_video(video)
    video = video[:num_frames]
    video = tf.image.resize(video, size)
    return tf.cast(video, tf.float32) / 127.5 - 1.0


@pytest.mark.skipif(find_spec("tensorflow_io") is not None, reason="tensorflow-io is here")
def test_without_tensorflow_io_it_says_so():
    with pytest.raises(
        DecoderUnavailable, match=r"needs the package tensorflow-io.*ingest.decoder=pyav"
    ):
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
def test_times_and_rotation_come_from_the_header(tmp_path, write_video, smooth_frames):
    times = [0, 40, 90, 300, 400, 440]
    frames = smooth_frames(6, 32, 48)
    path = write_video(tmp_path / "a.mp4", frames, "libx264", milliseconds=times)
    content = bytearray(path.read_bytes())
    place = content.index(b"tkhd") + 44
    turn = [value.to_bytes(4, "big", signed=True) for value in (0, 65536, 0, -65536, 0)]
    content[place : place + 20] = b"".join(turn)
    path.write_bytes(content)
    config = {"num_frames": 5, "fps": 10, "size": 16, "resize_filter": "bilinear"}

    pyav, tfio = (_clips(path, decoder=decoder, **config) for decoder in ("pyav", "tfio"))

    np.testing.assert_allclose(tfio, pyav, atol=2)


@needs_tfio
@pytest.mark.parametrize("decoder", ["pyav", "tfio"])
@pytest.mark.parametrize("color_space", [None, _BT709])
def test_squash_and_bilinear_are_load_video(
    tmp_path, write_video, smooth_frames, decoder, color_space
):
    path = write_video(
        tmp_path / "a.mp4", smooth_frames(18, 48, 80), "libx264", color_space=color_space
    )

    (clip,) = _clips(path, decoder=decoder, size=64, resize="squash", resize_filter="bilinear")

    expected = _load_video(str(path), num_frames=16, size=(64, 64)).numpy()
    assert expected.shape == (16, 64, 64, 3)
    np.testing.assert_allclose(clip, (expected + 1) * 127.5, atol=1)


@needs_tfio
def test_facts_and_times_are_the_headers(tmp_path, write_video, smooth_frames):
    times = [0, 50, 70, 280]
    path = write_video(tmp_path / "a.mkv", smooth_frames(4, 32, 48), milliseconds=times)

    with open_tfio(str(path), IngestConfig(decoder="tfio")) as video:
        assert (video.facts.format, video.facts.codec) == ("matroska", "mpeg4")
        assert (video.facts.width, video.facts.height) == (48, 32)
        assert list(video.timeline().seconds) == [time / 1000 for time in times]
        frames = list(video.frames())
        later = list(video.frames(2))
    assert [frame.seconds for frame in frames] == [time / 1000 for time in times]
    assert [frame.seconds for frame in later] == [0.07, 0.28]
    np.testing.assert_array_equal(later[0].image, frames[2].image)


@needs_tfio
def test_interlaced_films_are_refused(tmp_path, write_video, smooth_frames):
    path = write_video(
        tmp_path / "a.ts", smooth_frames(6, 64, 96), "mpeg2video", encoder={"flags": "+ildct+ilme"}
    )

    with pytest.raises(VideoRejected, match=r"interlaced: .*ingest.decoder=pyav"):
        _clips(path, decoder="tfio", num_frames=4, size=16)


@needs_tfio
def test_colors_of_another_matrix_are_refused_unless_bilinear_asks_for_them(
    tmp_path, write_video, smooth_frames
):
    path = write_video(tmp_path / "a.mkv", smooth_frames(4, 32, 48), "ffv1", color_space=_BT709)
    config = {"decoder": "tfio", "num_frames": 4, "size": 16}

    with pytest.raises(
        VideoRejected, match=r"unsupported_codec: .*bt709 colors as bt601\. .*bilinear"
    ):
        _clips(path, **config)

    as_bt601 = _clips(path, resize_filter="bilinear", **config)
    assert np.abs(as_bt601 - _clips(path, num_frames=4, size=16)).max() > 5


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
    monkeypatch.setattr(
        "mocogan.data.decoding.tfio.tfio_decoder.MAX_DECODED_BYTES", 5 * 64 * 48 * 3 - 1
    )
    path = write_video(tmp_path / "a.mkv", smooth_frames(5, 48, 64))

    with pytest.raises(VideoRejected, match=r"too_large: the 5 frames of 64x48 need .*pyav"):
        _clips(path, decoder="tfio", num_frames=4, size=16)


@pytest.mark.exhaustive
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
        "import sys\n"
        "from mocogan.data.config import IngestConfig\n"
        "from mocogan.data.decoding.video import decode_video\n"
        "config = IngestConfig(decoder='tfio', num_frames=4, size=16)\n"
        "for path in sys.argv[1:] * 5:\n"
        "    with decode_video(path, config) as video: assert len(list(video.clips)) == 1"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, *paths],
        cwd=Path(__file__).parents[4],
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
