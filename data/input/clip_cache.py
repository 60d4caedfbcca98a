"""A cache of all clips in memory.

The clips are read and transformed once. They are stored as uint8, which needs a quarter of the memory of
float32. Batches then copy rows out of one array.
"""

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
        """Reads the finite `batches` {CLIP: uint8 [B, T, H, W, 3], CATEGORY: int64 [B]} and shows progress.

        Returns None when the clips need more than `max_bytes`, or when the system cannot allocate them.
        """
        cache: ClipCache | None = None
        count = 0
        with progress("Loading clips into memory", None, "clips") as bar:
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
        # As a tensor the clips would become a constant of the graph, which is limited to 2 GB.
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
    """Allocates an empty cache of `max_bytes`. Pages need no memory until they are written to."""
    clip = batch[CLIP][0]
    capacity = max_bytes // clip.nbytes
    try:
        return ClipCache(np.empty((capacity, *clip.shape), np.uint8), np.empty(capacity, np.int64))
    except MemoryError:  # the address space is limited, or the system does not overcommit memory
        return None
