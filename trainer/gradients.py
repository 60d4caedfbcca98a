"""One step's gradients: fakes made once, judged once, both sides' gradients taken from that."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from data.pixels import to_float
from trainer import losses
from trainer.discriminators import Discriminator, Judgement, Noise
from trainer.generator import sample_latents
from trainer.hyperparameters import HyperParameters
from trainer.randomness import RandomStream
from trainer.training_state import TrainingState

Figures = dict[str, tf.Tensor]


class Gradients(NamedTuple):
    """What a batch says about the weights."""

    figures: Figures  # scalar float32: d_loss, g_loss, their parts, and the penalty
    generator: list[tf.Tensor]  # of `state.generator_variables`
    discriminator: list[tf.Tensor]  # of `state.discriminator_variables`


class StepGradients:
    """Gradients of both sides at the same weights, so that one pass of the fakes through the discriminators serves
    both."""

    def __init__(
        self, hyperparameters: HyperParameters, state: TrainingState, dtype: tf.DType
    ) -> None:
        """`dtype`: of the convolutions."""
        self._hyperparameters = hyperparameters
        self._state = state
        self._dtype = dtype

    def __call__(
        self,
        clips: tf.Tensor,
        one_hot: tf.Tensor,
        random: RandomStream,
        penalise: bool,
        scale: tf.Tensor | None = None,
    ) -> Gradients:
        """[B, T, H, W, 3] uint8, classes [B, K] -> Gradients; `penalise`: with R1 and R2.

        `scale` multiplies the gradients from the losses on, so that float16 can hold them on their way.
        """
        state, hyperparameters = self._state, self._hyperparameters
        real_clips = to_float(clips)
        # The fakes take the real clips' classes: their frequencies agree, and pairs are of one class.
        latents = sample_latents(hyperparameters, real_clips.shape[1], one_hot, random)
        with tf.GradientTape(persistent=True) as tape:
            fake_clips = state.generator(latents, training=True, dtype=self._dtype)
            figures = self._losses(real_clips, fake_clips, one_hot, random)
            objective = figures["d_loss"]
            if penalise:
                figures["penalty"] = self._penalty(real_clips, tf.stop_gradient(fake_clips), random)
                # It stands for the steps without one (arXiv:1912.04958, appendix B).
                objective += hyperparameters.penalty_every * figures["penalty"]
        return Gradients(
            figures,
            tape.gradient(figures["g_loss"], state.generator_variables, scale),
            tape.gradient(objective, state.discriminator_variables, scale),
        )

    def _losses(
        self, real_clips: tf.Tensor, fake_clips: tf.Tensor, one_hot: tf.Tensor, random: RandomStream
    ) -> Figures:
        """The sums d_loss and g_loss, and what they are made of."""
        figures: Figures = {}
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
        # The slope at a single value is too small for float16, and no scale is on it yet.
        dtype = tf.float32 if self._dtype == tf.float16 else self._dtype
        return losses.slope_penalty(lambda x: discriminator(x, dtype=dtype).logits, samples)


def _random_frames(clips: tf.Tensor, random: RandomStream) -> tf.Tensor:
    """[B, T, H, W, 3] -> one frame of each clip, [B, H, W, 3]."""
    indices = random.integers([tf.shape(clips)[0]], clips.shape[1])
    return tf.gather(clips, indices, axis=1, batch_dims=1)
