"""Everything a training is: networks, optimisers, EMA and the counts of its course. What a checkpoint holds."""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.config import HyperParameters
from mocogan.trainer.networks.discriminators import (
    build_image_discriminator,
    build_video_discriminator,
)
from mocogan.trainer.networks.generator import build_generator
from mocogan.trainer.optimizer.adam import Adam
from mocogan.trainer.optimizer.loss_scale import LossScale
from mocogan.trainer.runtime.distribution import Distribution
from mocogan.trainer.runtime.randomness import RandomStream

INITIAL_VALUES, STEPS, SAMPLES = range(3)  # the streams that one seed is split into


class TrainingState(tf.Module):
    """The state before the first step; random numbers follow from the seed and `step`, so they need no place here."""

    def __init__(
        self,
        hyperparameters: HyperParameters,
        clip_shape: tuple[int, int, int, int],
        num_categories: int,
        distribution: Distribution | None = None,
    ) -> None:
        """`clip_shape`: [T, H, W, 3]; `num_categories`: classes to teach, 0 for none; one device without a
        `distribution`.

        Raises ValueError for a clip shape that the networks cannot make, or with too few frames to choose from.
        """
        super().__init__()
        _check(hyperparameters, clip_shape)
        self.clip_shape = clip_shape
        self.distribution = distribution or Distribution()
        with self.distribution.scope():
            self._create_networks(hyperparameters, num_categories)
            self._create_optimizers(hyperparameters)
            self._create_counts(num_categories)

    def _create_networks(self, hyperparameters: HyperParameters, num_categories: int) -> None:
        random = RandomStream(hyperparameters.seed, INITIAL_VALUES)
        size = self.clip_shape[1]
        self.generator = build_generator(hyperparameters, size, num_categories, random)
        self.ema_generator = build_generator(hyperparameters, size, num_categories, random)
        update_average(self.ema_generator, self.generator, decay=0.0)
        self.image_discriminator = build_image_discriminator(hyperparameters, size, random)
        self.video_discriminator = build_video_discriminator(
            hyperparameters, self.clip_shape, num_categories, random
        )

    def _create_optimizers(self, hyperparameters: HyperParameters) -> None:
        self.generator_optimizer = _adam(
            hyperparameters, self.generator_variables, hyperparameters.generator_learning_rate
        )
        self.discriminator_optimizer = _adam(
            hyperparameters,
            self.discriminator_variables,
            hyperparameters.discriminator_learning_rate,
        )
        # Moves in float16 only, but a training can go on with another dtype.
        self.loss_scale = LossScale()

    def _create_counts(self, num_categories: int) -> None:
        self.step = tf.Variable(0, dtype=tf.int64, trainable=False, name="step")
        self.rollbacks = tf.Variable(0, dtype=tf.int64, trainable=False, name="rollbacks")
        # Counted so that an export can draw the classes as often as the data show them.
        self.class_counts = tf.Variable(
            tf.zeros([num_categories], tf.int64), trainable=False, name="class_counts"
        )

    @property
    def generator_variables(self) -> tuple[tf.Variable, ...]:
        """What the generator's optimiser moves."""
        return self.generator.trainable_variables

    @property
    def discriminator_variables(self) -> tuple[tf.Variable, ...]:
        """What the discriminators' optimiser moves."""
        video = self.video_discriminator.trainable_variables
        image = self.image_discriminator
        return (*image.trainable_variables, *video) if image else tuple(video)

    @property
    def learning_rates(self) -> tuple[tf.Variable, tf.Variable]:
        """The generator's and the discriminators'."""
        return self.generator_optimizer.learning_rate, self.discriminator_optimizer.learning_rate


def update_average(average: tf.Module, current: tf.Module, decay: float | tf.Tensor) -> None:
    """average = decay * average + (1 - decay) * current, for all variables, moving moments included."""
    for target, source in zip(average.variables, current.variables, strict=True):
        target.assign_add((1.0 - decay) * (source - target))


def _check(hyperparameters: HyperParameters, clip_shape: tuple[int, int, int, int]) -> None:
    if len(clip_shape) != 4 or clip_shape[1] != clip_shape[2] or clip_shape[3] != 3:
        raise ValueError(f"clips must be square and RGB, [T, S, S, 3], got {clip_shape}")
    if hyperparameters.image_frames > clip_shape[0]:
        raise ValueError(
            f"image_frames={hyperparameters.image_frames} is more than the {clip_shape[0]} frames of a clip: "
            "lower it or take longer clips"
        )


def _adam(
    hyperparameters: HyperParameters, variables: tuple[tf.Variable, ...], learning_rate: float
) -> Adam:
    return Adam(
        variables,
        learning_rate,
        hyperparameters.beta_1,
        hyperparameters.beta_2,
        hyperparameters.weight_decay,
    )
