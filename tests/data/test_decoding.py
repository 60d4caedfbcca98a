import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from data.decoding import check_decoder, decode_clips
from data.rejection import VideoRejected
from data.spec import IngestSpec


def _levels(clips) -> list[list[int]]:
    return [clip.frames.mean(axis=(1, 2, 3)).round().astype(int).tolist() for clip in clips]


def test_windows_follow_one_another_and_the_rest_is_dropped(tmp_path, write_video, gray_frames):
    path = write_video(tmp_path / "a.mp4", gray_frames(11))

    clips = list(decode_clips(str(path), IngestSpec(num_frames=4, size=16)))

    np.testing.assert_allclose(_levels(clips), [[20, 30, 40, 50], [60, 70, 80, 90]], atol=2)
    assert [clip.index for clip in clips] == [0, 1]
    assert [clip.start_seconds for clip in clips] == [0.0, 0.16]
    assert clips[0].frames.dtype == np.uint8
    assert clips[0].frames.shape == (4, 16, 16, 3)


def test_stride_comes_before_windows(tmp_path, write_video, gray_frames):
    path = write_video(tmp_path / "a.mp4", gray_frames(12))

    clips = list(decode_clips(str(path), IngestSpec(num_frames=3, frame_stride=2, size=16)))

    np.testing.assert_allclose(_levels(clips), [[20, 40, 60], [80, 100, 120]], atol=2)


def test_stored_size_is_what_is_kept(tmp_path, write_video, gray_frames):
    path = write_video(tmp_path / "a.mp4", gray_frames(2))

    (clip,) = decode_clips(str(path), IngestSpec(num_frames=2, size=8, store_size=12))

    assert clip.frames.shape == (2, 12, 12, 3)


def test_decoding_stops_with_the_last_clip_asked_for(tmp_path, write_video):
    noise = np.random.default_rng(0).integers(0, 256, (20, 32, 32, 3), np.uint8)
    path = write_video(tmp_path / "a.avi", noise)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 3 // 4])  # the end, damaged, is never read

    clips = list(decode_clips(str(path), IngestSpec(num_frames=4, size=16, clips_per_video=2)))

    assert len(clips) == 2
    with pytest.raises(VideoRejected, match="corrupt_frames"):
        list(decode_clips(str(path), IngestSpec(num_frames=4, size=16)))


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"num_frames": 16}, "6 frames; a clip of 16 at frame_stride 1 needs 16"),
        ({"num_frames": 4, "frame_stride": 2}, "6 frames; a clip of 4 at frame_stride 2 needs 7"),
        ({"num_frames": 8, "fps": 5}, "its 6 frames give 2 at fps=5.0; a clip needs 8"),
    ],
)
def test_too_short_says_how_many_are_there_and_needed(
    tmp_path, write_video, gray_frames, spec, message
):
    path = write_video(tmp_path / "a.mp4", gray_frames(6))

    with pytest.raises(VideoRejected) as caught:
        list(decode_clips(str(path), IngestSpec(size=16, **spec)))

    assert (caught.value.code, caught.value.message) == ("too_short", message)


def test_pyav_needs_no_tensorflow(tmp_path, write_video, gray_frames):
    path = write_video(tmp_path / "a.mp4", gray_frames(4))
    program = (
        "import sys; from data.decoding import check_decoder, decode_clips; "
        "from data.spec import IngestSpec; check_decoder('pyav'); "
        "assert len(list(decode_clips(sys.argv[1], IngestSpec(num_frames=4, size=8)))) == 1; "
        "assert 'tensorflow' not in sys.modules"
    )

    subprocess.run(
        [sys.executable, "-c", program, str(path)], cwd=Path(__file__).parents[2], check=True
    )


def test_pyav_is_always_there():
    check_decoder("pyav")


def test_real_films_give_all_their_clips(shared_clips):
    counts = {
        path.name: len(list(decode_clips(str(path), IngestSpec(num_frames=16, size=16))))
        for path in shared_clips
    }

    assert counts == {
        "armwrestling_demo.mp4": 280 // 16,
        "bikes.mp4": 250 // 16,
        "lego_small.mp4": 166 // 16,
        "mma_test.avi": 164 // 16,
        "ntu.avi": 103 // 16,
    }
