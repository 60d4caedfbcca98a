"""Random clips of whole videos from record files."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from mocogan.data.input.selected_clips import (
    NO_CAPTION,
    RealClips,
    choose_clips,
    iterate_clips,
    list_clips,
    read_clips,
)
from mocogan.data.records.clip import Clip
from mocogan.data.records.clip_record import clip_to_record
from mocogan.data.records.keys import NO_LABEL

FRAMES, SIZE = 2, 4
VIDEOS = [b"b.mp4", b"b.mp4", b"a.mp4", b"c/\xff.mp4", b"b.mp4"]  # of each shard
LABELS = [b"", b"", b"walk", "große Welle".encode(), b"\xff\nb"]
CAPTIONS = [b"", b"a man\nthe same man", b" \nlate", "größer".encode(), b"\xff"]


def pixels(number: int) -> np.ndarray:
    """The frames of clip `number`, all of them different."""
    return np.random.default_rng(number).integers(0, 256, (FRAMES, SIZE, SIZE, 3), dtype=np.uint8)


@pytest.fixture
def patterns(tmp_path: Path) -> list[str]:
    """Four shards of five clips."""
    for shard in range(4):
        path = str(tmp_path / f"data_tfrecord-{shard:05d}-of-00004.gz")
        with tf.io.TFRecordWriter(path, "GZIP") as writer:
            for place, named in enumerate(zip(VIDEOS, LABELS, CAPTIONS, strict=True)):
                clip = Clip(pixels(5 * shard + place), 0, 0.0)
                writer.write(clip_to_record(clip, *named))
    return [str(tmp_path / "*")]


def test_clips_are_listed_with_videos_labels_and_first_captions(patterns: list[str]) -> None:
    stored = list_clips(patterns)
    assert [Path(path).name[14:19] for path in stored.paths] == [f"{n:05d}" for n in range(4)]
    assert stored.videos.tolist() == [1, 1, 0, 2, 1] * 4  # the same video in all shards
    assert stored.videos.dtype == np.int64
    # As Transform names them: without a class, with another character for bad bytes, and in one line.
    labels = [NO_LABEL, NO_LABEL, "walk", "große Welle", "\N{REPLACEMENT CHARACTER} b"]
    assert stored.labels.tolist() == labels * 4
    captions = [NO_CAPTION, "a man", "late", "größer", "\N{REPLACEMENT CHARACTER}"]
    assert stored.captions.tolist() == captions * 4


def test_missing_files_are_named(tmp_path: Path, patterns: list[str]) -> None:
    with pytest.raises(ValueError, match="no file matches"):
        list_clips([str(tmp_path / "other*")])
    next(tmp_path.iterdir()).unlink()
    with pytest.raises(ValueError, match="1 of the 4 files"):
        list_clips(patterns)


def test_clips_are_read_in_the_order_asked_for(patterns: list[str]) -> None:
    stored = list_clips(patterns)
    chosen = np.array([19, 0, 3, 7, *range(8, 19), 1, 2, 4, 5])  # more than one batch
    read = read_clips(stored, chosen, FRAMES, SIZE, "area")
    assert read.clips.dtype == np.uint8
    assert (read.clips == np.stack([pixels(number) for number in chosen])).all()
    assert read.videos.tolist() == stored.videos[chosen].tolist()
    assert read.labels.tolist() == stored.labels[chosen].tolist()
    assert read.captions.tolist() == stored.captions[chosen].tolist()
    nothing = read_clips(stored, np.array([], int), FRAMES, SIZE, "area")
    assert nothing.clips.shape == (0, FRAMES, SIZE, SIZE, 3)


def test_a_clip_cannot_be_chosen_twice(patterns: list[str]) -> None:
    with pytest.raises(AssertionError, match="twice"):
        read_clips(list_clips(patterns), np.array([3, 1, 3]), FRAMES, SIZE, "area")


def test_clips_come_in_the_order_of_the_files(patterns: list[str]) -> None:
    stored = list_clips(patterns)
    batches = list(iterate_clips(stored, {18, 2, 5, *range(6, 18)}, FRAMES, SIZE, "area"))
    assert [number for numbers, _ in batches for number in numbers] == [2, 5, *range(6, 19)]
    for numbers, clips in batches:
        assert (clips == np.stack([pixels(number) for number in numbers])).all()


def test_clips_of_another_size_are_resized(patterns: list[str]) -> None:
    read = read_clips(list_clips(patterns), np.array([6]), FRAMES, SIZE // 2, "area")
    cells = pixels(6).reshape(FRAMES, 2, 2, 2, 2, 3).astype(float)
    assert read.clips.shape == (1, FRAMES, 2, 2, 3)
    assert np.abs(read.clips[0] - cells.mean(axis=(2, 4))).max() <= 0.5


def test_another_number_of_frames_is_refused(patterns: list[str]) -> None:
    with pytest.raises(tf.errors.OpError):
        read_clips(list_clips(patterns), np.array([0, 1]), FRAMES - 1, SIZE, "area")


def test_clips_of_all_videos_come_before_a_second_one_of_any() -> None:
    videos = np.array([7] * 10 + [3] * 4 + [5] * 2)
    for seed in range(20):
        chosen = choose_clips(videos, 16, np.random.default_rng(seed))
        assert sorted(chosen) == list(range(16))
        assert set(videos[chosen[:3]]) == {3, 5, 7}
        assert set(videos[chosen[3:6]]) == {3, 5, 7}
        assert Counter(videos[chosen[6:10]].tolist()) == {7: 2, 3: 2}  # 5 has no third clip
        assert (videos[chosen[10:]] == 7).all()


def test_the_choice_is_random_and_of_the_asked_size() -> None:
    videos = np.repeat(np.arange(6), 3)
    first = Counter(
        int(choose_clips(videos, 4, np.random.default_rng(seed))[0]) for seed in range(900)
    )
    assert len(first) == 18
    assert max(first.values()) < 90  # 50 on average
    assert len(choose_clips(videos, 4, np.random.default_rng(0))) == 4
    assert len(choose_clips(videos, 99, np.random.default_rng(0))) == 18
    again = [choose_clips(videos, 9, np.random.default_rng(1)).tolist() for _ in range(2)]
    assert again[0] == again[1]


def test_a_part_of_the_clips() -> None:
    labels, captions = np.array(["a", "b", "c"]), np.array(["A", "B", "C"])
    clips = RealClips(np.arange(3), np.array([4, 5, 6]), labels, captions)
    part = clips.part(np.array([True, False, True]))
    assert (part.clips.tolist(), part.videos.tolist()) == ([0, 2], [4, 6])
    assert part.captions.tolist() == ["A", "C"]
    assert clips.part(slice(1, 2)).labels.tolist() == ["b"]
