"""From a seed to the latents of one clip, and from latents to its frames."""

from __future__ import annotations

import tensorflow as tf

from mocogan.data.input.captions import MAX_WORDS, NO_WORD
from mocogan.data.pixels import to_uint8
from mocogan.trainer.networks.clip_generator import ClipGenerator
from mocogan.trainer.networks.latents import Latents
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import SAMPLES, TrainingState


class ClipDrawing(tf.Module):
    """Draws single clips with the EMA generator.

    A clip is drawn on its own, and in blocks of as many frames as a training clip has. So it never depends on the other
    clips of a call, and the first frames of a longer clip equal those of a shorter one.

    Each function is traced once for all functions of a model that use it.
    """

    def __init__(self, state: TrainingState, dtype: tf.DType) -> None:
        """`dtype`: type in which the convolutions of `frames` compute. The drawing shares the variables of `state`."""
        super().__init__()
        self.generator: ClipGenerator = state.ema_generator
        self.class_counts = state.class_counts
        self.caption_tokens, self.num_captions = state.caption_tokens, state.num_captions
        self._clip_shape = state.clip_shape
        self._num_categories = state.num_categories
        self._dtype = dtype

    @tf.function(autograph=False)
    def latents(
        self,
        seed: tf.Tensor,
        index: tf.Tensor,
        category: tf.Tensor,
        num_frames: int | tf.Tensor,
        tokens: tf.Tensor | None = None,
    ) -> Latents:
        """Draws the latents of clip number `index` of a seed; all scalars -> Latents with B = 1.

        Args:
            seed: int64.
            index: int32. Clips of other numbers are independent.
            category: int64, id in the training, or below 0 for a class at its frequency in the training data.
            num_frames: int32, or a number of Python, so that shapes are known. The latents of the first frames are the
                same for any number.
            tokens: int64 [words], the caption. Without words, or None: a caption of a training clip, if there are any.
        """
        random = RandomStream(seed, SAMPLES, index)
        z_category = tf.zeros([1, 0])
        if self._num_categories:
            # The class is drawn even if `category` is given, so that the draws after it stay the same.
            # Adding 1 makes all classes equally likely before the first step.
            drawn = random.choices(1, self.class_counts + 1)
            z_category = tf.one_hot(tf.where(category < 0, drawn, category), self._num_categories)
        latents = self.generator.sample_latents(
            random, z_category=z_category, num_frames=num_frames
        )
        return self.generator.with_captions(latents, self._caption(random, tokens), random)

    def _caption(self, random: RandomStream, tokens: tf.Tensor | None) -> tf.Tensor | None:
        """The caption, or one drawn from the kept ones, int64 [1, words]. None for a model without captions."""
        if self.caption_tokens is None:
            return None
        # One is drawn even if a caption is given, so that the draws after it stay the same.
        row = random.integers([1], tf.maximum(tf.cast(self.num_captions, tf.int32), 1))
        drawn = tf.gather(self.caption_tokens, row)
        if tokens is None:
            tokens = tf.fill([MAX_WORDS], tf.constant(NO_WORD, tf.int64))
        return tf.where(tokens[0] == NO_WORD, drawn, tokens[tf.newaxis])

    @tf.function(autograph=False)
    def frames(self, latents: Latents) -> tf.Tensor:
        """Draws one clip of any number of frames: Latents with B = 1 -> [T, H, W, 3] uint8."""
        block = self._clip_shape[0]
        z_motion = self.generator.z_motion(latents)[0]
        num_frames, width = tf.shape(z_motion)[0], z_motion.shape[1]
        missing = tf.math.floormod(-num_frames, block)
        blocks = tf.reshape(tf.pad(z_motion, [[0, missing], [0, 0]]), [-1, 1, block, width])
        drawn = tf.map_fn(
            lambda z_motion: self._draw(latents, z_motion, self._dtype)[0],
            blocks,
            fn_output_signature=tf.TensorSpec(self._clip_shape, tf.uint8),
            parallel_iterations=1,  # more would keep the activations of several blocks in memory
        )
        return tf.reshape(drawn, [-1, *self._clip_shape[1:]])[:num_frames]

    def training_clips(self, latents: Latents) -> tf.Tensor:
        """Draws clips as long as a training clip, without a loop: Latents -> [B, T, H, W, 3] uint8.

        It computes in float32, because other formats have no convolutions in bfloat16.
        """
        return self._draw(latents, self.generator.z_motion(latents), tf.float32)

    def _draw(self, latents: Latents, z_motion: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
        return to_uint8(self.generator.draw(latents, z_motion, training=False, dtype=dtype))
