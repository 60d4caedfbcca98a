"""Sampling from the EMA generator: random clips, clips of a class, and clips with separate content and motion seeds."""

from __future__ import annotations

import tensorflow as tf

from mocogan.data.pixels import to_uint8
from mocogan.trainer.checkpoints.named_variables import named_variables
from mocogan.trainer.contract import ANY_CATEGORY
from mocogan.trainer.networks.latents import Latents
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import SAMPLES, TrainingState

_CHUNK = 8  # clips generated at once; limits the memory for activations

_NUM_CLIPS = tf.TensorSpec([], tf.int32, name="num_clips")
_SEED = tf.TensorSpec([], tf.int64, name="seed")
_CATEGORY = tf.TensorSpec([], tf.int64, name="category")


class Sampler(tf.Module):
    """The EMA generator with its sampling functions, ready for export.

    `sample(num_clips, seed)`, `sample_category(num_clips, seed, category)` and
    `sample_controlled(num_clips, content_seed, motion_seed, category)` return a dictionary. Its only key, `clips`, is
    uint8 [num_clips, T, H, W, 3]. They compute in float32. The same seed gives the same clips in any process.
    """

    def __init__(self, state: TrainingState) -> None:
        """Takes the EMA generator and the class counts from a training state.

        Args:
            state: State to sample from. The sampler shares its variables, so later training steps change the samples.
        """
        super().__init__()
        self.generator = state.ema_generator
        self.class_counts = state.class_counts
        self.generator_weights = named_variables(self.generator)  # for `warm_start`
        self._clip_shape = state.clip_shape

    @tf.function(input_signature=[_NUM_CLIPS, _SEED], autograph=False)
    def sample(self, num_clips: tf.Tensor, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        """-> {"clips": uint8 [num_clips, T, H, W, 3]}; each clip depends only on the seed and its index.

        Classes have the same frequencies as in the training data. Raises InvalidArgumentError if num_clips < 0.
        """
        any_category = tf.constant(ANY_CATEGORY, tf.int64)
        return self._sample(num_clips, seed, seed, any_category)

    @tf.function(input_signature=[_NUM_CLIPS, _SEED, _CATEGORY], autograph=False)
    def sample_category(
        self, num_clips: tf.Tensor, seed: tf.Tensor, category: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """Like `sample`, but all clips have the class `category`: a class id, or ANY_CATEGORY for random classes.

        All latents except the class equal those of `sample`. Raises InvalidArgumentError for an unknown class id.
        Models without classes accept only ANY_CATEGORY.
        """
        return self._sample(num_clips, seed, seed, category)

    @tf.function(
        input_signature=[
            _NUM_CLIPS,
            tf.TensorSpec([], tf.int64, name="content_seed"),
            tf.TensorSpec([], tf.int64, name="motion_seed"),
            _CATEGORY,
        ],
        autograph=False,
    )
    def sample_controlled(
        self,
        num_clips: tf.Tensor,
        content_seed: tf.Tensor,
        motion_seed: tf.Tensor,
        category: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        """Like `sample_category`, but with separate seeds for z_content and for z_motion.

        The z_content of a clip depends only on its index and `content_seed`. Its z_motion depends only on its index,
        its class and `motion_seed`, and so does the class with ANY_CATEGORY. Architecture `seed` derives motion from
        z_content, so `motion_seed` has no effect there.
        """
        return self._sample(num_clips, content_seed, motion_seed, category)

    def _sample(
        self,
        num_clips: tf.Tensor,
        content_seed: tf.Tensor,
        motion_seed: tf.Tensor,
        category: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        tf.debugging.assert_non_negative(num_clips, message="num_clips must not be negative")
        num_categories = self.class_counts.shape[0]
        tf.debugging.Assert(
            (category >= ANY_CATEGORY) & (category < num_categories),
            [f"category must be {ANY_CATEGORY} (any) to {num_categories - 1}, got", category],
        )
        chunks = tf.map_fn(
            lambda chunk: self._make_chunk(content_seed, motion_seed, category, chunk),
            tf.range((num_clips + _CHUNK - 1) // _CHUNK),
            fn_output_signature=tf.TensorSpec([_CHUNK, *self._clip_shape], tf.uint8),
            parallel_iterations=1,  # more would keep the activations of several chunks in memory
        )
        return {"clips": tf.reshape(chunks, [-1, *self._clip_shape])[:num_clips]}

    def _make_chunk(
        self,
        content_seed: tf.Tensor,
        motion_seed: tf.Tensor,
        category: tf.Tensor,
        chunk: tf.Tensor,
    ) -> tf.Tensor:
        content = self._draw_latents(content_seed, category, chunk)
        motion = self._draw_latents(motion_seed, category, chunk)
        latents = motion._replace(z_content=content.z_content)
        return to_uint8(self.generator(latents, training=False))

    def _draw_latents(self, seed: tf.Tensor, category: tf.Tensor, chunk: tf.Tensor) -> Latents:
        random = RandomStream(seed, SAMPLES, chunk)
        num_categories = self.class_counts.shape[0]
        z_category = tf.zeros([_CHUNK, 0])
        if num_categories:
            # Classes are drawn even if `category` is given, so that the draws after them stay the same.
            # Adding 1 makes all classes equally likely before the first step.
            drawn = random.choices(_CHUNK, self.class_counts + 1)
            z_category = tf.one_hot(tf.where(category < 0, drawn, category), num_categories)
        return self.generator.sample_latents(
            random, z_category=z_category, num_frames=self._clip_shape[0]
        )
