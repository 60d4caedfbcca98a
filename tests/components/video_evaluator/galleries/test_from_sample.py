"""Galleries of the worst clips, and of real clips that no generated clip is near to."""

from __future__ import annotations

import numpy as np

from mocogan.components.video_evaluator.galleries.from_sample import (
    extreme_galleries,
    generated_gallery,
    real_gallery,
)
from mocogan.components.video_evaluator.real_data import RealData
from mocogan.data.input.selected_clips import NO_CAPTION, RealClips
from mocogan.evaluation.samples import Sample

LABELS = np.array(["a"] * 10 + ["b"] * 2, object)


def clips_of(numbers: np.ndarray) -> np.ndarray:
    """[N] -> [N, 2, 4, 4, 3]: clips whose level is their number."""
    return np.broadcast_to(numbers[:, None, None, None, None], (len(numbers), 2, 4, 4, 3)).astype(
        np.uint8
    )


def sample(places: list[float]) -> Sample:
    features = np.array(places, np.float32)[:, None].repeat(2, axis=1)
    return Sample({"neighborhood": features}, np.arange(len(places)))


def real_data(labels: np.ndarray = LABELS) -> RealData:
    numbers = np.arange(len(labels))
    held_out = RealClips(clips_of(numbers), numbers, labels, np.full(len(labels), NO_CAPTION))
    return RealData(held_out, held_out, None, "eval", (), fps=8.0)


def test_the_farthest_clips_come_first() -> None:
    # Ten real clips are near 0. Generated clips are near 0 too, but for one at 50.
    reference = sample([*np.linspace(0, 1, 10)])
    generated = sample([0.1, 0.5, 50.0, 0.9])
    clips = clips_of(np.arange(4))
    worst, *_ = extreme_galleries(clips, generated, reference, real_data())
    assert worst.gallery.clips == 4
    assert worst.clips[0, 0, 0, 0, 0] == 2  # the one at 50
    assert worst.gallery.captions[0] == "distance 441.0"  # 49 / (1 / 9)


def test_a_real_clip_is_uncovered_if_nothing_is_in_its_neighborhood() -> None:
    reference = sample([*np.linspace(0, 1, 6), *np.linspace(100, 101, 6)])
    _, uncovered = extreme_galleries(
        clips_of(np.arange(2)), sample([0.2, 0.8]), reference, real_data()
    )
    assert uncovered.clips[:, 0, 0, 0, 0].min() >= 6
    assert uncovered.gallery.clips == 6
    assert set(uncovered.gallery.captions) == {"a", "b"}
    all_covered = extreme_galleries(clips_of(np.arange(12)), reference, reference, real_data())
    assert [part.gallery.name for part in all_covered] == ["worst"]


def test_captions_are_the_classes_that_were_asked_for() -> None:
    real, clips = real_data(), clips_of(np.arange(12))
    assert generated_gallery(clips, real, True, 11).gallery.captions[9:] == ("a", "b")
    assert generated_gallery(clips, real, False, 11).gallery.captions == ()
    assert real_gallery(real, 3).gallery.captions == ("a", "a", "a")
    unlabeled = real_data(np.array(["(none)"] * 12, object))
    assert real_gallery(unlabeled, 3).gallery.captions == ()
    assert real_gallery(real, 3).gallery.fps == 8.0
