"""What the training doctor measures: the state and one batch of real clips in, figures out. Changes nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping

import tensorflow as tf

from mocogan.data.pixels import to_float
from mocogan.data.records.keys import CATEGORY, CLIP
from mocogan.evaluation import clip_statistics as clip_figures
from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.losses.adversarial import discriminator_loss
from mocogan.trainer.networks.discriminator import Discriminator
from mocogan.trainer.optimizer.adam import Adam
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import SAMPLES, TrainingState

_CLIPS = 16  # of a batch at most: enough to tell a collapse, and the cost stays small
_GREY_LEVEL = 2.0 / 255.0  # of values in [-1, 1]: what is less cannot be seen


class Examination:
    """Measures with the same latents each time, so that what changes is the training."""

    def __init__(self, config: TrainerConfig, state: TrainingState, dtype: tf.DType) -> None:
        """`dtype`: of the convolutions."""
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
        """{CLIP: uint8 [B, T, S, S, 3], CATEGORY: [B]}, losses of the last step -> finite figures by name.

        Without those that the clips do not allow: a ratio to what real clips do not have (one clip has no distance from
        another, a still one no motion).

        `{image,video}_told_apart`: share of pairs of a real and a fake patch of which the discriminator prefers the
        real one, 0.5 for a guess. `…_logit_gap`: mean logit of the real minus that of the fake ones. `…_loss_left`: the
        discriminator's loss, as a share of what a guess would cost. `{generator,discriminator}_gradient`: typical norm.

        Of samples of the EMA generator, as shares of real clips: `diversity` (mean distance of two), `motion` (change
        between frames), `contrast`, `nearest` (distance to the nearest real clip, of that between real clips); and
        `taken_back`, `real_taken_back` (see `clip_figures.taken_back`) and `brightness` in [-1, 1].
        `unaveraged_diversity` and `unaveraged_contrast`: the same of the generator that is being trained.
        """
        clips, categories = batch[CLIP][:_CLIPS], batch[CATEGORY][:_CLIPS]
        measured = {k: float(v) for k, v in self._traced(clips, categories).items()}
        for name in ("image", "video"):
            if f"{name}_d_loss" in last_losses:
                share = last_losses[f"{name}_d_loss"] / self._loss_of_a_guess
                measured[f"{name}_loss_left"] = share
        return {name: figure for name, figure in measured.items() if math.isfinite(figure)}

    def _measure(self, clips: tf.Tensor, categories: tf.Tensor) -> dict[str, tf.Tensor]:
        state, beta_2 = self._state, self._config.optimizer.betas[1]
        real = to_float(clips)
        one_hot = tf.one_hot(categories, state.num_categories)
        latents = state.generator.sample_latents(
            RandomStream(self._config.run.seed, SAMPLES),
            z_category=one_hot,
            num_frames=real.shape[1],
        )
        averaged = state.ema_generator(latents, training=False, dtype=self._dtype)
        unaveraged = state.generator(latents, training=False, dtype=self._dtype)
        figures = sample_figures(real, averaged)
        of_unaveraged = sample_figures(real, unaveraged)
        for name in ("diversity", "contrast"):
            figures[f"unaveraged_{name}"] = of_unaveraged[name]
        figures |= self._discriminator_metrics("video", state.video_discriminator, real, unaveraged)
        if state.image_discriminator:
            middle = real.shape[1] // 2
            frames = real[:, middle], unaveraged[:, middle]
            figures |= self._discriminator_metrics("image", state.image_discriminator, *frames)
        figures["generator_gradient"] = gradient_norm(state.generator_optimizer, beta_2)
        figures["discriminator_gradient"] = gradient_norm(state.discriminator_optimizer, beta_2)
        return figures

    def _discriminator_metrics(
        self, name: str, discriminator: Discriminator, real: tf.Tensor, fake: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        # Batch norm updates its moments whenever it judges: they are put back, or looking would change the training.
        moments = [variable for variable in discriminator.variables if not variable.trainable]
        before = [variable.read_value() for variable in moments]
        real_logits = discriminator(real, dtype=self._dtype).adversarial
        fake_logits = discriminator(fake, dtype=self._dtype).adversarial
        for variable, value in zip(moments, before, strict=True):
            variable.assign(value)
        gaps = real_logits[:, tf.newaxis] - fake_logits[tf.newaxis]
        return {
            f"{name}_told_apart": 0.5 + 0.5 * tf.reduce_mean(tf.sign(gaps)),
            f"{name}_logit_gap": tf.reduce_mean(gaps),
        }


def sample_figures(real: tf.Tensor, samples: tf.Tensor) -> dict[str, tf.Tensor]:
    """[N, T, S, S, 3] in [-1, 1] of either -> figures of the samples as `Examination` names them; NaN: missing."""
    real, samples = clip_figures.shrink(real), clip_figures.shrink(samples)
    figures = {
        "diversity": _share(clip_figures.pair_distance(samples), clip_figures.pair_distance(real)),
        "motion": _share(clip_figures.frame_change(samples), clip_figures.frame_change(real)),
        "contrast": _share(clip_figures.contrast(samples), clip_figures.contrast(real)),
        # The same clip twice in a batch is no neighbour.
        "nearest": _share(
            clip_figures.nearest_distance(samples, real),
            clip_figures.nearest_distance(real, real, apart=_GREY_LEVEL),
        ),
        "brightness": tf.reduce_mean(samples),
    }
    if real.shape[1] > 2:
        figures["taken_back"] = _steadiness(samples)
        figures["real_taken_back"] = _steadiness(real)
    return figures


def gradient_norm(optimizer: Adam, beta_2: float) -> tf.Tensor:
    """Root of the running mean of the squared norm of all gradients, which Adam's second moments hold -> scalar."""
    updates = tf.cast(tf.maximum(optimizer.updates, 1), tf.float32)
    squares = tf.add_n([tf.reduce_sum(moment) for moment in optimizer.second_moments])
    return tf.sqrt(squares / (1.0 - tf.pow(beta_2, updates)))  # the moments begin at zero


def _share(figure: tf.Tensor, of_real: tf.Tensor) -> tf.Tensor:
    return tf.where(of_real >= _GREY_LEVEL, figure / of_real, float("nan"))


def _steadiness(clips: tf.Tensor) -> tf.Tensor:
    seen = clip_figures.frame_change(clips) >= _GREY_LEVEL
    return tf.where(seen, clip_figures.taken_back(clips), float("nan"))
