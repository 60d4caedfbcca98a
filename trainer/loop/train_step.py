"""One training step of MoCoGAN (arXiv:1707.04993, equation 7).

The gradients of generator and discriminators come from the same weights and the same fake clips.

1. Generate: latents -> fake clips with the classes and captions of the real clips.
2. Discriminate: D_I sees frames of each clip, D_V sees whole clips. Compute the losses.
3. Penalize: add the gradient penalties R1 and R2 every `r1_interval` steps.
4. Update: apply Adam to generator and discriminators, then update the EMA generator.

`batch_parts` splits the batch over devices and over gradient accumulation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import tensorflow as tf

from mocogan.data.pixels import to_float
from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.loop.batch_parts import BatchParts, Gradients, Losses
from mocogan.trainer.loop.caption_choice import Captions
from mocogan.trainer.losses.adversarial import discriminator_loss, generator_loss
from mocogan.trainer.losses.augmentation import augment
from mocogan.trainer.losses.captions import disagreement, kl_divergence, mismatch_loss
from mocogan.trainer.losses.category import adversarial_logits, category_loss
from mocogan.trainer.losses.gradient_penalty import gradient_penalty
from mocogan.trainer.networks.discriminator import (
    Discriminator,
    Logits,
    Noise,
    update_spectral_norms,
)
from mocogan.trainer.optimizer.loss_scale import all_finite
from mocogan.trainer.optimizer.schedule import learning_rate_factor
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import TrainingState, update_average

_EMA_WARM_UP = 10.0  # steps
_KL_WEIGHT = 0.1  # of the captions' vectors; 1 in StackGAN, whose captions say less of a picture
# Of wrong captions. With 1, captioned digits had worse forms after as many steps.
_MISMATCH_WEIGHT = 0.25
_DISAGREEMENT_WEIGHT = 0.3  # of two captions of a clip, which need not say all the same


class _Asked(NamedTuple):
    """What the real clips of a batch show, which fake clips should show too."""

    one_hot: tf.Tensor  # [B, K]
    captions: Captions | None

    @property
    def right(self) -> tf.Tensor | None:
        """Captions of the clips, [B, words]. None without captions."""
        return self.captions.right if self.captions else None

    def with_wrong_captions(self) -> _Asked:
        """The same with captions of other clips."""
        assert self.captions
        return self._replace(captions=self.captions._replace(right=self.captions.wrong))


class TrainStep:
    """Updates a `TrainingState` from a batch of real clips."""

    def __init__(self, config: TrainerConfig, state: TrainingState, dtype: tf.DType) -> None:
        """Set up the step. Tracing and compilation happen in the first calls.

        Args:
            config: Configuration of the trainer.
            state: Networks, optimizers and counters. Each call updates them in place.
            dtype: Data type of the convolutions. In float16 the gradients are scaled.

        Raises:
            ValueError: The batch size is not a multiple of devices times gradient accumulation steps.
        """
        _check_batch_size(config, state)
        self._config = config
        self._state = state
        self._dtype = dtype
        self._scaled = dtype == tf.float16
        self._classifies = config.model.classifies
        self._batch_parts = BatchParts(
            self.gradients,
            self._update,
            state=state,
            seed=config.run.seed,
            batch_size=config.run.batch_size,
            accumulation_steps=config.run.gradient_accumulation_steps,
        )

    def __call__(
        self, clips: tf.Tensor, categories: tf.Tensor, step: int, tokens: tf.Tensor | None = None
    ) -> Losses:
        """Run one step.

        Args:
            clips: Global batch of real clips, or the rows of this process, [B, T, H, W, 3] uint8.
            categories: Class of each clip, [B] int64.
            step: Number of completed steps. It decides whether this step has penalties. Reading it from the state would
                wait for the device.
            tokens: Captions of each clip, [B, captions, words] int64. None: the networks have no captions.

        Returns:
            Scalar float32 losses by name.
        """
        loss = self._config.loss
        penalize = (loss.r1_gamma > 0 or loss.r2_gamma > 0) and step % loss.r1_interval == 0
        return self._batch_parts(clips, categories, penalize, tokens)

    @property
    def traces(self) -> int:
        """Number of times that the step was traced and compiled."""
        return self._batch_parts.traces

    def gradients(
        self,
        clips: tf.Tensor,
        categories: tf.Tensor,
        random: RandomStream,
        penalize: bool,
        captions: Captions | None = None,
    ) -> Gradients:
        """Compute losses and gradients of generator and discriminators: [B, T, H, W, 3] uint8, [B] int64."""
        state = self._state
        asked = _Asked(tf.one_hot(categories, state.num_categories), captions)
        real_clips = self._augment(to_float(clips), random)
        with tf.GradientTape(persistent=True) as tape:
            fake_clips = self._fake_clips(random, asked, real_clips.shape[1])
            losses = self._losses(real_clips, fake_clips, asked, random)
            objective = losses["d_loss"]
            if penalize:
                losses["penalty"] = self._penalty(real_clips, fake_clips, asked, random)
                # The factor makes up for the steps without a penalty (arXiv:1912.04958, appendix B).
                objective += self._config.loss.r1_interval * losses["penalty"]
        scale = state.loss_scale.scale.read_value() if self._scaled else None
        return Gradients(
            losses,
            tape.gradient(losses["g_loss"], state.generator_variables, scale),
            tape.gradient(objective, state.discriminator_variables, scale),
        )

    def _fake_clips(self, random: RandomStream, asked: _Asked, num_frames: int) -> tf.Tensor:
        generator = self._state.generator
        latents = generator.sample_latents(random, z_category=asked.one_hot, num_frames=num_frames)
        latents = generator.with_captions(latents, asked.right, random)
        return self._augment(generator(latents, training=True, dtype=self._dtype), random)

    def _losses(
        self, real_clips: tf.Tensor, fake_clips: tf.Tensor, asked: _Asked, random: RandomStream
    ) -> Losses:
        """Return d_loss, g_loss and their terms."""
        adversarial, losses = self._config.loss.adversarial, Losses()
        for name, discriminator, samples in self._judgements(real_clips, fake_clips, random):
            real, fake = (self._judge(discriminator, half, random) for half in samples)
            logits = self._adversarial(name, real, asked), self._adversarial(name, fake, asked)
            losses[f"{name}_d_loss"] = discriminator_loss(adversarial, *logits)
            losses[f"{name}_g_loss"] = generator_loss(adversarial, *logits)
            if self._classifies and real.categories.shape[1]:
                losses["category_d_loss"] = category_loss(asked.one_hot, real.categories)
                losses["category_g_loss"] = category_loss(asked.one_hot, fake.categories)
            if captions := asked.captions:
                wrong = self._adversarial(name, real, asked.with_wrong_captions())
                mismatch = mismatch_loss(adversarial, logits[0], wrong, captions.has_wrong)
                losses[f"{name}_caption_d_loss"] = _MISMATCH_WEIGHT * mismatch
        if (captions := asked.captions) and (conditioning := self._state.generator.captions):
            right, other = conditioning(captions.right), conditioning(captions.other)
            losses["caption_g_loss"] = _KL_WEIGHT * kl_divergence(*right)
            apart = disagreement(right.mean, other.mean, captions.has_other)
            losses["wording_g_loss"] = _DISAGREEMENT_WEIGHT * apart
        for side in ("d_loss", "g_loss"):
            parts = [loss for name, loss in losses.items() if name.endswith(side)]
            # A stacked sum keeps the rounding fixed. TensorFlow reorders chains of additions by node name.
            losses[side] = tf.reduce_sum(tf.stack(parts))
        return losses

    def _judgements(
        self, real_clips: tf.Tensor, fake_clips: tf.Tensor, random: RandomStream
    ) -> Iterator[tuple[str, Discriminator, tuple[tf.Tensor, tf.Tensor]]]:
        """Yield each discriminator with its name and with what it sees of real and fake clips.

        Real and fake samples are separate batches. So the generator's gradient passes through the fake batch only, and
        batch norm does not mix the two.
        """
        yield "video", self._state.video_discriminator, (real_clips, fake_clips)
        if image := self._state.image_discriminator:
            yield (
                "image",
                image,
                (image.select(real_clips, random), image.select(fake_clips, random)),
            )

    def _judge(
        self, discriminator: Discriminator, samples: tf.Tensor, random: RandomStream
    ) -> Logits:
        noise = Noise(random, stddev=self._config.loss.instance_noise)
        return discriminator(samples, noise, self._dtype)

    def _adversarial(self, name: str, logits: Logits, asked: _Asked) -> tf.Tensor:
        sentences = self._state.sentences(name, asked.right)
        return adversarial_logits(logits, asked.one_hot, sentences, classifies=self._classifies)

    def _penalty(
        self, real_clips: tf.Tensor, fake_clips: tf.Tensor, asked: _Asked, random: RandomStream
    ) -> tf.Tensor:
        """Return the weighted sum of R1 (real samples) and R2 (fake samples) over the discriminators."""
        gammas = self._config.loss.r1_gamma, self._config.loss.r2_gamma
        judgements = self._judgements(real_clips, tf.stop_gradient(fake_clips), random)
        return tf.add_n(
            [
                gamma * self._gradient_penalty(name, discriminator, half, asked)
                for name, discriminator, samples in judgements
                for gamma, half in zip(gammas, samples, strict=True)
                if gamma
            ]
        )

    def _gradient_penalty(
        self, name: str, discriminator: Discriminator, samples: tf.Tensor, asked: _Asked
    ) -> tf.Tensor:
        # The derivative by a single value underflows in float16, and the loss scale is not applied to it yet.
        dtype = tf.float32 if self._scaled else self._dtype
        return gradient_penalty(
            lambda x: self._adversarial(name, discriminator(x, dtype=dtype), asked), samples
        )

    def _augment(self, clips: tf.Tensor, random: RandomStream) -> tf.Tensor:
        return augment(clips, random, self._config.loss.diff_augment)

    def _update(
        self, gradients: Gradients, categories: tf.Tensor, captions: Captions | None = None
    ) -> None:
        """Apply the gradients, then update the EMA generator, the counters and the kept captions."""
        self._apply(gradients.generator, gradients.discriminators)
        state = self._state
        # The decay starts low. Otherwise the initial weights would stay in the average for long.
        updates = tf.cast(state.step, tf.float32)
        decay = tf.minimum(self._config.optimizer.ema_decay, updates / (updates + _EMA_WARM_UP))
        update_average(state.ema_generator.variables, state.generator.variables, decay)
        counts = tf.reduce_sum(tf.one_hot(categories, state.num_categories), axis=0)
        state.class_counts.assign_add(tf.cast(counts, tf.int64))
        if captions is not None:
            state.keep_captions(captions.right)
        state.step.assign_add(1)

    def _apply(self, generator: list[tf.Tensor], discriminators: list[tf.Tensor]) -> None:
        """Update the weights unless scaled gradients overflow."""
        if not self._scaled:
            self._step_optimizers(generator, discriminators)
            return
        scale = self._state.loss_scale
        generator, discriminators = scale.unscaled(generator), scale.unscaled(discriminators)
        finite = all_finite([*generator, *discriminators])
        tf.cond(finite, lambda: self._step_optimizers(generator, discriminators), lambda: None)
        scale.follow(finite)

    def _step_optimizers(self, generator: list[tf.Tensor], discriminators: list[tf.Tensor]) -> None:
        state = self._state
        factor = learning_rate_factor(self._config.optimizer, state.progress)
        state.discriminator_optimizer.apply(discriminators, factor)
        for discriminator in (state.image_discriminator, state.video_discriminator):
            if discriminator:
                update_spectral_norms(discriminator)
        state.generator_optimizer.apply(generator, factor)


def _check_batch_size(config: TrainerConfig, state: TrainingState) -> None:
    replicas, parts = state.distribution.replicas, config.run.gradient_accumulation_steps
    if config.run.batch_size % (replicas * parts):
        raise ValueError(
            f"trainer.run.batch_size={config.run.batch_size} must be a multiple of {replicas * parts}: "
            f"{replicas} devices times trainer.run.gradient_accumulation_steps={parts}"
        )
