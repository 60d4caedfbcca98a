"""Figures of digits, from probabilities by hand, and the classifier on moving digits."""

from __future__ import annotations

import numpy as np
import pytest

from mocogan.data.synthetic.handwritten_digits import Digits
from mocogan.data.synthetic.moving_digits import moving_digit_clips
from mocogan.pipeline.experiments.recipe.digit_figures import DigitClassifier, digit_figures


def probabilities(clips: list[list[int]], confidence: float = 1.0) -> np.ndarray:
    """The named digit in each frame has `confidence`, the others share the rest."""
    rest = (1 - confidence) / 9
    return np.where(np.eye(10, dtype=bool)[np.array(clips)], confidence, rest)


def test_one_frame_may_show_another_digit() -> None:
    clips = [[3, 3, 3, 3], [3, 3, 3, 5], [3, 3, 5, 5]]
    assert digit_figures(probabilities(clips), None).same_digit == pytest.approx(2 / 3)


def test_the_confidence_is_the_mean_over_the_clip() -> None:
    sure, unsure = probabilities([[1, 1]], 0.95), probabilities([[1, 1]], 0.85)
    found = digit_figures(np.concatenate([sure, unsure]), None)
    assert found.recognized == 0.5
    assert found.as_asked is None


def test_requests_and_the_rarest_digit() -> None:
    clips = [[digit, digit] for digit in range(10)]
    requested = np.arange(10)
    requested[0] = 9
    found = digit_figures(probabilities(clips), requested)
    assert (found.as_asked, found.rarest) == (0.9, 0.1)
    assert digit_figures(probabilities(clips[:9]), None).rarest == 0


@pytest.mark.exhaustive
def test_the_classifier_names_the_digits_of_other_paths() -> None:
    """Each digit is a bar of another length."""
    labels = np.arange(200) % 10
    images = np.zeros((200, 28, 28), np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[12:16, : 3 + 2 * label] = 255
    digits = Digits(images, labels)
    classifier = DigitClassifier(*moving_digit_clips(digits, 200, seed=0, num_frames=8, size=32))
    clips, named = moving_digit_clips(digits, 20, seed=1, num_frames=8, size=32)
    found = classifier.probabilities(clips)
    assert found.shape == (20, 8, 10)
    np.testing.assert_allclose(found.sum(axis=-1), 1, rtol=1e-5)
    assert (found.argmax(axis=-1) == named[:, None]).mean() > 0.5
