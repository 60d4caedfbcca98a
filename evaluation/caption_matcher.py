"""How well clips fit captions, by a matcher that is fitted to real pairs. It works for any data, and needs numpy alone.

Canonical correlation analysis (Hotelling, 1936) finds directions in thumbnails of clips and in words of captions that
go together. A clip and a caption fit if they lie in the same direction of this space. R-precision asks how often the
caption of a clip fits better than others (AttnGAN, arXiv:1711.10485, section 4).
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from mocogan.evaluation.features.thumbnail import thumbnail

_MOST_TERMS = 1000  # words and pairs of words, the most frequent ones
_LEAST_COUNT = 2
_DIRECTIONS = 48
_RIDGE = 0.05  # of the mean variance, so that rare words and dark pixels do not decide
CANDIDATES = 32  # captions to choose from; a guess is right once in so many times


class CaptionMatcher:
    """Scores pairs of clips and captions."""

    def __init__(self, clips: np.ndarray, captions: Sequence[str]) -> None:
        """Fits the matcher to N real pairs: [N, T, H, W, 3] uint8, and their captions.

        Raises ValueError for fewer than 2 pairs.
        """
        if len(clips) < 2 or len(clips) != len(captions):
            raise ValueError(
                f"the matcher needs 2 or more pairs, got {len(clips)}, {len(captions)}"
            )
        counts = Counter(term for caption in captions for term in set(_terms(caption)))
        frequent = [
            term for term, count in counts.most_common(_MOST_TERMS) if count >= _LEAST_COUNT
        ]
        self._places = {term: place for place, term in enumerate(frequent)}
        pictures, texts = _pictures(clips), self._texts(captions)
        self._means = pictures.mean(axis=0), texts.mean(axis=0)
        pictures, texts = pictures - self._means[0], texts - self._means[1]
        whiten = _whitening(pictures), _whitening(texts)
        together = whiten[0].T @ (pictures.T @ texts / len(clips)) @ whiten[1]
        left, strengths, right = np.linalg.svd(together, full_matrices=False)
        strengths = np.sqrt(strengths[:_DIRECTIONS])
        self._to_space = (
            whiten[0] @ left[:, :_DIRECTIONS] * strengths,
            whiten[1] @ right[:_DIRECTIONS].T * strengths,
        )

    def scores(self, clips: np.ndarray, captions: Sequence[str]) -> np.ndarray:
        """Cosine of each clip [N, T, H, W, 3] uint8 with each of M captions: [N, M] in [-1, 1]."""
        parts = _pictures(clips), self._texts(captions)
        placed = [
            (part - mean) @ to_space
            for part, mean, to_space in zip(parts, self._means, self._to_space, strict=True)
        ]
        one, other = (
            p / np.maximum(np.linalg.norm(p, axis=1, keepdims=True), 1e-9) for p in placed
        )
        return one @ other.T

    def r_precision(
        self, clips: np.ndarray, captions: Sequence[str], more: Sequence[str] = (), seed: int = 0
    ) -> float:
        """Share of the clips whose caption fits best among CANDIDATES: its own, and others of `captions` and `more`.

        With fewer different captions, there are fewer candidates.

        Args:
            clips: N clips, [N, T, H, W, 3] uint8.
            captions: Their captions.
            more: Further captions, of other clips.
            seed: Seed of the other captions.

        Raises:
            ValueError: All captions are equal.
        """
        different = list(dict.fromkeys([*captions, *more]))
        if len(different) < 2:
            raise ValueError("R-precision needs captions that differ, got one")
        scores, random = self.scores(clips, different), np.random.default_rng(seed)
        right = []
        for row, caption in zip(scores, captions, strict=True):
            own = different.index(caption)
            others = random.permutation(np.delete(np.arange(len(different)), own))
            right.append(row[own] > row[others[: CANDIDATES - 1]].max())
        return float(np.mean(right))

    def _texts(self, captions: Sequence[str]) -> np.ndarray:
        """[N, terms] float64, 1 for a term of the caption."""
        texts = np.zeros((len(captions), max(1, len(self._places))))
        for row, caption in zip(texts, captions, strict=True):
            row[[self._places[term] for term in _terms(caption) if term in self._places]] = 1
        return texts


def _terms(caption: str) -> list[str]:
    """Words and pairs of neighbors, in lower case."""
    words = re.findall(r"\w+", caption.lower())
    return [*words, *(f"{one} {other}" for one, other in itertools.pairwise(words))]


def _pictures(clips: np.ndarray) -> np.ndarray:
    """[N, T, H, W, 3] uint8 -> thumbnails [N, D] float64 in [0, 1]."""
    return thumbnail(clips).astype(np.float64) / 255


def _whitening(centered: np.ndarray) -> np.ndarray:
    """[N, D] of mean 0 -> [D, D], after which the D values are about independent with variance 1."""
    covariance = centered.T @ centered / len(centered)
    values, vectors = np.linalg.eigh(covariance)
    ridge = _RIDGE * max(float(values.mean()), 1e-12)
    return vectors / np.sqrt(np.maximum(values, 0) + ridge)
