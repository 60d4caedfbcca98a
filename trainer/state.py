"""The state of a training: networks, optimizers, EMA and counters. A checkpoint stores all of it."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from mocogan.data.input.captions import MAX_WORDS
from mocogan.trainer.config import ModelConfig, TrainerConfig
from mocogan.trainer.networks.architectures import build_discriminators, build_generator
from mocogan.trainer.networks.captions import (
    DIM_CAPTION,
    CaptionConditioning,
    SentenceEncoder,
    Vocabulary,
)
from mocogan.trainer.optimizer.adam import Adam
from mocogan.trainer.optimizer.loss_scale import LossScale
from mocogan.trainer.runtime.distribution import Distribution
from mocogan.trainer.runtime.randomness import RandomStream

INITIAL_VALUES, STEPS, SAMPLES = range(3)  # the streams that one seed is split into
_GENERATOR, _DISCRIMINATORS, _CAPTIONS = range(3)  # the streams of initial values
MAX_KEPT_CAPTIONS = 1024  # of a training, to sample from


class TrainingState(tf.Module):
    """The state before the first step. Random numbers depend only on the seed and `step`; nothing random is saved."""

    def __init__(
        self,
        config: TrainerConfig,
        clip_shape: tuple[int, int, int, int],
        num_categories: int,
        distribution: Distribution | None = None,
        vocabulary: Vocabulary | None = None,
    ) -> None:
        """`clip_shape`: [T, H, W, 3]; `num_categories`: number of classes (0: none); `distribution`: None: one device.

        `vocabulary`: words of the captions. None: no captions.

        Raises ValueError if the networks cannot generate this clip shape or it has fewer frames than `image_frames`.
        """
        super().__init__()
        _check(config.model, clip_shape)
        self.clip_shape = clip_shape
        self.distribution = distribution or Distribution()
        self.vocabulary = vocabulary
        with self.distribution.scope():
            self._create_networks(config, num_categories)
            self._create_caption_networks(config.run.seed)
            self._create_optimizers(config)
            self._create_counters(num_categories)

    def _create_networks(self, config: TrainerConfig, num_categories: int) -> None:
        dim_caption = DIM_CAPTION if self.vocabulary else 0
        # Both get the same initial weights, so the EMA generator starts as a copy.
        self.generator, self.ema_generator = (
            build_generator(
                RandomStream(config.run.seed, INITIAL_VALUES, _GENERATOR),
                config=config.model,
                clip_shape=self.clip_shape,
                num_categories=num_categories,
                dim_caption=dim_caption,
            )
            for _ in range(2)
        )
        self.image_discriminator, self.video_discriminator = build_discriminators(
            RandomStream(config.run.seed, INITIAL_VALUES, _DISCRIMINATORS),
            config=config.model,
            clip_shape=self.clip_shape,
            num_categories=num_categories,
            dim_caption=dim_caption,
        )

    def _create_caption_networks(self, seed: int) -> None:
        """Each network has an encoder of its own. The streams of the other networks' weights are not touched."""
        self.image_sentences: SentenceEncoder | None = None
        self.video_sentences: SentenceEncoder | None = None
        self.caption_tokens: tf.Variable | None = None
        self.num_captions: tf.Variable | None = None
        if self.vocabulary is None:
            return
        for generator in (self.generator, self.ema_generator):
            generator.captions = CaptionConditioning(
                RandomStream(seed, INITIAL_VALUES, _CAPTIONS, 0), vocabulary=self.vocabulary
            )
        self.image_sentences, self.video_sentences = (
            SentenceEncoder(
                RandomStream(seed, INITIAL_VALUES, _CAPTIONS, number),
                vocabulary=self.vocabulary,
                outputs=DIM_CAPTION,
            )
            for number in (1, 2)
        )
        # Captions of the first clips. Clips without a chosen caption are sampled with these.
        self.caption_tokens = tf.Variable(
            tf.zeros([MAX_KEPT_CAPTIONS, MAX_WORDS], tf.int64),
            trainable=False,
            name="caption_tokens",
        )
        self.num_captions = tf.Variable(0, dtype=tf.int64, trainable=False, name="num_captions")

    def _create_optimizers(self, config: TrainerConfig) -> None:
        optimizer = config.optimizer
        self.generator_optimizer = Adam(
            self.generator_variables,
            learning_rate=optimizer.generator_learning_rate,
            betas=optimizer.betas,
            weight_decay=optimizer.weight_decay,
        )
        self.discriminator_optimizer = Adam(
            self.discriminator_variables,
            learning_rate=optimizer.discriminator_learning_rate,
            betas=optimizer.betas,
            weight_decay=optimizer.weight_decay,
        )
        # Changes in float16 only. It always exists, because a resumed training can have another dtype.
        self.loss_scale = LossScale()

    def _create_counters(self, num_categories: int) -> None:
        self.step = tf.Variable(0, dtype=tf.int64, trainable=False, name="step")
        # Completed share of the training, 0 to 1. The learning-rate schedule depends on it.
        self.progress = tf.Variable(0.0, trainable=False, name="progress")
        self.rollbacks = tf.Variable(0, dtype=tf.int64, trainable=False, name="rollbacks")
        # Clips seen per class. The exported model samples classes with the same frequencies.
        self.class_counts = tf.Variable(
            tf.zeros([num_categories], tf.int64), trainable=False, name="class_counts"
        )

    @property
    def num_categories(self) -> int:
        """Number of classes K that the networks learn."""
        return int(self.class_counts.shape[0])

    @property
    def generator_variables(self) -> tuple[tf.Variable, ...]:
        """Variables that the generator's optimizer updates."""
        return self.generator.trainable_variables

    @property
    def discriminator_variables(self) -> tuple[tf.Variable, ...]:
        """Variables that the discriminators' optimizer updates."""
        judges = (
            self.image_discriminator,
            self.video_discriminator,
            self.image_sentences,
            self.video_sentences,
        )
        return tuple(v for judge in judges if judge for v in judge.trainable_variables)

    def sentences(self, name: str, tokens: tf.Tensor | None) -> tf.Tensor | None:
        """What discriminator `image` or `video` reads in captions: int64 [B, words] -> [B, Dt]. None: no captions."""
        encoder = self.image_sentences if name == "image" else self.video_sentences
        return None if encoder is None or tokens is None else encoder(tokens)

    def keep_captions(self, tokens: tf.Tensor) -> None:
        """Keep the captions [B, words] of the first clips of the training, at most MAX_KEPT_CAPTIONS."""
        if self.caption_tokens is None or self.num_captions is None:
            return
        count = tf.shape(tokens, tf.int64)[0]
        places = tf.range(MAX_KEPT_CAPTIONS, dtype=tf.int64) - self.num_captions
        new = (places >= 0) & (places < count)
        rows = tf.gather(tokens, tf.clip_by_value(places, 0, count - 1))
        self.caption_tokens.assign(tf.where(new[:, tf.newaxis], rows, self.caption_tokens))
        self.num_captions.assign(tf.minimum(self.num_captions + count, MAX_KEPT_CAPTIONS))

    @property
    def learning_rates(self) -> tuple[tf.Variable, tf.Variable]:
        """Learning rates of the generator and of the discriminators."""
        return self.generator_optimizer.learning_rate, self.discriminator_optimizer.learning_rate


def update_average(
    average: Sequence[tf.Variable], current: Sequence[tf.Variable], decay: float | tf.Tensor
) -> None:
    """average = decay * average + (1 - decay) * current, for variables in the same order."""
    for target, source in zip(average, current, strict=True):
        target.assign_add((1.0 - decay) * (source - target))


def _check(config: ModelConfig, clip_shape: tuple[int, int, int, int]) -> None:
    if len(clip_shape) != 4 or clip_shape[1] != clip_shape[2] or clip_shape[3] != 3:
        raise ValueError(f"clips must be square and RGB, [T, S, S, 3], got {clip_shape}")
    if (config.image_frames or 1) > clip_shape[0]:
        raise ValueError(
            f"trainer.model.image_frames={config.image_frames} is more than the {clip_shape[0]} frames of a clip: "
            "lower it or raise ingest.num_frames"
        )
