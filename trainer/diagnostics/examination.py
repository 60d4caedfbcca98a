"""Metrics of the training doctor, from the training state and one batch of real clips. The state stays unchanged."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf

from mocogan.data.input.captions import first_captions
from mocogan.data.pixels import to_float, to_uint8
from mocogan.data.records.keys import CATEGORY, CLIP
from mocogan.evaluation.quick.quick_metrics import MetricValues, quick_metrics
from mocogan.evaluation.roc_auc import roc_auc
from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.losses.adversarial import discriminator_loss
from mocogan.trainer.losses.category import adversarial_logits
from mocogan.trainer.networks.discriminator import Discriminator
from mocogan.trainer.optimizer.adam import Adam
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import SAMPLES, TrainingState

_CLIPS = 16  # at most, of a batch: enough to detect mode collapse at a small cost
_SAMPLE_METRICS = (
    "diversity_ratio",
    "rms_motion_ratio",
    "contrast_ratio",
    "nearest_ratio",
    "brightness_generated",
    "flicker_generated",
    "flicker_real",
)
_UNAVERAGED_METRICS = ("diversity_ratio", "contrast_ratio")


class Examination:
    """Measures with the same latents each time, so that changes come from the training."""

    def __init__(self, config: TrainerConfig, state: TrainingState, dtype: tf.DType) -> None:
        """`dtype` is the data type of the convolutions."""
        self._config = config
        self._state = state
        self._dtype = dtype
        self._traced = tf.function(self._measure, autograph=False)
        guess = tf.zeros([1, 1])
        self._loss_of_a_guess = float(
            discriminator_loss(config.loss.adversarial, guess, guess).numpy()
        )

    def __call__(
        self, batch: Mapping[str, tf.Tensor], last_losses: Mapping[str, float]
    ) -> dict[str, float]:
        """{CLIP: uint8 [B, T, S, S, 3], CATEGORY: [B]}, losses of the last step -> finite metrics by name.

        Metrics that the clips do not allow are left out. For example, a still clip has no motion ratio.

        `{image,video}_roc_auc`: share of real-fake pairs of patches in which the real logit is higher, 0.5 at random.
        `{image,video}_logit_gap`: mean real logit minus mean fake logit.
        `{image,video}_loss_ratio`: the discriminator's loss divided by the loss of a random guess.
        `{generator,discriminator}_gradient`: typical norm.

        Samples of the EMA generator give the metrics in `_SAMPLE_METRICS`, see `evaluation.quick.quick_metrics`.
        Samples of the generator without averaging give `unaveraged_diversity_ratio` and `unaveraged_contrast_ratio`.
        """
        clips, categories = batch[CLIP][:_CLIPS], batch[CATEGORY][:_CLIPS]
        tokens = first_captions(batch)
        traced = self._traced(clips, categories, None if tokens is None else tokens[:_CLIPS])
        measured = {name: tensor.numpy() for name, tensor in traced.items()}
        metrics = _sample_metrics(
            clips.numpy(), measured.pop("samples"), measured.pop("unaveraged_samples")
        )
        for name in ("image", "video"):
            if f"{name}_real_logits" in measured:
                logits = measured.pop(f"{name}_real_logits"), measured.pop(f"{name}_fake_logits")
                metrics[f"{name}_roc_auc"] = roc_auc(*logits)
                metrics[f"{name}_logit_gap"] = float(logits[0].mean() - logits[1].mean())
            if f"{name}_d_loss" in last_losses:
                ratio = last_losses[f"{name}_d_loss"] / self._loss_of_a_guess
                metrics[f"{name}_loss_ratio"] = ratio
        metrics |= {name: float(norm) for name, norm in measured.items()}
        return {k: v for k, v in metrics.items() if v is not None and math.isfinite(v)}

    def _measure(
        self, clips: tf.Tensor, categories: tf.Tensor, tokens: tf.Tensor | None
    ) -> dict[str, tf.Tensor]:
        """Return gradient norms, logits, and uint8 samples of both generators."""
        state, beta_2 = self._state, self._config.optimizer.betas[1]
        real = to_float(clips)
        one_hot = tf.one_hot(categories, state.num_categories)
        latents = state.generator.sample_latents(
            RandomStream(self._config.run.seed, SAMPLES),
            z_category=one_hot,
            num_frames=real.shape[1],
        )
        averaged, unaveraged = (
            generator(
                generator.with_captions(
                    latents, tokens, RandomStream(self._config.run.seed, SAMPLES, 1)
                ),
                training=False,
                dtype=self._dtype,
            )
            for generator in (state.ema_generator, state.generator)
        )
        measured = {"samples": to_uint8(averaged), "unaveraged_samples": to_uint8(unaveraged)}
        clips = real, unaveraged
        sentences = state.sentences("video", tokens)
        measured |= self._logits("video", state.video_discriminator, clips, one_hot, sentences)
        if image := state.image_discriminator:
            # The same frames of real and of fake clips.
            random = (RandomStream(self._config.run.seed, SAMPLES) for _ in clips)
            frames = tuple(map(image.select, clips, random))
            sentences = state.sentences("image", tokens)
            measured |= self._logits("image", image, frames, one_hot, sentences)
        measured["generator_gradient"] = gradient_norm(state.generator_optimizer, beta_2)
        measured["discriminator_gradient"] = gradient_norm(state.discriminator_optimizer, beta_2)
        return measured

    def _logits(
        self,
        name: str,
        discriminator: Discriminator,
        samples: Sequence[tf.Tensor],
        one_hot: tf.Tensor,
        sentences: tf.Tensor | None,
    ) -> dict[str, tf.Tensor]:
        """Return the adversarial logits of real and of fake samples."""
        # Batch norm updates its moments in each call. They are restored, so an examination does not affect training.
        moments = [variable for variable in discriminator.variables if not variable.trainable]
        before = [variable.read_value() for variable in moments]
        real, fake = (
            adversarial_logits(
                discriminator(half, dtype=self._dtype),
                one_hot,
                sentences,
                classifies=self._config.model.classifies,
            )
            for half in samples
        )
        for variable, value in zip(moments, before, strict=True):
            variable.assign(value)
        return {f"{name}_real_logits": real, f"{name}_fake_logits": fake}


def _sample_metrics(real: np.ndarray, samples: np.ndarray, unaveraged: np.ndarray) -> MetricValues:
    metrics = quick_metrics(_SAMPLE_METRICS, real, samples)
    unaveraged_metrics = quick_metrics(_UNAVERAGED_METRICS, real, unaveraged)
    return metrics | {f"unaveraged_{name}": value for name, value in unaveraged_metrics.items()}


def gradient_norm(optimizer: Adam, beta_2: float) -> tf.Tensor:
    """Return the root of the running mean of the squared gradient norm, from Adam's second moments. Scalar."""
    updates = tf.cast(tf.maximum(optimizer.updates, 1), tf.float32)
    squares = tf.add_n([tf.reduce_sum(moment) for moment in optimizer.second_moments])
    return tf.sqrt(squares / (1.0 - tf.pow(beta_2, updates)))  # bias correction: moments start at 0
