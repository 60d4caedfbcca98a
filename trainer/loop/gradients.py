"""One step's gradients: fakes made once, judged once, both sides' gradients taken from that."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from mocogan.data.pixels import to_float
from mocogan.trainer.config import HyperParameters
from mocogan.trainer.losses import adversarial as losses
from mocogan.trainer.losses.augmentation import augment
from mocogan.trainer.networks.discriminators import Discriminator, Judgement, Noise, noise_sigma
from mocogan.trainer.networks.generator import sample_latents
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import TrainingState

Figures = dict[str, tf.Tensor]

_TICKETS = 2**24  # so many that two frames hardly ever draw the same one


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
        state = self._state
        real_clips = self._augmented(to_float(clips), random)
        with tf.GradientTape(persistent=True) as tape:
            fake_clips = self._fake_clips(real_clips.shape[1], one_hot, random)
            figures = self._losses(real_clips, fake_clips, one_hot, random)
            objective = self._objective(figures, real_clips, fake_clips, random, penalise)
        return Gradients(
            figures,
            tape.gradient(figures["g_loss"], state.generator_variables, scale),
            tape.gradient(objective, state.discriminator_variables, scale),
        )

    def of_discriminators(
        self,
        clips: tf.Tensor,
        one_hot: tf.Tensor,
        random: RandomStream,
        penalise: bool,
        scale: tf.Tensor | None = None,
    ) -> list[tf.Tensor]:
        """As a call, but of `state.discriminator_variables` alone: for updates between those of the generator."""
        real_clips = self._augmented(to_float(clips), random)
        fake_clips = self._fake_clips(real_clips.shape[1], one_hot, random)
        with tf.GradientTape() as tape:
            figures = self._losses(real_clips, fake_clips, one_hot, random)
            objective = self._objective(figures, real_clips, fake_clips, random, penalise)
        gradients: list[tf.Tensor] = tape.gradient(
            objective, self._state.discriminator_variables, scale
        )
        return gradients

    def _fake_clips(self, num_frames: int, one_hot: tf.Tensor, random: RandomStream) -> tf.Tensor:
        # The fakes take the real clips' classes: their frequencies agree, and pairs are of one class.
        latents = sample_latents(self._hyperparameters, num_frames, one_hot, random)
        clips = self._state.generator(latents, training=True, dtype=self._dtype)
        return self._augmented(clips, random)

    def _augmented(self, clips: tf.Tensor, random: RandomStream) -> tf.Tensor:
        return augment(clips, random, self._hyperparameters.diff_augment)

    def _objective(
        self,
        figures: Figures,
        real_clips: tf.Tensor,
        fake_clips: tf.Tensor,
        random: RandomStream,
        penalise: bool,
    ) -> tf.Tensor:
        """What the discriminators minimise; adds the penalty to the figures."""
        if not penalise:
            return figures["d_loss"]
        figures["penalty"] = self._penalty(real_clips, tf.stop_gradient(fake_clips), random)
        # It stands for the steps without one (arXiv:1912.04958, appendix B).
        return figures["d_loss"] + self._hyperparameters.penalty_every * figures["penalty"]

    def _losses(
        self, real_clips: tf.Tensor, fake_clips: tf.Tensor, one_hot: tf.Tensor, random: RandomStream
    ) -> Figures:
        """The sums d_loss and g_loss, and what they are made of."""
        figures: Figures = {}
        video = self._judge(self._state.video_discriminator, real_clips, fake_clips, random)
        figures["video_d_loss"], figures["video_g_loss"] = self._adversarial(*video)
        if self._state.image_discriminator:
            frames = self._frames(real_clips, random), self._frames(fake_clips, random)
            image = self._judge(self._state.image_discriminator, *frames, random)
            figures["image_d_loss"], figures["image_g_loss"] = self._adversarial(*image)
        if one_hot.shape[1]:
            categories = self._categories(one_hot, *video)
            figures["category_d_loss"], figures["category_g_loss"] = categories
        for side in ("d_loss", "g_loss"):
            parts = [figure for name, figure in figures.items() if name.endswith(side)]
            figures[side] = tf.add_n(parts)
        return figures

    def _frames(self, clips: tf.Tensor, random: RandomStream) -> tf.Tensor:
        return random_frames(clips, self._hyperparameters.image_frames, random)

    def _adversarial(self, real: Judgement, fake: Judgement) -> tuple[tf.Tensor, tf.Tensor]:
        """The discriminator's and the generator's loss."""
        loss = self._hyperparameters.loss
        return (
            losses.discriminator_loss(loss, real.logits, fake.logits),
            losses.generator_loss(loss, real.logits, fake.logits),
        )

    def _categories(
        self, one_hot: tf.Tensor, real: Judgement, fake: Judgement
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The discriminator's and the generator's loss."""
        weight = self._hyperparameters.category_weight
        of_fakes = weight * losses.category_loss(one_hot, fake.category_logits)
        if self._hyperparameters.category_loss == "infogan":
            return of_fakes, of_fakes
        return weight * losses.category_loss(one_hot, real.category_logits), of_fakes

    def _judge(
        self, discriminator: Discriminator, real: tf.Tensor, fake: tf.Tensor, random: RandomStream
    ) -> tuple[Judgement, Judgement]:
        sigma = noise_sigma(self._hyperparameters, self._state.step)
        noise = Noise(sigma, self._hyperparameters.noise_every_layer, random)
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
            frames = self._frames(real_clips, random), self._frames(fake_clips, random)
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


def random_frames(clips: tf.Tensor, count: int, random: RandomStream) -> tf.Tensor:
    """[B, T, H, W, 3] -> `count` <= T different frames of each clip, one clip's after another's, [B count, H, W, 3]."""
    tickets = random.integers(tf.shape(clips)[:2], _TICKETS)
    indices = tf.math.top_k(tickets, count).indices
    frames = tf.gather(clips, indices, axis=1, batch_dims=1)
    return tf.reshape(frames, [-1, *clips.shape[2:]])
