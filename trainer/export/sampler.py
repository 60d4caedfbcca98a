"""The sampling functions that an exported model offers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from mocogan.data.input.captions import CaptionReader
from mocogan.trainer.checkpoints.named_variables import named_variables
from mocogan.trainer.contract import ANY_CATEGORY, MAX_CLIPS_PER_CALL
from mocogan.trainer.export.classes import Classes
from mocogan.trainer.export.clip_drawing import ClipDrawing
from mocogan.trainer.networks.captions import DIM_CAPTION
from mocogan.trainer.networks.latents import Latents
from mocogan.trainer.state import TrainingState

Outputs = dict[str, tf.Tensor]

_NUM_CLIPS = tf.TensorSpec([], tf.int32, name="num_clips")
_NUM_FRAMES = tf.TensorSpec([], tf.int32, name="num_frames")
_SEED = tf.TensorSpec([], tf.int64, name="seed")
_CATEGORY = tf.TensorSpec([], tf.int64, name="category")
_SEEDS = tf.TensorSpec([None], tf.int64, name="seed")
_CATEGORIES = tf.TensorSpec([None], tf.int64, name="category")
_LABELS = tf.TensorSpec([None], tf.string, name="label")
_CAPTIONS = tf.TensorSpec([None], tf.string, name="caption")
_CONTENT_SEED = tf.TensorSpec([], tf.int64, name="content_seed")
_MOTION_SEED = tf.TensorSpec([], tf.int64, name="motion_seed")


class Sampler(tf.Module):
    """The EMA generator with its sampling functions, ready for export.

    Clips are uint8. Class ids follow the alphabetical order of the labels. The same seed gives the same clip in any
    process on the same machine. Wrong arguments raise InvalidArgumentError.

    Attributes:
        sample_caption, latents_caption: Functions of captions, see `_sample_caption` and `_latents_caption`. They are
            missing in models without captions.
        render: Function of z_content [N, Dc], motion_noise [N, T, De] and first_state [N, units], float32, and category
            int64 [N] -> {"clips": [N, T, H, W, 3]}. T is any number of frames. It draws no random numbers. In a model
            with captions, z_caption [N, Dt] float32 is one more input.
        render_one: `render` for one clip as long as a training clip, in float32. All shapes are known and there is no
            loop, so that other formats can take it.
    """

    def __init__(
        self, state: TrainingState, labels: Sequence[str] = (), dtype: tf.DType = tf.float32
    ) -> None:
        """Takes the EMA generator and the class counts from a training state.

        Args:
            state: State to sample from. The sampler shares its variables, so later training steps change the samples.
            labels: Label of each class, in the order of the training's ids. Empty: classes have no labels.
            dtype: Type in which the convolutions compute.

        Raises:
            ValueError: The number of labels is not the number of classes.
        """
        super().__init__()
        self.drawing = ClipDrawing(state, dtype)
        self.generator_weights = named_variables(state.ema_generator)  # for `warm_start`
        self._classes = Classes(state.num_categories, labels)
        self._clip = tf.TensorSpec(state.clip_shape, tf.uint8)
        self.reader = CaptionReader(state.vocabulary.words) if state.vocabulary else None
        if self.reader:  # a SavedModel gets all functions that are there
            self.sample_caption = tf.function(
                self._sample_caption, input_signature=[_CAPTIONS, _SEEDS], autograph=False
            )
            self.latents_caption = tf.function(
                self._latents_caption,
                input_signature=[_CAPTIONS, _SEEDS, _CATEGORIES, _NUM_FRAMES],
                autograph=False,
            )
        self.render = tf.function(
            self._render, input_signature=self._render_signature(None, None), autograph=False
        )
        self.render_one = tf.function(
            self._render_one,
            input_signature=self._render_signature(1, state.clip_shape[0]),
            autograph=False,
        )

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels in the order of the class ids."""
        return self._classes.labels

    @property
    def has_captions(self) -> bool:
        """Whether the model reads captions."""
        return self.reader is not None

    @tf.function(input_signature=[_NUM_CLIPS, _SEED], autograph=False)
    def sample(self, num_clips: tf.Tensor, seed: tf.Tensor) -> Outputs:
        """-> {"clips": [num_clips, T, H, W, 3]}; each clip depends only on the seed and its index.

        Classes have the same frequencies as in the training data, and captions are those of training clips. At most
        MAX_CLIPS_PER_CALL clips.
        """
        return self._sample(num_clips, seed, seed, tf.constant(ANY_CATEGORY, tf.int64))

    @tf.function(input_signature=[_NUM_CLIPS, _SEED, _CATEGORY], autograph=False)
    def sample_category(
        self, num_clips: tf.Tensor, seed: tf.Tensor, category: tf.Tensor
    ) -> Outputs:
        """Like `sample`, but all clips have the class `category`: a class id, or ANY_CATEGORY for random classes.

        All latents except the class equal those of `sample`. Models without classes accept only ANY_CATEGORY.
        """
        return self._sample(num_clips, seed, seed, category)

    @tf.function(
        input_signature=[_NUM_CLIPS, _CONTENT_SEED, _MOTION_SEED, _CATEGORY], autograph=False
    )
    def sample_controlled(
        self,
        num_clips: tf.Tensor,
        content_seed: tf.Tensor,
        motion_seed: tf.Tensor,
        category: tf.Tensor,
    ) -> Outputs:
        """Like `sample_category`, but with separate seeds for z_content and for z_motion.

        The z_content of a clip depends only on its index and `content_seed`. Its z_motion depends only on its index,
        its class and `motion_seed`, and so do the class with ANY_CATEGORY and the caption. Architecture `seed` derives
        motion from z_content, so `motion_seed` has no effect there.
        """
        return self._sample(num_clips, content_seed, motion_seed, category)

    @tf.function(input_signature=[_SEEDS, _CATEGORIES], autograph=False)
    def sample_each(self, seed: tf.Tensor, category: tf.Tensor) -> Outputs:
        """[N], [N] -> {"clips": [N, T, H, W, 3]}: the first clip of each seed, with a class for each.

        So `sample_each([7], [-1])` is `sample(1, 7)`. All arguments have N rows, so servers can batch it.
        """
        return {"clips": self._first_clips(seed, category, _as_it_is, self._clip)}

    @tf.function(input_signature=[_SEEDS, _LABELS], autograph=False)
    def sample_label(self, seed: tf.Tensor, label: tf.Tensor) -> Outputs:
        """Like `sample_each`, but with the labels of classes. The empty string means any class."""
        ids = self._classes.ids_of(label)
        return {"clips": self._first_clips(seed, ids, _as_it_is, self._clip)}

    def _sample_caption(self, caption: tf.Tensor, seed: tf.Tensor) -> Outputs:
        """[N], [N] -> {"clips": [N, T, H, W, 3]}: the first clip of each seed, with a caption for each.

        Classes have the same frequencies as in the training data. The empty string means any caption, one of a training
        clip. Words after the first MAX_WORDS have no effect. Unknown words share a few vectors.
        """
        any_class = tf.fill(tf.shape(seed), tf.constant(ANY_CATEGORY, tf.int64))
        tokens = self._tokens(caption)
        return {"clips": self._first_clips(seed, any_class, _as_it_is, self._clip, tokens)}

    @tf.function(input_signature=[_SEEDS, _CATEGORIES], autograph=False)
    def sample_png(self, seed: tf.Tensor, category: tf.Tensor) -> Outputs:
        """Like `sample_each`, but -> {"strips_bytes": string [N]}, PNG files with the frames of a clip side by side."""
        png = tf.TensorSpec([], tf.string)
        return {"strips_bytes": self._first_clips(seed, category, _film_strip, png)}

    @tf.function(input_signature=[_SEEDS, _CATEGORIES, _NUM_FRAMES], autograph=False)
    def latents(self, seed: tf.Tensor, category: tf.Tensor, num_frames: tf.Tensor) -> Outputs:
        """[N], [N] -> the arguments of `render` for clips of `num_frames` frames.

        The first frames are those of `sample_each`. A model with captions draws those of training clips.
        """
        return self._latents(seed, category, num_frames, None)

    def _latents_caption(
        self, caption: tf.Tensor, seed: tf.Tensor, category: tf.Tensor, num_frames: tf.Tensor
    ) -> Outputs:
        """Like `latents`, with a caption for each clip. The first frames are those of `sample_caption`."""
        return self._latents(seed, category, num_frames, self._tokens(caption))

    def _tokens(self, captions: tf.Tensor) -> tf.Tensor:
        assert self.reader
        return self.reader(captions)

    def _latents(
        self,
        seed: tf.Tensor,
        category: tf.Tensor,
        num_frames: tf.Tensor,
        tokens: tf.Tensor | None,
    ) -> Outputs:
        count = _checked(tf.shape(seed)[0], "the number of clips", 0, MAX_CLIPS_PER_CALL)
        num_frames = self._checked_frames(count, num_frames)
        drawn = tf.map_fn(
            lambda row: self.drawing.latents(row[0], tf.constant(0), row[1], num_frames, *row[2:]),
            (seed[:count], self._classes.trained_ids(category), *_if_given(tokens)),
            fn_output_signature=self._latents_spec(1, None),
            parallel_iterations=1,
        )
        z_content, motion_noise, first_state, z_category, z_caption = (part[:, 0] for part in drawn)
        return {
            "z_content": z_content,
            "motion_noise": motion_noise,
            "first_state": first_state,
            "category": self._classes.public_ids(z_category),
            **({"z_caption": z_caption} if self.reader else {}),
        }

    def _render(
        self,
        z_content: tf.Tensor,
        motion_noise: tf.Tensor,
        first_state: tf.Tensor,
        category: tf.Tensor,
        z_caption: tf.Tensor | None = None,
    ) -> Outputs:
        count = tf.shape(motion_noise)[0]
        num_frames = self._checked_frames(count, tf.shape(motion_noise)[1])
        latents = self._as_latents(
            z_content, motion_noise[:, :num_frames], first_state, category, z_caption
        )
        clips = tf.map_fn(
            self.drawing.frames,
            Latents(*(part[:, tf.newaxis] for part in latents)),
            fn_output_signature=tf.TensorSpec([None, *self._clip.shape[1:]], tf.uint8),
            parallel_iterations=1,
        )
        return {"clips": clips}

    def _render_one(
        self,
        z_content: tf.Tensor,
        motion_noise: tf.Tensor,
        first_state: tf.Tensor,
        category: tf.Tensor,
        z_caption: tf.Tensor | None = None,
    ) -> Outputs:
        latents = self._as_latents(z_content, motion_noise, first_state, category, z_caption)
        return {"clips": self.drawing.training_clips(latents)}

    def _as_latents(
        self,
        z_content: tf.Tensor,
        motion_noise: tf.Tensor,
        first_state: tf.Tensor,
        category: tf.Tensor,
        z_caption: tf.Tensor | None,
    ) -> Latents:
        if z_caption is None:
            z_caption = tf.zeros([tf.shape(category)[0], 0])
        return Latents(z_content, motion_noise, first_state, self._one_hot(category), z_caption)

    def _checked_frames(self, num_clips: tf.Tensor, num_frames: tf.Tensor) -> tf.Tensor:
        """The number of frames itself, after a check that N clips of so many frames are not too many for one call."""
        most = MAX_CLIPS_PER_CALL * self._clip.shape[0] // tf.maximum(num_clips, 1)
        return _checked(num_frames, "num_frames of so many clips", 1, most)

    def _one_hot(self, category: tf.Tensor) -> tf.Tensor:
        """Class ids [N] -> [N, K]. Only models without classes take ANY_CATEGORY."""
        lowest = 0 if self._classes.count else ANY_CATEGORY
        return tf.one_hot(self._classes.trained_ids(category, lowest), self._classes.count)

    def _render_signature(self, count: int | None, num_frames: int | None) -> list[tf.TensorSpec]:
        spec = self._latents_spec(count, num_frames)

        def named(name: str) -> tf.TensorSpec:
            part = getattr(spec, name)
            return tf.TensorSpec(part.shape, part.dtype, name)

        latents = [named("z_content"), named("motion_noise"), named("first_state")]
        captions = [named("z_caption")] if self.reader else []
        return [*latents, tf.TensorSpec([count], tf.int64, "category"), *captions]

    def _latents_spec(self, count: int | None, num_frames: int | None) -> Latents:
        dims = self.drawing.generator.sample_latents
        shapes = Latents(
            z_content=[count, dims.dim_z_content],
            motion_noise=[count, num_frames, dims.dim_motion_noise],
            first_state=[count, dims.gru_units],
            z_category=[count, self._classes.count],
            z_caption=[count, DIM_CAPTION if self.reader else 0],
        )
        return Latents(*(tf.TensorSpec(shape, tf.float32) for shape in shapes))

    def _sample(
        self,
        num_clips: tf.Tensor,
        content_seed: tf.Tensor,
        motion_seed: tf.Tensor,
        category: tf.Tensor,
    ) -> Outputs:
        count = _checked(num_clips, "num_clips", 0, MAX_CLIPS_PER_CALL)
        category = self._classes.trained_ids(category)
        clips = tf.map_fn(
            lambda index: self._clip_of(content_seed, motion_seed, index, category),
            tf.range(count),
            fn_output_signature=self._clip,
            parallel_iterations=1,
        )
        return {"clips": clips}

    def _first_clips(
        self,
        seeds: tf.Tensor,
        categories: tf.Tensor,
        convert: Callable[[tf.Tensor], tf.Tensor],
        spec: tf.TensorSpec,
        tokens: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """[N], [N], captions [N, words] -> `convert` of the first clip of each seed, [N, ...]."""
        count = _checked(tf.shape(seeds)[0], "the number of clips", 0, MAX_CLIPS_PER_CALL)
        first = tf.constant(0)
        return tf.map_fn(
            lambda row: convert(self._clip_of(row[0], row[0], first, *row[1:])),
            (seeds[:count], self._classes.trained_ids(categories), *_if_given(tokens)),
            fn_output_signature=spec,
            parallel_iterations=1,
        )

    def _clip_of(
        self,
        content_seed: tf.Tensor,
        motion_seed: tf.Tensor,
        index: tf.Tensor,
        category: tf.Tensor,
        tokens: tf.Tensor | None = None,
    ) -> tf.Tensor:
        num_frames = self._clip.shape[0]
        content = self.drawing.latents(content_seed, index, category, num_frames)
        motion = self.drawing.latents(motion_seed, index, category, num_frames, tokens)
        return self.drawing.frames(motion._replace(z_content=content.z_content))


def _checked(number: tf.Tensor, name: str, lowest: int, highest: int | tf.Tensor) -> tf.Tensor:
    """The number itself, after a check. What uses it waits for the check, so nothing large is created before."""
    fits = (number >= lowest) & (number <= highest)
    texts = [tf.strings.as_string(tf.convert_to_tensor(value)) for value in (highest, number)]
    message = tf.strings.join([f"{name} must be {lowest} to ", texts[0], ", got ", texts[1]])
    with tf.control_dependencies([tf.debugging.Assert(fits, [message])]):
        return tf.identity(number)


def _if_given(tokens: tf.Tensor | None) -> tuple[tf.Tensor, ...]:
    return () if tokens is None else (tokens,)


def _as_it_is(clip: tf.Tensor) -> tf.Tensor:
    return clip


def _film_strip(clip: tf.Tensor) -> Any:
    """[T, H, W, 3] -> PNG of [H, T * W, 3]."""
    num_frames, height, width, channels = clip.shape
    strip = tf.reshape(tf.transpose(clip, [1, 0, 2, 3]), [height, num_frames * width, channels])
    return tf.io.encode_png(strip)
