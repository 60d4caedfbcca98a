"""One step: fakes made once, judged once, both sides updated from it."""

from __future__ import annotations

import tensorflow as tf

from trainer import losses
from trainer.discriminators import Discriminator, Judgement, Noise
from trainer.generator import sample_latents
from trainer.hyperparameters import HyperParameters
from trainer.randomness import RandomStream
from trainer.training_state import STEPS, TrainingState, update_average

_EMA_WARM_UP = 10.0  # steps

Losses = dict[str, tf.Tensor]


class TrainStep:
    """Updates a TrainingState from batches of real clips, as two traced functions: with and without penalties.

    The generator's and the discriminators' gradients are taken at the same weights, so one pass of the fakes through
    the discriminators serves both.
    """

    def __init__(
        self, hyperparameters: HyperParameters, state: TrainingState, dtype: tf.DType
    ) -> None:
        """`dtype`: of the convolutions."""
        self._hyperparameters = hyperparameters
        self._state = state
        self._dtype = dtype
        self._penalised = hyperparameters.r1_weight > 0 or hyperparameters.r2_weight > 0
        self._traced = tf.function(self._step)

    def __call__(self, real_clips: tf.Tensor, categories: tf.Tensor, step: int) -> Losses:
        """[B, T, H, W, 3] float32 in [-1, 1], [B] int64, number of this step -> scalar float32 losses.

        `step` decides whether this one carries the penalties; reading it from the state would wait for the device.
        """
        penalise = self._penalised and step % self._hyperparameters.penalty_every == 0
        return self._traced(real_clips, categories, penalise)

    @property
    def traces(self) -> int:
        """How often the step was traced and compiled so far."""
        return int(self._traced.experimental_get_tracing_count())

    def _step(self, real_clips: tf.Tensor, categories: tf.Tensor, penalise: bool) -> Losses:
        state, hyperparameters = self._state, self._hyperparameters
        random = RandomStream(hyperparameters.seed, STEPS, state.step)
        # The fakes take the real clips' classes: their frequencies agree, and pairs are of one class.
        one_hot = tf.one_hot(categories, state.class_counts.shape[0])
        latents = sample_latents(hyperparameters, real_clips.shape[1], one_hot, random)
        with tf.GradientTape(persistent=True) as tape:
            fake_clips = state.generator(latents, training=True, dtype=self._dtype)
            figures = self._losses(real_clips, fake_clips, one_hot, random)
            objective = figures["d_loss"]
            if penalise:
                figures["penalty"] = self._penalty(real_clips, tf.stop_gradient(fake_clips), random)
                # It stands for the steps without one (arXiv:1912.04958, appendix B).
                objective += hyperparameters.penalty_every * figures["penalty"]
        state.discriminator_optimizer.apply(tape.gradient(objective, state.discriminator_variables))
        state.generator_optimizer.apply(tape.gradient(figures["g_loss"], state.generator_variables))
        # Early on the average follows closely, or the first weights would stay in it for long.
        updates = tf.cast(state.step, tf.float32)
        decay = tf.minimum(hyperparameters.ema_decay, updates / (updates + _EMA_WARM_UP))
        update_average(state.ema_generator, state.generator, decay)
        state.class_counts.assign_add(tf.cast(tf.reduce_sum(one_hot, axis=0), tf.int64))
        state.step.assign_add(1)
        return figures

    def _losses(
        self, real_clips: tf.Tensor, fake_clips: tf.Tensor, one_hot: tf.Tensor, random: RandomStream
    ) -> Losses:
        """The sums d_loss and g_loss, and what they are made of."""
        figures: Losses = {}
        video = self._judge(self._state.video_discriminator, real_clips, fake_clips, random)
        figures["video_d_loss"], figures["video_g_loss"] = self._adversarial(*video)
        if self._state.image_discriminator:
            frames = _random_frames(real_clips, random), _random_frames(fake_clips, random)
            image = self._judge(self._state.image_discriminator, *frames, random)
            figures["image_d_loss"], figures["image_g_loss"] = self._adversarial(*image)
        if one_hot.shape[1]:
            real, fake = video
            figures["category_d_loss"] = losses.category_loss(one_hot, real.category_logits)
            figures["category_g_loss"] = losses.category_loss(one_hot, fake.category_logits)
        for side in ("d_loss", "g_loss"):
            parts = [figure for name, figure in figures.items() if name.endswith(side)]
            figures[side] = tf.add_n(parts)
        return figures

    def _adversarial(self, real: Judgement, fake: Judgement) -> tuple[tf.Tensor, tf.Tensor]:
        """The discriminator's and the generator's loss."""
        loss = self._hyperparameters.loss
        return (
            losses.discriminator_loss(loss, real.logits, fake.logits),
            losses.generator_loss(loss, real.logits, fake.logits),
        )

    def _judge(
        self, discriminator: Discriminator, real: tf.Tensor, fake: tf.Tensor, random: RandomStream
    ) -> tuple[Judgement, Judgement]:
        noise = Noise(
            self._hyperparameters.instance_noise, self._hyperparameters.noise_every_layer, random
        )
        # Apart, not as one batch: the generator's gradient then passes through the fakes' half alone, and batch norm
        # tells neither about the other.
        return discriminator(real, noise, self._dtype), discriminator(fake, noise, self._dtype)

    def _penalty(
        self, real_clips: tf.Tensor, fake_clips: tf.Tensor, random: RandomStream
    ) -> tf.Tensor:
        """R1 at the real and R2 at the fake samples of each discriminator, weighted and summed."""
        state, weights = (
            self._state,
            (self._hyperparameters.r1_weight, self._hyperparameters.r2_weight),
        )
        pairs = [(state.video_discriminator, (real_clips, fake_clips))]
        if state.image_discriminator:
            frames = _random_frames(real_clips, random), _random_frames(fake_clips, random)
            pairs.append((state.image_discriminator, frames))
        return tf.add_n(
            [
                weight * self._slope_penalty(discriminator, samples)
                for discriminator, both in pairs
                for weight, samples in zip(weights, both, strict=True)
                if weight
            ]
        )

    def _slope_penalty(self, discriminator: Discriminator, samples: tf.Tensor) -> tf.Tensor:
        return losses.slope_penalty(lambda x: discriminator(x, dtype=self._dtype).logits, samples)


def _random_frames(clips: tf.Tensor, random: RandomStream) -> tf.Tensor:
    """[B, T, H, W, 3] -> one frame of each clip, [B, H, W, 3]."""
    indices = random.integers([tf.shape(clips)[0]], clips.shape[1])
    return tf.gather(clips, indices, axis=1, batch_dims=1)
