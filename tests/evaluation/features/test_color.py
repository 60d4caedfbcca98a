"""Histograms and their change, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.features.color import NUM_BINS, color_change, color_histogram
from tests.support.clips_of_levels import clips_of_levels


def test_the_histogram_has_the_roots_of_the_shares() -> None:
    clip = np.zeros((1, 2, 4, 4, 3), np.uint8)
    clip[0, :, :2] = 255
    clip[0, 1, 3, 3] = (255, 0, 128)
    histogram = color_histogram(clip)
    assert (histogram.shape, histogram.dtype) == ((1, NUM_BINS), np.float32)
    squares = np.square(histogram[0])
    assert squares[0] == pytest.approx(15 / 32)
    assert squares[63] == pytest.approx(1 / 2)
    assert squares[3 * 16 + 0 * 4 + 2] == pytest.approx(1 / 32)  # red 3, green 0, blue 2
    assert squares.sum() == pytest.approx(1)


def test_each_channel_has_four_levels() -> None:
    levels = clips_of_levels([[0], [63], [64], [127], [128], [191], [192], [255]])
    bins = color_histogram(levels).argmax(axis=1)
    assert bins.tolist() == [0, 0, 21, 21, 42, 42, 63, 63]


def test_histograms_see_neither_place_nor_time() -> None:
    random = np.random.default_rng(0)
    clips = random.integers(0, 256, (2, 4, 8, 8, 3), dtype=np.uint8)
    moved = np.roll(clips[:, ::-1], 3, axis=3)
    assert color_histogram(moved).tolist() == color_histogram(clips).tolist()
    assert color_change(moved) == pytest.approx(color_change(clips))
    assert np.abs(color_histogram(clips[..., ::-1]) - color_histogram(clips)).max() > 0.01


def test_the_change_is_the_mean_over_all_pairs_of_frames() -> None:
    # Black, black, white: of three pairs, two have nothing in common.
    assert color_change(clips_of_levels([[0, 0, 255]])).tolist() == [pytest.approx(2 / 3)]
    half = np.zeros((1, 2, 2, 2, 3), np.uint8)
    half[0, 1, 0] = 255
    # The overlap of {1} and {1/2, 1/2} is sqrt(1/2). Hellinger's distance is sqrt(1 - overlap).
    assert color_change(half).tolist() == [pytest.approx(np.sqrt(1 - np.sqrt(0.5)))]


def test_frozen_clips_do_not_change_at_all() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (30, 1, 7, 9, 3), dtype=np.uint8)
    assert color_change(picture.repeat(5, axis=1)).tolist() == [0.0] * 30
