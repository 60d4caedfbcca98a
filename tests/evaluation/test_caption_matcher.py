from __future__ import annotations

import numpy as np
import pytest

from mocogan.data.synthetic.captioned_shapes import all_combinations, caption_of, captioned_clips
from mocogan.evaluation.caption_matcher import CANDIDATES, CaptionMatcher


def pairs(count: int, seed: int) -> tuple[np.ndarray, list[str]]:
    combinations = all_combinations()
    chosen = np.random.default_rng(seed).integers(len(combinations), size=count)
    asked = [combinations[n] for n in chosen]
    return captioned_clips(asked, seed, 4, 16), [caption_of(each) for each in asked]


@pytest.fixture(scope="module")
def matcher() -> CaptionMatcher:
    return CaptionMatcher(*pairs(400, seed=0))


def test_own_captions_fit_better_than_others(matcher: CaptionMatcher) -> None:
    clips, captions = pairs(100, seed=1)
    real = matcher.r_precision(clips, captions)
    assert real > 0.35
    wrong = matcher.r_precision(clips, captions[1:] + captions[:1])
    assert wrong < 5 / CANDIDATES
    noise = np.random.default_rng(2).integers(256, size=clips.shape).astype(np.uint8)
    assert matcher.r_precision(noise, captions) < 5 / CANDIDATES


def test_few_captions_can_compete_with_more_captions(matcher: CaptionMatcher) -> None:
    clips, two = pairs(2, seed=3)
    noise = np.random.default_rng(4).integers(256, size=(64, *clips.shape[1:])).astype(np.uint8)
    asked = [two[n % 2] for n in range(64)]
    everything = [caption_of(each) for each in all_combinations()]
    assert matcher.r_precision(noise, asked) > 1 / 4
    assert matcher.r_precision(noise, asked, everything) < 5 / CANDIDATES


def test_a_word_moves_the_score(matcher: CaptionMatcher) -> None:
    red = next(a for a in all_combinations() if a.color == "red" and a.size == "large")
    clip = captioned_clips([red], 5, 4, 16)
    same, other = matcher.scores(clip, [caption_of(red), caption_of(red._replace(color="blue"))])[0]
    assert same > other + 0.05


def test_too_little_to_compare_is_refused() -> None:
    clips, captions = pairs(2, seed=0)
    with pytest.raises(ValueError, match="2 or more pairs, got 1, 1"):
        CaptionMatcher(clips[:1], captions[:1])
    with pytest.raises(ValueError, match="captions that differ"):
        CaptionMatcher(clips, captions).r_precision(clips, ["a", "a"])
