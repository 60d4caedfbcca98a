"""A sample of clips as metrics see it, and how it is cut into halves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mocogan.evaluation.clip_features import Features


class Sample(NamedTuple):
    """Features of N clips. Clips of the same video are not independent."""

    features: Features  # each [N, ...]
    videos: np.ndarray  # [N], a number for each video

    def part(self, chosen: slice | np.ndarray) -> Sample:
        """Return the chosen clips."""
        features = {name: array[chosen] for name, array in self.features.items()}
        return Sample(features, self.videos[chosen])


def half_of(videos: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Choose half of the clips, by whole videos as far as possible.

    Args:
        videos: The video of each clip, [N].
        random: Source of the choice.

    Returns:
        [N] bool with exactly N // 2 chosen clips. At most one video is cut.
    """
    _, numbers = np.unique(videos, return_inverse=True)
    order = random.permutation(numbers.max() + 1)[numbers]
    chosen = np.zeros(len(videos), bool)
    chosen[np.argsort(order, kind="stable")[: len(videos) // 2]] = True
    return chosen
