"""All clips of a data set in memory, as uint8: a quarter of the bytes of floats."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from mocogan.data.progress import progress
from mocogan.data.records.keys import CATEGORY, CLIP


class ClipCache(NamedTuple):
    """N clips in the order of their files."""

    clips: np.ndarray  # [N, T, H, W, 3] uint8
    categories: np.ndarray  # [N] int64

    @classmethod
    def read(cls, batches: tf.data.Dataset, max_bytes: int) -> ClipCache | None:
        """All clips of `batches` {CLIP: uint8 [B, T, H, W, 3], CATEGORY: int64 [B]}, which end.

        None when they take more than `max_bytes`, or when the system does not give that much. Shows
        its progress.
        """
        cache: ClipCache | None = None
        count = 0
        with progress("Clips into memory", None, "clips") as bar:
            for batch in batches.as_numpy_iterator():
                cache = cache or _allocated(batch, max_bytes)
                end = count + len(batch[CLIP])
                if cache is None or end > len(cache.clips):
                    return None
                cache.clips[count:end] = batch[CLIP]
                cache.categories[count:end] = batch[CATEGORY]
                bar.advance(end - count)
                count = end
        return cache and ClipCache(cache.clips[:count], cache.categories[:count])

    @tf.autograph.experimental.do_not_convert
    def batch(self, rows: tf.Tensor) -> dict[str, tf.Tensor]:
        """int64 [B] in [0, N) -> {CLIP: uint8 [B, T, H, W, 3], CATEGORY: int64 [B]}."""
        # A tensor would become a constant of the data set's graph, which may not exceed 2 GB.
        clips, categories = tf.numpy_function(
            lambda rows: (self.clips[rows], self.categories[rows]),
            [rows],
            [tf.uint8, tf.int64],
            stateful=False,
        )
        return {
            CLIP: tf.ensure_shape(clips, [rows.shape[0], *self.clips.shape[1:]]),
            CATEGORY: tf.ensure_shape(categories, rows.shape),
        }


def _allocated(batch: dict[str, Any], max_bytes: int) -> ClipCache | None:
    """A cache of `max_bytes` to fill. A page takes no memory before something is written to it."""
    clip = batch[CLIP][0]
    capacity = max_bytes // clip.nbytes
    try:
        return ClipCache(np.empty((capacity, *clip.shape), np.uint8), np.empty(capacity, np.int64))
    except MemoryError:  # a limit on addresses, or a system that reserves what is asked for
        return None
