"""One step: both sides updated from one batch, the discriminators perhaps more often; then average and counts."""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.checkpoints.divergence import all_finite
from mocogan.trainer.config import HyperParameters
from mocogan.trainer.loop.gradients import Figures, Gradients, StepGradients
from mocogan.trainer.optimizer.gradient_sums import GradientSums
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import STEPS, TrainingState, update_average

_EMA_WARM_UP = 10.0  # steps


class TrainStep:
    """Updates a TrainingState from batches of real clips, as traced functions: with and without penalties.

    Of its updates the last one is joint: of both sides, from the same fakes. Those before it are of the discriminators.
    """

    def __init__(
        self, hyperparameters: HyperParameters, state: TrainingState, dtype: tf.DType
    ) -> None:
        """`dtype`: of the convolutions; in float16 the gradients are scaled.

        Raises ValueError for a batch size that the devices and their parts cannot share.
        """
        replicas, accumulate = state.distribution.replicas, hyperparameters.accumulate
        if hyperparameters.batch_size % (replicas * accumulate):
            raise ValueError(
                f"trainer.batch_size={hyperparameters.batch_size} is no multiple of {replicas} devices times "
                f"trainer.accumulate={accumulate}: make it a multiple of {replicas * accumulate}"
            )
        self._hyperparameters = hyperparameters
        self._state = state
        self._gradients = StepGradients(hyperparameters, state, dtype)
        self._scaled = dtype == tf.float16
        self._penalised = hyperparameters.r1_weight > 0 or hyperparameters.r2_weight > 0
        self._updates = tf.range(hyperparameters.discriminator_updates, dtype=tf.int64)
        self._parts = tf.range(accumulate, dtype=tf.int64)
        if accumulate > 1:
            with state.distribution.scope():
                self._generator_sums = GradientSums(state.generator_variables)
                self._discriminator_sums = GradientSums(state.discriminator_variables)
        self._traced = tf.function(self._step, autograph=False)
        self._traced_part = tf.function(self._add_part, autograph=False)
        self._traced_end = tf.function(self._end_of_parts, autograph=False)

    def __call__(self, clips: tf.Tensor, categories: tf.Tensor, step: int) -> Figures:
        """Global batch [B, T, H, W, 3] uint8, [B] int64, number of this step -> scalar float32 losses.

        `step` decides whether this one carries the penalties; reading it from the state would wait for the device.
        """
        penalise = self._penalised and step % self._hyperparameters.penalty_every == 0
        if self._hyperparameters.accumulate == 1:
            return self._traced(clips, categories, penalise)
        *further, last = self._updates
        for update in further:
            self._update_in_parts(clips, categories, update, penalise, joint=False)
        return self._update_in_parts(clips, categories, last, penalise, joint=True)

    @property
    def traces(self) -> int:
        """How often the step was traced and compiled so far."""
        functions = (self._traced, self._traced_part, self._traced_end)
        return sum(int(function.experimental_get_tracing_count()) for function in functions)

    def _update_in_parts(
        self,
        clips: tf.Tensor,
        categories: tf.Tensor,
        update: tf.Tensor,
        penalise: bool,
        joint: bool,
    ) -> Figures:
        # A call each, as one graph of all parts would be as many times as long to compile.
        figures = [
            self._traced_part(clips, categories, part, update, penalise, joint)
            for part in self._parts
        ]
        return self._traced_end(categories, figures, joint)

    def _step(self, clips: tf.Tensor, categories: tf.Tensor, penalise: bool) -> Figures:
        """The step of a batch that each replica takes in one part."""
        last = self._hyperparameters.discriminator_updates - 1

        def on_replica(clips: tf.Tensor, categories: tf.Tensor) -> Figures:
            for update in range(last):
                self._apply(
                    self._mean_of_replicas(clips, categories, update, penalise, joint=False)
                )
            gradients = self._mean_of_replicas(clips, categories, last, penalise, joint=True)
            self._apply(gradients)
            self._end(categories)
            return gradients.figures

        return self._state.distribution.run(on_replica, clips, categories)

    def _mean_of_replicas(
        self, clips: tf.Tensor, categories: tf.Tensor, update: int, penalise: bool, joint: bool
    ) -> Gradients:
        gradients = self._of_part(clips, categories, 0, update, penalise, joint)
        mean: Gradients = self._state.distribution.mean(gradients)
        return mean

    def _add_part(
        self,
        clips: tf.Tensor,
        categories: tf.Tensor,
        part: tf.Tensor,
        update: tf.Tensor,
        penalise: bool,
        joint: bool,
    ) -> Figures:
        """Adds the gradients of a part to the sums, on each replica of its own part."""

        def on_replica(clips: tf.Tensor, categories: tf.Tensor) -> Figures:
            gradients = self._of_part(clips, categories, part, update, penalise, joint)
            self._discriminator_sums.add(gradients.discriminator)
            if not joint:
                return {}
            self._generator_sums.add(gradients.generator)
            figures: Figures = self._state.distribution.mean(gradients.figures)
            return figures

        return self._state.distribution.run(on_replica, clips, categories)

    def _end_of_parts(self, categories: tf.Tensor, figures: list[Figures], joint: bool) -> Figures:
        def on_replica(categories: tf.Tensor) -> None:
            of_generator = self._generator_sums.take() if joint else []
            sums = Gradients({}, of_generator, self._discriminator_sums.take())
            sums = self._state.distribution.mean(sums)
            self._apply(tf.nest.map_structure(lambda total: total / len(figures), sums))
            if joint:
                self._end(categories)

        self._state.distribution.run(on_replica, categories)
        return tf.nest.map_structure(lambda *parts: tf.add_n(parts) / len(figures), *figures)

    def _of_part(
        self,
        clips: tf.Tensor,
        categories: tf.Tensor,
        part: int | tf.Tensor,
        update: int | tf.Tensor,
        penalise: bool,
        joint: bool,
    ) -> Gradients:
        """Of part number `part` of those that this replica computes in turn."""
        state, seed, accumulate = (
            self._state,
            self._hyperparameters.seed,
            self._hyperparameters.accumulate,
        )
        parts = state.distribution.replicas * accumulate
        part += state.distribution.replica * accumulate
        # A stream for each update: parts come back to one in calls of their own.
        random = RandomStream(seed, STEPS, state.step, update, part=part, parts=parts)
        if parts > 1:
            clips = tf.reshape(clips, [parts, -1, *clips.shape[1:]])[part]
            categories = tf.reshape(categories, [parts, -1])[part]
        scale = state.loss_scale.scale.read_value() if self._scaled else None
        arguments = clips, self._one_hot(categories), random, penalise, scale
        if joint:
            return self._gradients(*arguments)
        return Gradients({}, [], self._gradients.of_discriminators(*arguments))

    def _one_hot(self, categories: tf.Tensor) -> tf.Tensor:
        return tf.one_hot(categories, self._state.class_counts.shape[0])

    def _apply(self, gradients: Gradients) -> None:
        """Moves the weights, unless gradients that are scaled have overflown."""
        generator, discriminator = gradients.generator, gradients.discriminator
        if not self._scaled:
            self._update(generator, discriminator)
            return
        scale = self._state.loss_scale
        generator, discriminator = scale.unscaled(generator), scale.unscaled(discriminator)
        finite = all_finite([*generator, *discriminator])
        tf.cond(finite, lambda: self._update(generator, discriminator), lambda: None)
        scale.follow(finite)

    def _update(self, generator: list[tf.Tensor], discriminator: list[tf.Tensor]) -> None:
        """Of the discriminators, and of the generator if there are gradients of it."""
        state = self._state
        share = rate_share(self._hyperparameters, state.step)
        state.discriminator_optimizer.apply(discriminator, share)
        for judge in (state.image_discriminator, state.video_discriminator):
            if judge:
                judge.iterate_norms()
        if generator:
            state.generator_optimizer.apply(generator, share)

    def _end(self, categories: tf.Tensor) -> None:
        """The average and the counts."""
        state = self._state
        # Early on the average follows closely, or the first weights would stay in it for long.
        updates = tf.cast(state.step, tf.float32)
        decay = tf.minimum(self._hyperparameters.ema_decay, updates / (updates + _EMA_WARM_UP))
        update_average(state.ema_generator, state.generator, decay)
        counts = tf.reduce_sum(self._one_hot(categories), axis=0)
        state.class_counts.assign_add(tf.cast(counts, tf.int64))
        state.step.assign_add(1)


def rate_share(hyperparameters: HyperParameters, step: tf.Tensor) -> tf.Tensor | float:
    """Of the learning rates that is left at a step, an int64 scalar."""
    hold, half_life = hyperparameters.learning_rate_hold, hyperparameters.learning_rate_half_life
    if half_life is None:
        return 1.0
    return tf.pow(0.5, tf.cast(tf.maximum(step - hold, 0), tf.float32) / half_life)
