from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.samples import Sample, half_of


def test_a_part_has_the_features_and_videos_of_the_chosen_clips() -> None:
    sample = Sample({"values": np.arange(6).reshape(3, 2)}, np.array([4, 4, 7]))
    part = sample.part(np.array([True, False, True]))
    assert part.features["values"].tolist() == [[0, 1], [4, 5]]
    assert part.videos.tolist() == [4, 7]


@pytest.mark.parametrize(
    "videos",
    [
        list(range(9)),  # each clip of its own video
        [3] * 7,  # one video
        [0, 0, 0, 0, 0, 1, 2, 2, 9, 9, 9],
        [5, 1, 5, 1, 5, 1, 5, 1],  # mixed
    ],
)
def test_a_half_has_whole_videos_but_for_one(videos: list[int]) -> None:
    numbers, random = np.array(videos), np.random.default_rng(0)
    for _ in range(20):
        half = half_of(numbers, random)
        assert (half.shape, half.dtype) == (numbers.shape, bool)
        assert half.sum() == len(videos) // 2
        cut = [video for video in set(videos) if 0 < half[numbers == video].mean() < 1]
        assert len(cut) <= 1


def test_each_clip_is_chosen_about_as_often() -> None:
    videos, random = np.array([0, 0, 1, 2, 3, 3, 4, 5]), np.random.default_rng(0)
    shares = np.mean([half_of(videos, random) for _ in range(2000)], axis=0)
    assert shares == pytest.approx(np.full(8, 0.5), abs=0.1)


def test_halves_depend_on_the_generator_only() -> None:
    videos = np.arange(20)
    first, second = (half_of(videos, np.random.default_rng(3)) for _ in range(2))
    assert first.tolist() == second.tolist()
    random = np.random.default_rng(3)
    assert len({half_of(videos, random).tobytes() for _ in range(10)}) == 10
