import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.video import check_decoder, decode_video
from mocogan.data.decoding.video_facts import VideoFacts
from mocogan.data.records.clip import Clip
from mocogan.data.rejection import VideoRejected


def _clips(path, config: IngestConfig, **more) -> list[Clip]:
    with decode_video(str(path), config, **more) as video:
        return list(video.clips)


def _levels(clips) -> list[list[int]]:
    return [clip.frames.mean(axis=(1, 2, 3)).round().astype(int).tolist() for clip in clips]


def test_windows_follow_one_another_and_the_rest_is_dropped(tmp_path, write_video, gray_frames):
    path = write_video(tmp_path / "a.mp4", gray_frames(11))

    clips = _clips(path, IngestConfig(num_frames=4, size=16))

    np.testing.assert_allclose(_levels(clips), [[20, 30, 40, 50], [60, 70, 80, 90]], atol=2)
    assert [clip.index for clip in clips] == [0, 1]
    assert [clip.start_seconds for clip in clips] == [0.0, 0.16]
    assert clips[0].frames.dtype == np.uint8
    assert clips[0].frames.shape == (4, 16, 16, 3)


def test_stride_comes_before_windows(tmp_path, write_video, gray_frames):
    path = write_video(tmp_path / "a.mp4", gray_frames(12))

    clips = _clips(path, IngestConfig(num_frames=3, frame_stride=2, size=16))

    np.testing.assert_allclose(_levels(clips), [[20, 40, 60], [80, 100, 120]], atol=2)


def test_stored_size_is_what_is_kept(tmp_path, write_video, gray_frames):
    path = write_video(tmp_path / "a.mp4", gray_frames(2))

    (clip,) = _clips(path, IngestConfig(num_frames=2, size=8, store_size=12))

    assert clip.frames.shape == (2, 12, 12, 3)


def test_decoding_stops_with_the_last_clip_asked_for(tmp_path, write_video):
    noise = np.random.default_rng(0).integers(0, 256, (20, 32, 32, 3), np.uint8)
    path = write_video(tmp_path / "a.avi", noise)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 3 // 4])  # the end, damaged, is never read

    first = IngestConfig(num_frames=4, size=16, clips_per_video=2, clip_placement="first")
    clips = _clips(path, first)

    assert len(clips) == 2
    with pytest.raises(VideoRejected, match="corrupt_frames"):
        _clips(path, IngestConfig(num_frames=4, size=16))


@pytest.mark.parametrize(
    ("config", "finding"),
    [
        (
            {"num_frames": 16},
            "the video has 6 frames, but a clip of 16 with ingest.frame_stride=1 needs 16",
        ),
        (
            {"num_frames": 4, "frame_stride": 2},
            "the video has 6 frames, but a clip of 4 with ingest.frame_stride=2 needs 7",
        ),
        (
            {"num_frames": 8, "fps": 5},
            "the video has 6 frames, which give 2 at ingest.fps=5.0, but a clip needs 8",
        ),
    ],
)
def test_too_short_says_how_many_are_there_and_needed(
    tmp_path, write_video, gray_frames, config, finding
):
    path = write_video(tmp_path / "a.mp4", gray_frames(6))

    with pytest.raises(VideoRejected) as caught:
        _clips(path, IngestConfig(size=16, **config))

    fix = "Use a longer video, lower ingest.num_frames, or set ingest.short_videos to loop or pad"
    assert (caught.value.code, caught.value.message) == ("too_short", f"{finding}. {fix}")


def test_pyav_needs_neither_tensorflow_nor_beam(tmp_path, write_video, gray_frames):
    path = write_video(tmp_path / "a.mp4", gray_frames(4))
    program = (
        "import sys\n"
        "from mocogan.data.decoding.video import check_decoder, decode_video\n"
        "from mocogan.data.config import IngestConfig\n"
        "check_decoder('pyav')\n"
        "with decode_video(sys.argv[1], IngestConfig(num_frames=4, size=8)) as video:\n"
        "    assert len(list(video.clips)) == 1\n"
        "assert not {'tensorflow', 'apache_beam'} & set(sys.modules)"
    )

    subprocess.run(
        [sys.executable, "-c", program, str(path)], cwd=Path(__file__).parents[3], check=True
    )


def test_the_header_s_facts_come_before_any_clip(tmp_path, write_video, gray_frames):
    path = write_video(tmp_path / "a.mp4", gray_frames(10, height=32, width=48))

    with decode_video(str(path), IngestConfig(num_frames=4, size=16)) as video:
        facts = video.facts

    assert facts == VideoFacts("mp4", "mpeg4", 48, 32, fps=25.0, seconds=0.4)


def test_each_decoded_frame_is_told_with_its_time(tmp_path, write_video, gray_frames):
    path, seen = write_video(tmp_path / "a.mp4", gray_frames(6)), []

    _clips(path, IngestConfig(num_frames=4, size=16), on_frame=seen.append)

    assert seen == [0.0, 0.04, 0.08, 0.12, 0.16, 0.2]


def test_too_long_by_its_header_is_not_decoded(tmp_path, write_video, gray_frames):
    path, seen = write_video(tmp_path / "a.mp4", gray_frames(20)), []

    with pytest.raises(VideoRejected) as caught:
        _clips(path, IngestConfig(num_frames=4, size=16, max_seconds=0.5), on_frame=seen.append)

    assert caught.value.code == "too_long"
    assert caught.value.message == (
        "the duration in the header is 0.8 s, which exceeds ingest.max_seconds=0.5. "
        "Cut the video or raise ingest.max_seconds"
    )
    assert not seen


def test_what_is_no_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket.mp4"))
    (tmp_path / "link.mp4").symlink_to(tmp_path / "pipe.mp4")

    for name in ("pipe.mp4", "socket.mp4", "link.mp4", "/dev/zero"):
        with pytest.raises(VideoRejected) as caught:
            _clips(tmp_path / name, IngestConfig())
        assert caught.value.code == "not_a_file"


def test_pyav_is_always_there():
    check_decoder("pyav")


def test_real_films_give_all_their_clips(shared_clips):
    counts = {
        path.name: len(_clips(path, IngestConfig(num_frames=16, size=16))) for path in shared_clips
    }

    assert counts == {
        "armwrestling_demo.mp4": 280 // 16,
        "bikes.mp4": 250 // 16,
        "lego_small.mp4": 166 // 16,
        "mma_test.avi": 164 // 16,
        "ntu.avi": 103 // 16,
    }
