"""How much the content of a clip changes: the mean distance of its frames in an embedding."""

from __future__ import annotations

import numpy as np


def content_change(vectors: np.ndarray) -> np.ndarray:
    """Return the mean cosine distance of two frames of each clip: [N, T, 64] unit vectors -> [N] in [0, 2]."""
    frames = vectors.shape[1]
    # The sum over all pairs is the squared length of the sum of the vectors.
    total = np.square(vectors.sum(axis=1, dtype=np.float64)).sum(axis=-1)
    return (1 - (total - frames) / (frames * (frames - 1))).astype(np.float32)
