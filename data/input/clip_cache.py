"""A cache of all clips in memory.

The clips are read and transformed once. They are stored as uint8, which needs a quarter of the memory of
float32. Batches then copy rows out of one array.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from mocogan.data.progress import progress
from mocogan.data.records.keys import CLIP


class ClipCache(NamedTuple):
    """N clips in the order of their files."""

    clips: np.ndarray  # [N, T, H, W, 3] uint8
    others: dict[str, np.ndarray]  # the other features of the clips, [N, ...]

    @classmethod
    def read(cls, batches: tf.data.Dataset, max_bytes: int) -> ClipCache | None:
        """Reads the finite `batches` {CLIP: uint8 [B, T, H, W, 3], CATEGORY: int64 [B], ...} and shows progress.

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
                for name, array in cache.arrays.items():
                    array[count:end] = batch[name]
                bar.advance(end - count)
                count = end
        return cache and ClipCache(
            cache.clips[:count], {name: array[:count] for name, array in cache.others.items()}
        )

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """All features by name, with CLIP."""
        return {CLIP: self.clips, **self.others}

    @tf.autograph.experimental.do_not_convert
    def batch(self, rows: tf.Tensor) -> dict[str, tf.Tensor]:
        """int64 [B] in [0, N) -> {CLIP: uint8 [B, T, H, W, 3], CATEGORY: int64 [B], ...}."""
        arrays = self.arrays
        # As a tensor the clips would become a constant of the graph, which is limited to 2 GB.
        taken = tf.numpy_function(
            lambda rows: [array[rows] for array in arrays.values()],
            [rows],
            [tf.as_dtype(array.dtype) for array in arrays.values()],
            stateful=False,
        )
        return {
            name: tf.ensure_shape(tensor, [rows.shape[0], *array.shape[1:]])
            for (name, array), tensor in zip(arrays.items(), taken, strict=True)
        }


def _allocated(batch: dict[str, Any], max_bytes: int) -> ClipCache | None:
    """Allocates an empty cache of `max_bytes`. Pages need no memory until they are written to."""
    clips = batch[CLIP]
    capacity = max_bytes // clips[0].nbytes
    try:
        return ClipCache(
            np.empty((capacity, *clips.shape[1:]), clips.dtype),
            {
                name: np.empty((capacity, *array.shape[1:]), array.dtype)
                for name, array in batch.items()
                if name != CLIP
            },
        )
    except MemoryError:  # the address space is limited, or the system does not overcommit memory
        return None
