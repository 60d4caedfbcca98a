"""The captions of a step: one of each clip's own, another of its own, and a wrong one from another clip."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from mocogan.data.input.captions import NO_WORD
from mocogan.trainer.networks.discriminator import TICKETS
from mocogan.trainer.runtime.randomness import RandomStream


class Captions(NamedTuple):
    """Ids of words of B clips, int64 [B, words]."""

    right: tf.Tensor  # without words for a clip without a caption
    wrong: (
        tf.Tensor
    )  # of another clip; without words if the batch has none that is wrong for the clip
    other: tf.Tensor  # of the clip too; without words if it has none that differs from `right`

    @property
    def has_wrong(self) -> tf.Tensor:
        """Which clips have a wrong caption, bool [B]."""
        return self.wrong[:, 0] != NO_WORD

    @property
    def has_other(self) -> tf.Tensor:
        """Which clips have another caption, bool [B]."""
        return self.other[:, 0] != NO_WORD


def choose_captions(tokens: tf.Tensor, random: RandomStream) -> Captions:
    """Draw the captions of a step.

    A wrong caption is the drawn caption of another clip. It differs from all captions of the clip that it is for.

    Args:
        tokens: Captions of the whole batch, int64 [B, captions, words]. A caption without words is none.
        random: Stream of the whole batch.
    """
    count = tf.shape(tokens)[0]
    right = _draw_one(tokens, tokens[..., 0] != NO_WORD, random)
    has_one = right[:, 0] != NO_WORD
    own = tf.reduce_all(tokens[:, tf.newaxis] == right[tf.newaxis, :, tf.newaxis], axis=-1)
    differs = ~tf.reduce_any(own, axis=-1)  # [B of the clip, B of the caption]
    others = tf.tile(right[tf.newaxis], [count, 1, 1])
    wrong = _draw_one(others, differs & has_one & has_one[:, tf.newaxis], random)
    is_other = tf.reduce_any(tokens != right[:, tf.newaxis], axis=-1)
    other = _draw_one(tokens, is_other & (tokens[..., 0] != NO_WORD), random)
    return Captions(right, wrong, other)


def _draw_one(captions: tf.Tensor, allowed: tf.Tensor, random: RandomStream) -> tf.Tensor:
    """An allowed caption of each row: [B, C, words], bool [B, C] -> [B, words], without words where none is allowed."""
    rows, columns = tf.unstack(tf.shape(allowed))
    tickets = random.integers([rows, columns], TICKETS)
    drawn = tf.argmax(tf.where(allowed, tickets, -1), axis=1)
    chosen = tf.gather(captions, drawn, axis=1, batch_dims=1)
    return tf.where(tf.reduce_any(allowed, axis=1, keepdims=True), chosen, NO_WORD)
