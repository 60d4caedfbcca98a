"""The SavedModel: `sample(num_clips, seed)` of the EMA generator, for TensorFlow alone."""

from __future__ import annotations

import tensorflow as tf

from data.pixels import to_uint8
from trainer.generator import sample_latents
from trainer.hyperparameters import HyperParameters
from trainer.named_variables import named_variables
from trainer.randomness import RandomStream
from trainer.training_state import SAMPLES, TrainingState

_CHUNK = 8  # clips made at once: the memory that `sample` needs beside its result


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

    @tf.function(
        input_signature=[
            tf.TensorSpec([], tf.int32, name="num_clips"),
            tf.TensorSpec([], tf.int64, name="seed"),
        ]
    )
    def sample(self, num_clips: tf.Tensor, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        """-> {"clips": uint8 [num_clips, T, H, W, 3]}; a clip depends on the seed and its index alone.

        Classes are drawn as often as the training data showed them. Raises InvalidArgumentError for num_clips < 0.
        """
        tf.debugging.assert_non_negative(num_clips, message="num_clips must not be negative")
        chunks = tf.map_fn(
            lambda chunk: self._make_chunk(seed, chunk),
            tf.range((num_clips + _CHUNK - 1) // _CHUNK),
            fn_output_signature=tf.TensorSpec([_CHUNK, *self._clip_shape], tf.uint8),
            parallel_iterations=1,  # more would hold the activations of several chunks
        )
        return {"clips": tf.reshape(chunks, [-1, *self._clip_shape])[:num_clips]}

    def _make_chunk(self, seed: tf.Tensor, chunk: tf.Tensor) -> tf.Tensor:
        random = RandomStream(seed, SAMPLES, chunk)
        num_categories = self.class_counts.shape[0]
        z_category = tf.zeros([_CHUNK, 0])
        if num_categories:
            # One more of each: before the first step, all are drawn alike.
            categories = random.choices(_CHUNK, self.class_counts + 1)
            z_category = tf.one_hot(categories, num_categories)
        latents = sample_latents(self._hyperparameters, self._clip_shape[0], z_category, random)
        return to_uint8(self.generator(latents, training=False))


def export(sampler: Sampler, folder: str) -> None:
    """Writes the SavedModel to `folder`, whole or not at all, in place of one that is there."""
    aside = f"{folder.rstrip('/')}.partial"
    tf.saved_model.save(sampler, aside, signatures={"serving_default": sampler.sample})
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
