"""The SavedModel: clips of the EMA generator, of any or a wanted class, content or motion; for TensorFlow alone."""

from __future__ import annotations

import tensorflow as tf

from mocogan.data.pixels import to_uint8
from mocogan.trainer.checkpoints.named_variables import named_variables
from mocogan.trainer.config import HyperParameters
from mocogan.trainer.networks.generator import Latents, sample_latents
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import SAMPLES, TrainingState

_CHUNK = 8  # clips made at once: the memory that sampling needs beside its result

ANY_CATEGORY = -1  # in the place of a class id: classes as often as the training data showed them
SAMPLE_CATEGORY = "sample_category"  # names of the signatures beside TensorFlow's default
SAMPLE_CONTROLLED = "sample_controlled"

_NUM_CLIPS = tf.TensorSpec([], tf.int32, name="num_clips")
_SEED = tf.TensorSpec([], tf.int64, name="seed")
_CATEGORY = tf.TensorSpec([], tf.int64, name="category")


class Sampler(tf.Module):
    """The EMA generator, ready for export. Float32 and stateless: a seed gives the same clips in any process."""

    def __init__(
        self,
        hyperparameters: HyperParameters,
        state: TrainingState,
        clip_shape: tuple[int, int, int, int],
    ) -> None:
        """`clip_shape`: [T, H, W, 3] of the clips that the generator was built for."""
        super().__init__()
        self.generator = state.ema_generator
        self.class_counts = state.class_counts
        self.generator_weights = named_variables(self.generator)  # for `warm_start`
        self._hyperparameters = hyperparameters
        self._clip_shape = clip_shape

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
        of_content = self._draw_latents(content_seed, category, chunk)
        latents = self._draw_latents(motion_seed, category, chunk)
        latents = latents._replace(z_content=of_content.z_content)
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
        return sample_latents(self._hyperparameters, self._clip_shape[0], z_category, random)


def export(sampler: Sampler, folder: str) -> None:
    """Writes the SavedModel to `folder`, whole or not at all, in place of one that is there."""
    aside = f"{folder.rstrip('/')}.partial"
    signatures = {
        tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY: sampler.sample,
        SAMPLE_CATEGORY: sampler.sample_category,
        SAMPLE_CONTROLLED: sampler.sample_controlled,
    }
    tf.saved_model.save(sampler, aside, signatures=signatures)
    if tf.io.gfile.exists(folder):
        tf.io.gfile.rmtree(folder)
    tf.io.gfile.rename(aside, folder)


def warm_start(state: TrainingState, saved_model: str) -> None:
    """Sets the generator and its average to those of an exported SavedModel, by the variables' names.

    Raises ValueError when it was not exported from networks of the same names and shapes.
    """
    saved = dict(getattr(tf.saved_model.load(saved_model), "generator_weights", {}))
    own = named_variables(state.generator)
    fitting = {name for name in own if name in saved and saved[name].shape == own[name].shape}
    if unfit := sorted((own.keys() | saved.keys()) - fitting):
        raise ValueError(
            f"the base model {saved_model} has other networks than these hyper-parameters give: "
            "use the same architecture, width, dimensions, classes and clip size "
            f"({len(unfit)} variables differ, {unfit[0]} among them)"
        )
    for generator in (state.generator, state.ema_generator):
        for name, variable in named_variables(generator).items():
            variable.assign(saved[name])
