"""One step: both sides updated from one batch, the discriminators perhaps more often; then average and counts."""

from __future__ import annotations

import tensorflow as tf

from trainer.gradients import Figures, StepGradients
from trainer.hyperparameters import HyperParameters
from trainer.randomness import RandomStream
from trainer.training_state import STEPS, TrainingState, update_average

_EMA_WARM_UP = 10.0  # steps


class TrainStep:
    """Updates a TrainingState from batches of real clips, as two traced functions: with and without penalties."""

    def __init__(
        self, hyperparameters: HyperParameters, state: TrainingState, dtype: tf.DType
    ) -> None:
        """`dtype`: of the convolutions."""
        self._hyperparameters = hyperparameters
        self._state = state
        self._gradients = StepGradients(hyperparameters, state, dtype)
        self._penalised = hyperparameters.r1_weight > 0 or hyperparameters.r2_weight > 0
        self._traced = tf.function(self._step)

    def __call__(self, clips: tf.Tensor, categories: tf.Tensor, step: int) -> Figures:
        """[B, T, H, W, 3] uint8, [B] int64, number of this step -> scalar float32 losses.

        `step` decides whether this one carries the penalties; reading it from the state would wait for the device.
        """
        penalise = self._penalised and step % self._hyperparameters.penalty_every == 0
        return self._traced(clips, categories, penalise)

    @property
    def traces(self) -> int:
        """How often the step was traced and compiled so far."""
        return int(self._traced.experimental_get_tracing_count())

    def _step(self, clips: tf.Tensor, categories: tf.Tensor, penalise: bool) -> Figures:
        state = self._state
        random = RandomStream(self._hyperparameters.seed, STEPS, state.step)
        one_hot = tf.one_hot(categories, state.class_counts.shape[0])
        for _ in range(self._hyperparameters.discriminator_updates - 1):
            self._update_discriminators(
                self._gradients.of_discriminators(clips, one_hot, random, penalise)
            )
        gradients = self._gradients(clips, one_hot, random, penalise)
        self._update_discriminators(gradients.discriminator)
        state.generator_optimizer.apply(gradients.generator)
        # Early on the average follows closely, or the first weights would stay in it for long.
        updates = tf.cast(state.step, tf.float32)
        decay = tf.minimum(self._hyperparameters.ema_decay, updates / (updates + _EMA_WARM_UP))
        update_average(state.ema_generator, state.generator, decay)
        state.class_counts.assign_add(tf.cast(tf.reduce_sum(one_hot, axis=0), tf.int64))
        state.step.assign_add(1)
        return gradients.figures

    def _update_discriminators(self, gradients: list[tf.Tensor]) -> None:
        self._state.discriminator_optimizer.apply(gradients)
        for discriminator in (self._state.image_discriminator, self._state.video_discriminator):
            if discriminator:
                discriminator.iterate_norms()
