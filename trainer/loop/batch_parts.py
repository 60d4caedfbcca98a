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

from mocogan.trainer.optimizer.gradient_accumulation import GradientSums
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import STEPS, TrainingState

Losses = dict[str, tf.Tensor]  # scalars, float32


class Gradients(NamedTuple):
    """Losses and gradients of a batch or of a part of it."""

    losses: Losses
    generator: list[tf.Tensor]  # in the order of `state.generator_variables`
    discriminators: list[tf.Tensor]  # in the order of `state.discriminator_variables`


# (clips, categories, random stream, whether to add gradient penalties) -> Gradients
PartGradients = Callable[[tf.Tensor, tf.Tensor, RandomStream, bool], Gradients]
# (mean gradients, categories of the whole batch)
Update = Callable[[Gradients, tf.Tensor], None]


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

    def __call__(self, clips: tf.Tensor, categories: tf.Tensor, penalize: bool) -> Losses:
        """Run one step on a batch, [B, T, H, W, 3] uint8, [B] int64. Returns losses averaged over all parts.

        The batch is the global one, or the rows of this process.
        """
        if self._accumulation_steps == 1:
            return self._traced(clips, categories, penalize)
        # Each part is a separate call. The compile time of a single graph would grow with the number of parts.
        losses = [
            self._traced_part(clips, categories, number, penalize) for number in self._numbers
        ]
        self._traced_end(categories)
        return tf.nest.map_structure(lambda *parts: tf.add_n(parts) / len(parts), *losses)

    @property
    def traces(self) -> int:
        """Number of times that a function was traced and compiled."""
        functions = (self._traced, self._traced_part, self._traced_end)
        return sum(int(function.experimental_get_tracing_count()) for function in functions)

    def _at_once(self, clips: tf.Tensor, categories: tf.Tensor, penalize: bool) -> Losses:
        def on_replica(clips: tf.Tensor, categories: tf.Tensor) -> Losses:
            gradients = self._gradients(*self._part(clips, categories, 0), penalize)
            gradients = self._distribution.mean(gradients)
            self._update(gradients, self._all_categories(categories))
            return gradients.losses

        return self._distribution.run(on_replica, clips, categories)

    def _accumulate(
        self, clips: tf.Tensor, categories: tf.Tensor, number: tf.Tensor, penalize: bool
    ) -> Losses:
        def on_replica(clips: tf.Tensor, categories: tf.Tensor) -> Losses:
            gradients = self._gradients(*self._part(clips, categories, number), penalize)
            self._generator_sums.add(gradients.generator)
            self._discriminator_sums.add(gradients.discriminators)
            losses: Losses = self._distribution.mean(gradients.losses)
            return losses

        return self._distribution.run(on_replica, clips, categories)

    def _apply_sums(self, categories: tf.Tensor) -> None:
        def on_replica(categories: tf.Tensor) -> None:
            sums = Gradients({}, self._generator_sums.take(), self._discriminator_sums.take())
            sums = self._distribution.mean(sums)
            mean = tf.nest.map_structure(lambda total: total / self._accumulation_steps, sums)
            self._update(mean, self._all_categories(categories))

        self._distribution.run(on_replica, categories)

    def _part(
        self, clips: tf.Tensor, categories: tf.Tensor, number: int | tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, RandomStream]:
        """Clips, categories and random stream of this replica's part `number`."""
        parts = self._distribution.replicas * self._accumulation_steps
        part = number + self._distribution.replica * self._accumulation_steps
        random = RandomStream(self._seed, STEPS, self._state.step, part=part, parts=parts)
        if parts > 1:
            parts_here = parts // self._readers(clips)
            clips = tf.reshape(clips, [parts_here, -1, *clips.shape[1:]])[part % parts_here]
            categories = tf.reshape(categories, [parts_here, -1])[part % parts_here]
        return clips, categories, random

    def _all_categories(self, categories: tf.Tensor) -> tf.Tensor:
        """Categories of this process's batch -> those of the global batch."""
        readers = self._readers(categories)
        if readers == 1:
            return categories
        replicas_here = self._distribution.replicas // readers
        rows = tf.reshape(categories, [replicas_here, -1])
        return self._distribution.gather(rows[self._distribution.replica % replicas_here])

    def _readers(self, batch: tf.Tensor) -> int:
        """How many processes have the rows of the global batch: 1 if this one has all of them."""
        processes = self._distribution.processes
        return processes if batch.shape[0] * processes == self._batch_size else 1
