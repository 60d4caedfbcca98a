"""Clips that are read once and kept in memory, as bytes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from mocogan.data.progress import progress
from mocogan.data.records.keys import CATEGORY, CLIP


class KeptClips(NamedTuple):
    """N clips in the order of their files."""

    clips: np.ndarray  # [N, T, H, W, 3] uint8
    categories: np.ndarray  # [N] int64

    @tf.autograph.experimental.do_not_convert
    def take(self, rows: tf.Tensor) -> dict[str, tf.Tensor]:
        """int64 [B] in [0, N) -> {CLIP: uint8 [B, T, H, W, 3], CATEGORY: int64 [B]}."""
        # A tensor in its place would be written into the graph where a data set is rewritten, which ends at 2 GB.
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


def keep_clips(batches: tf.data.Dataset, max_bytes: int) -> KeptClips | None:
    """All clips of `batches` {CLIP: uint8 [B, T, H, W, 3], CATEGORY: int64 [B]}, which end.

    None as soon as they are more than `max_bytes`, or when the system does not give that much. Says how far it is.
    """
    room: KeptClips | None = None
    count = 0
    with progress("Clips into memory", None, "clips") as bar:
        for batch in batches.as_numpy_iterator():
            room = room or _room_for(batch, max_bytes)
            end = count + len(batch[CLIP])
            if room is None or end > len(room.clips):
                return None
            room.clips[count:end] = batch[CLIP]
            room.categories[count:end] = batch[CATEGORY]
            bar.advance(end - count)
            count = end
    return room and KeptClips(room.clips[:count], room.categories[:count])


def _room_for(batch: dict[str, Any], max_bytes: int) -> KeptClips | None:
    """Room for `max_bytes` of clips. It costs no memory before something is written there."""
    clip = batch[CLIP][0]
    most = max_bytes // clip.nbytes
    try:
        return KeptClips(np.empty((most, *clip.shape), np.uint8), np.empty(most, np.int64))
    except MemoryError:  # a limit on addresses, or a system that reserves what is asked for
        return None
