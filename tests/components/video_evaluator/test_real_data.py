"""Which real clips an evaluation compares with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mocogan.components.video_evaluator.real_data import (
    ClipFormat,
    NotEnoughClips,
    RealData,
    read_real_data,
)
from mocogan.data.records.keys import EVAL, NO_LABEL, TRAIN
from mocogan.evaluation.estimate import MIN_CLIPS
from mocogan.evaluation.features.thumbnail import thumbnail
from tests.support.evaluation_inputs import write_records

FORMAT = ClipFormat(num_frames=4, size=8, resize_filter="area")


def clips_of(seed: int, count: int, size: int = 8) -> np.ndarray:
    """Random clips, all of them different."""
    random = np.random.default_rng(seed)
    return random.integers(0, 256, (count, 4, size, size, 3), dtype=np.uint8)


def names(clips: np.ndarray) -> list[bytes]:
    return [clip.tobytes() for clip in clips]


def read(folder: Path, num_clips: int = 100, seed: int = 0, **splits: int) -> RealData:
    """Writes so many clips of each split, each of its own video, and reads them."""
    files = {
        split: write_records(folder, split, clips_of(len(split), count))
        for split, count in splits.items()
    }
    return read_real_data(files, FORMAT, num_clips, seed)


def test_held_out_and_training_clips_come_from_their_splits(tmp_path: Path) -> None:
    real = read(tmp_path, train=60, eval=10)
    assert (real.split, real.notes) == (EVAL, ())
    assert set(names(real.held_out.clips)) == set(names(clips_of(len(EVAL), 10)))
    training = set(names(clips_of(len(TRAIN), 60)))
    assert set(names(real.training.clips)) < training
    assert len(set(names(real.training.clips))) == 40  # four samples of ten
    assert real.held_out.labels.tolist() == [NO_LABEL] * 10


@pytest.mark.parametrize(
    ("held_out", "training", "num_clips", "count", "others"),
    [
        (20, 9, 100, 9, 9),  # not more than training clips
        (9, 12, 100, 9, 12),
        (20, 60, 10, 10, 40),
    ],
)
def test_there_are_at_least_as_many_training_clips_as_held_out_ones(
    tmp_path: Path, held_out: int, training: int, num_clips: int, count: int, others: int
) -> None:
    real = read(tmp_path, num_clips, train=training, eval=held_out)
    assert (len(real.held_out.clips), len(real.training.clips)) == (count, others)


def test_the_seed_chooses_the_clips(tmp_path: Path) -> None:
    files = {
        split: write_records(tmp_path, split, clips_of(number, 30))
        for number, split in enumerate((TRAIN, EVAL))
    }
    first, again, other = (
        read_real_data(files, FORMAT, num_clips=10, seed=seed).held_out for seed in (1, 1, 2)
    )
    assert names(first.clips) == names(again.clips)
    assert set(names(first.clips)) != set(names(other.clips))


def test_a_second_clip_of_a_video_comes_after_one_of_each(tmp_path: Path) -> None:
    videos, labels = [0] * 20 + [1, 2, 3], ["walk"] * 20 + ["run"] * 3
    files = {
        EVAL: write_records(tmp_path, EVAL, clips_of(0, 23), videos, labels),
        TRAIN: write_records(tmp_path, TRAIN, clips_of(1, 30)),
    }
    held_out = read_real_data(files, FORMAT, num_clips=4, seed=0).held_out
    assert sorted(held_out.videos) == [0, 1, 2, 3]
    assert dict(zip(held_out.videos, held_out.labels, strict=True)) == {
        0: "walk",
        **dict.fromkeys((1, 2, 3), "run"),
    }


def test_copies_are_searched_among_all_training_clips_and_no_others(tmp_path: Path) -> None:
    real = read(tmp_path, num_clips=8, train=50, eval=10)
    assert real.searched is not None
    training = clips_of(len(TRAIN), 50)
    np.testing.assert_array_equal(real.searched.thumbnails, thumbnail(training))
    np.testing.assert_array_equal(
        real.searched.read(np.array([7, 2, 7, 49])), training[[7, 2, 7, 49]]
    )


def test_larger_clips_are_resized(tmp_path: Path) -> None:
    large = clips_of(0, 10, size=16)
    files = {
        EVAL: write_records(tmp_path, EVAL, large),
        TRAIN: write_records(tmp_path, TRAIN, large),
    }
    real = read_real_data(files, FORMAT, 10, 0)
    means = large.reshape(10, 4, 8, 2, 8, 2, 3).mean(axis=(3, 5))
    assert real.searched is not None
    shown = real.searched.read(np.arange(10))
    assert shown.shape == (10, 4, 8, 8, 3)
    np.testing.assert_allclose(shown, means, atol=1)


@pytest.mark.parametrize("other", [0, MIN_CLIPS - 1])
def test_a_single_split_is_halved_by_videos(tmp_path: Path, other: int) -> None:
    clips, videos = clips_of(0, 40), [number // 4 for number in range(40)]
    files = {TRAIN: write_records(tmp_path, TRAIN, clips, videos)}
    if other:
        files[EVAL] = write_records(tmp_path, EVAL, clips_of(1, other))
    real = read_real_data(files, FORMAT, 100, 0)
    few = f"has fewer than {MIN_CLIPS} clips" if other else "is empty"
    assert real.notes == (
        f"the eval split {few}: one half of the train split's videos is compared with the other",
    )
    assert real.split == TRAIN
    assert (len(real.held_out.clips), len(real.training.clips)) == (20, 20)
    assert not set(real.held_out.videos) & set(real.training.videos)
    assert set(names(real.held_out.clips)) | set(names(real.training.clips)) == set(names(clips))
    assert real.searched is not None
    searched = real.searched.read(np.arange(len(real.searched.thumbnails)))
    assert set(names(searched)) == set(names(real.training.clips))


def test_without_training_clips_there_is_nothing_to_copy(tmp_path: Path) -> None:
    real = read(tmp_path, eval=20)
    assert real.split == EVAL
    assert real.searched is None
    assert real.notes == (
        "the train split is empty: one half of the eval split's videos is compared with the other",
    )


def test_a_single_video_is_halved_in_the_order_of_its_clips(tmp_path: Path) -> None:
    clips = clips_of(0, 20)
    files = {TRAIN: write_records(tmp_path, TRAIN, clips, [0] * 20), EVAL: []}
    real = read_real_data(files, FORMAT, 100, 0)
    assert set(names(real.held_out.clips)) == set(names(clips[:10]))
    assert set(names(real.training.clips)) == set(names(clips[10:]))
    assert real.notes == (
        "the eval split is empty: one half of the train split's only video is compared with the other",
    )


@pytest.mark.parametrize("splits", [{}, {"train": 0}, {"train": 1}, {"eval": 1}])
def test_fewer_than_two_clips_cannot_be_compared(tmp_path: Path, splits: dict[str, int]) -> None:
    with pytest.raises(NotEnoughClips, match="at least two real clips: add videos"):
        read(tmp_path, **splits)


def test_two_clips_are_enough(tmp_path: Path) -> None:
    real = read(tmp_path, train=2)
    assert sorted(names(np.concatenate([real.held_out.clips, real.training.clips]))) == sorted(
        names(clips_of(len(TRAIN), 2))
    )
