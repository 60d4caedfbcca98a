"""Runs a training step on parts of the batch.

Each replica (device) gets an equal share of the global batch. If each process reads its own clips, a process has only
its rows of the global batch, which are those of its replicas. With gradient accumulation, it splits its share again and
processes these parts one after the other. The gradients of all parts are averaged before a single weight update.
The step passes in two functions: `gradients` handles one part, and `update` applies the mean gradients.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from mocogan.trainer.loop.caption_choice import Captions, choose_captions
from mocogan.trainer.optimizer.gradient_accumulation import GradientSums
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import STEPS, TrainingState

Losses = dict[str, tf.Tensor]  # scalars, float32
# Clips and categories, and tokens of captions if there are any. Without the clips: the labels.
Batch = tuple[tf.Tensor, ...]
CAPTIONS = 1  # the stream of a step that captions are chosen with, apart from all others


class Gradients(NamedTuple):
    """Losses and gradients of a batch or of a part of it."""

    losses: Losses
    generator: list[tf.Tensor]  # in the order of `state.generator_variables`
    discriminators: list[tf.Tensor]  # in the order of `state.discriminator_variables`


# (clips, categories, random stream, whether to add gradient penalties, captions if there are any) -> Gradients
PartGradients = Callable[..., Gradients]
# (mean gradients, categories of the whole batch, its captions if there are any)
Update = Callable[..., None]


class BatchParts:
    """Computes `gradients` on each part of a batch, then calls `update` once on each replica. Both run as graphs."""

    def __init__(
        self,
        gradients: PartGradients,
        update: Update,
        *,
        state: TrainingState,
        seed: int,
        batch_size: int,
        accumulation_steps: int,
    ) -> None:
        """`batch_size`: clips of the global batch."""
        self._gradients, self._update = gradients, update
        self._state = state
        self._distribution = state.distribution
        self._seed = seed
        self._batch_size = batch_size
        self._accumulation_steps = accumulation_steps
        self._numbers = tf.range(accumulation_steps, dtype=tf.int64)
        if accumulation_steps > 1:
            with self._distribution.scope():
                self._generator_sums = GradientSums(state.generator_variables)
                self._discriminator_sums = GradientSums(state.discriminator_variables)
        self._traced = tf.function(self._at_once, autograph=False)
        self._traced_part = tf.function(self._accumulate, autograph=False)
        self._traced_end = tf.function(self._apply_sums, autograph=False)

    def __call__(
        self,
        clips: tf.Tensor,
        categories: tf.Tensor,
        penalize: bool,
        tokens: tf.Tensor | None = None,
    ) -> Losses:
        """Run one step on a batch, [B, T, H, W, 3] uint8, [B] int64. Returns losses averaged over all parts.

        The batch is the global one, or the rows of this process.
        `tokens`: captions of the clips, int64 [B, captions, words]. None: the networks have no captions.
        """
        batch = (clips, categories) if tokens is None else (clips, categories, tokens)
        if self._accumulation_steps == 1:
            return self._traced(batch, penalize)
        # Each part is a separate call. The compile time of a single graph would grow with the number of parts.
        losses = [self._traced_part(batch, number, penalize) for number in self._numbers]
        self._traced_end(batch[1:])
        return tf.nest.map_structure(lambda *parts: tf.add_n(parts) / len(parts), *losses)

    @property
    def traces(self) -> int:
        """Number of times that a function was traced and compiled."""
        functions = (self._traced, self._traced_part, self._traced_end)
        return sum(int(function.experimental_get_tracing_count()) for function in functions)

    def _at_once(self, batch: Batch, penalize: bool) -> Losses:
        def on_replica(*batch: tf.Tensor) -> Losses:
            gradients = self._part_gradients(batch, 0, penalize)
            gradients = self._distribution.mean(gradients)
            self._update(gradients, *self._labels(batch[1:]))
            return gradients.losses

        return self._distribution.run(on_replica, *batch)

    def _accumulate(self, batch: Batch, number: tf.Tensor, penalize: bool) -> Losses:
        def on_replica(*batch: tf.Tensor) -> Losses:
            gradients = self._part_gradients(batch, number, penalize)
            self._generator_sums.add(gradients.generator)
            self._discriminator_sums.add(gradients.discriminators)
            losses: Losses = self._distribution.mean(gradients.losses)
            return losses

        return self._distribution.run(on_replica, *batch)

    def _apply_sums(self, labels: Batch) -> None:
        def on_replica(*labels: tf.Tensor) -> None:
            sums = Gradients({}, self._generator_sums.take(), self._discriminator_sums.take())
            sums = self._distribution.mean(sums)
            mean = tf.nest.map_structure(lambda total: total / self._accumulation_steps, sums)
            self._update(mean, *self._labels(labels))

        self._distribution.run(on_replica, *labels)

    def _part_gradients(self, batch: Batch, number: int | tf.Tensor, penalize: bool) -> Gradients:
        """Gradients of this replica's part `number`, with its own rows and its random stream."""
        parts = self._distribution.replicas * self._accumulation_steps
        part = number + self._distribution.replica * self._accumulation_steps
        random = RandomStream(self._seed, STEPS, self._state.step, part=part, parts=parts)
        parts_here = parts // self._readers(batch[0])
        clips, categories = (_part(array, part % parts_here, parts_here) for array in batch[:2])
        captions = (self._captions(tokens) for tokens in batch[2:])
        own_captions = tf.nest.map_structure(
            lambda array: _part(array, part, parts), list(captions)
        )
        return self._gradients(clips, categories, random, penalize, *own_captions)

    def _labels(self, labels: Batch) -> tuple[tf.Tensor | Captions, ...]:
        """Categories, and the captions of this step if there are any, of the global batch."""
        categories, *tokens = labels
        return (self._of_all(categories), *map(self._captions, tokens))

    def _captions(self, tokens: tf.Tensor) -> Captions:
        """The captions of this step. They are chosen for the global batch, so that each has a wrong one."""
        random = RandomStream(self._seed, STEPS, self._state.step, CAPTIONS)
        return choose_captions(self._of_all(tokens), random)

    def _of_all(self, rows: tf.Tensor) -> tf.Tensor:
        """Rows of this process's batch -> those of the global batch."""
        readers = self._readers(rows)
        if readers == 1:
            return rows
        replicas_here = self._distribution.replicas // readers
        # TensorFlow cannot gather an argument as it is, so this is computed for a single replica too.
        own = tf.reshape(rows, [replicas_here, -1, *rows.shape[1:]])
        return self._distribution.gather(own[self._distribution.replica % replicas_here])

    def _readers(self, batch: tf.Tensor) -> int:
        """How many processes have the rows of the global batch: 1 if this one has all of them."""
        processes = self._distribution.processes
        return processes if batch.shape[0] * processes == self._batch_size else 1


def _part(rows: tf.Tensor, number: int | tf.Tensor, count: int) -> tf.Tensor:
    """One of `count` equal parts of an array of rows."""
    return tf.reshape(rows, [count, -1, *rows.shape[1:]])[number] if count > 1 else rows
