"""Sampling from the EMA generator: any clips, clips of a class, and clips of a content and a motion."""

from __future__ import annotations

import tensorflow as tf

from mocogan.data.pixels import to_uint8
from mocogan.trainer.checkpoints.named_variables import named_variables
from mocogan.trainer.contract import ANY_CATEGORY
from mocogan.trainer.networks.latents import Latents
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import SAMPLES, TrainingState

_CHUNK = 8  # clips made at once: the memory that sampling needs beside its result

_NUM_CLIPS = tf.TensorSpec([], tf.int32, name="num_clips")
_SEED = tf.TensorSpec([], tf.int64, name="seed")
_CATEGORY = tf.TensorSpec([], tf.int64, name="category")


class Sampler(tf.Module):
    """The EMA generator, ready for export. Float32 and stateless: a seed gives the same clips in any process."""

    def __init__(self, state: TrainingState) -> None:
        super().__init__()
        self.generator = state.ema_generator
        self.class_counts = state.class_counts
        self.generator_weights = named_variables(self.generator)  # for `warm_start`
        self._clip_shape = state.clip_shape

    @tf.function(input_signature=[_NUM_CLIPS, _SEED], autograph=False)
    def sample(self, num_clips: tf.Tensor, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        """-> {"clips": uint8 [num_clips, T, H, W, 3]}; a clip depends on the seed and its index alone.

        Classes are drawn as often as the training data showed them. Raises InvalidArgumentError for num_clips < 0.
        """
        any_category = tf.constant(ANY_CATEGORY, tf.int64)
        return self._sample(num_clips, seed, seed, any_category)

    @tf.function(input_signature=[_NUM_CLIPS, _SEED, _CATEGORY], autograph=False)
    def sample_category(
        self, num_clips: tf.Tensor, seed: tf.Tensor, category: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """As `sample`, of the class `category`, an id of the training data, or any with ANY_CATEGORY.

        Everything but the class is as `sample` draws it. Raises InvalidArgumentError for a class that was not taught:
        all but ANY_CATEGORY where there are none.
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
        """As `sample_category`, z_content from one seed and z_motion from another.

        A clip's z_content depends on its index and `content_seed` alone; its z_motion, and with ANY_CATEGORY its class,
        on its index and `motion_seed` alone. The seed's networks have no motion apart from their content.
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
            parallel_iterations=1,  # more would hold the activations of several chunks
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
            # Drawn where it is not wanted, too: what is drawn after it stays the same.
            # One more of each: before the first step, all are drawn alike.
            drawn = random.choices(_CHUNK, self.class_counts + 1)
            z_category = tf.one_hot(tf.where(category < 0, drawn, category), num_categories)
        return self.generator.sample_latents(
            random, z_category=z_category, num_frames=self._clip_shape[0]
        )
