"""Samples clips from a SavedModel through its signatures."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from mocogan.data.progress import progress
from mocogan.data.quiet_xla import start_xla
from mocogan.trainer.contract import (
    ANY_CATEGORY,
    LATENTS,
    LATENTS_CAPTION,
    RENDER,
    SAMPLE_CATEGORY,
    SAMPLE_CONTROLLED,
    ModelDescription,
    read_model_description,
)

SIGNATURE = tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY
# Limits the memory of a call, which holds the activations of all its frames at once.
CLIPS_PER_CALL = 16
SAMPLING_SEEDS = 3
# Where TensorFlow's errors begin lines about the graph.
_ABOUT_THE_GRAPH = ("Graph execution error", "Detected at node", "<stack traces", "\t [[")
_SEEDS_APART = 100_000  # between the sampling seeds. Each call uses the next seed


class OutputContractError(Exception):
    """The model's signature or clips differ from the contract."""


class UnloadableModel(OutputContractError):
    """There is no model, or it cannot be read."""


class Variations(NamedTuple):
    """Clips that share content or motion, each [N, T, H, W, 3] uint8. All but the last share class and caption too."""

    clips: np.ndarray
    other_motion: np.ndarray  # the content of `clips`, with another motion seed
    other_content: np.ndarray  # the motion of `clips`, with another content seed
    # The content of `clips`, with another motion seed, of any class and caption.
    other_motion_and_class: np.ndarray


class ClipLatents(NamedTuple):
    """What clips are drawn from, for N clips of T frames. Another row is another clip."""

    z_content: np.ndarray  # [N, Dc] float32
    motion_noise: np.ndarray  # [N, T, De] float32
    first_state: np.ndarray  # [N, units] float32
    category: np.ndarray  # [N] int64, class ids; ANY_CATEGORY for models without classes
    z_caption: np.ndarray  # [N, Dt] float32; Dt is 0 for models without captions


# Calls a signature: its name and its inputs -> its outputs, tensors or arrays.
Caller = Callable[[str, Mapping[str, tf.Tensor]], Mapping[str, Any]]


class ClipModel:
    """A SavedModel that generates clips.

    Its signature `serving_default` maps num_clips int32 [] and seed int64 [] to clips uint8 [num_clips, T, H, W, 3].
    The signatures `sample_category`, `sample_controlled`, `latents`, `latents_caption` and `render` are optional.
    """

    def __init__(self, path: str, load: Callable[[str], Any] = tf.saved_model.load) -> None:
        """Loads the model. Raises UnloadableModel, or OutputContractError when its signature differs.

        `load` returns an object with `signatures`, as `tf.saved_model.load` does.
        """
        self.path = path
        self._caller: Caller | None = None
        if not tf.config.list_physical_devices("GPU"):
            start_xla()  # models that were trained on a CPU use it
        try:
            self._model = load(path)  # a signature alone does not keep its variables
            self.description: ModelDescription | None = read_model_description(path)
        except (OSError, ValueError, tf.errors.OpError) as error:
            raise UnloadableModel(
                f"{path} is not a SavedModel that loads: {first_line(error)}"
            ) from error
        signature = self._model.signatures.get(SIGNATURE)
        if signature is None:
            raise OutputContractError(f"the model in {path} has no signature {SIGNATURE!r}")
        inputs = {
            name: spec.dtype for name, spec in signature.structured_input_signature[1].items()
        }
        if inputs != {"num_clips": tf.int32, "seed": tf.int64}:
            shown = {name: dtype.name for name, dtype in inputs.items()}
            raise OutputContractError(
                f"the model in {path} must take num_clips int32 and seed int64, but it takes {shown}"
            )
        if "clips" not in signature.structured_outputs:
            raise OutputContractError(
                f"the model in {path} must return 'clips', but it returns "
                f"{sorted(signature.structured_outputs)}"
            )

    def called_by(self, caller: Caller) -> ClipModel:
        """The same model, but `caller` calls its signatures. What it raises passes through."""
        other = copy.copy(self)
        other._caller = caller
        return other

    @property
    def signatures(self) -> Mapping[str, Callable[..., dict[str, Any]]]:
        """Name -> function of a signature."""
        signatures: Mapping[str, Callable[..., dict[str, Any]]] = self._model.signatures
        return signatures

    @property
    def labels(self) -> tuple[str, ...]:
        """Classes in the order of their ids. Empty for a model without classes, or if it cannot sample a class."""
        if self.description is None or SAMPLE_CATEGORY not in self._model.signatures:
            return ()
        return self.description.labels

    @property
    def has_separate_seeds(self) -> bool:
        """Whether content and motion have seeds of their own."""
        return SAMPLE_CONTROLLED in self._model.signatures

    @property
    def has_latents(self) -> bool:
        """Whether clips can be drawn from latents, and so be of any length."""
        return {LATENTS, RENDER} <= set(self._model.signatures)

    @property
    def has_captions(self) -> bool:
        """Whether clips can be drawn for captions."""
        return self.has_latents and LATENTS_CAPTION in self._model.signatures

    @property
    def words(self) -> tuple[str, ...]:
        """Words of captions that the model knows, the most frequent first. Empty without captions."""
        return self.description.words if self.description and self.has_captions else ()

    @property
    def clip_shape(self) -> tuple[int, int, int, int]:
        """(T, H, W, 3), from the description or from a sampled clip."""
        if self.description is not None:
            return self.description.clip_shape
        _, num_frames, height, width, channels = self._call(SIGNATURE, 1, None, seed=0).shape
        return num_frames, height, width, channels

    def sample(self, count: int, clip_shape: tuple[int, ...], seed: int) -> np.ndarray:
        """Samples clips of random classes -> uint8 [count, *clip_shape].

        The clips come from SAMPLING_SEEDS seeds in turn, at most CLIPS_PER_CALL per call. Raises OutputContractError
        when the shape or the type differs.
        """
        return self.sample_categories(np.full(count, ANY_CATEGORY), clip_shape, seed)

    def sample_categories(
        self, categories: np.ndarray, clip_shape: tuple[int, ...], seed: int
    ) -> np.ndarray:
        """Samples one clip of each class id [N] (ANY_CATEGORY: a random class) -> uint8 [N, *clip_shape]."""
        clips = np.empty((len(categories), *clip_shape), np.uint8)
        turns = np.arange(len(categories)) % SAMPLING_SEEDS
        with progress("sampling", len(categories), "clips") as bar:
            for turn in range(SAMPLING_SEEDS):
                call_seed = seed + turn * _SEEDS_APART
                for category in np.unique(categories[turns == turn]):
                    places = np.flatnonzero((turns == turn) & (categories == category))
                    for start in range(0, len(places), CLIPS_PER_CALL):
                        part = places[start : start + CLIPS_PER_CALL]
                        clips[part] = self._sample(int(category), len(part), clip_shape, call_seed)
                        call_seed += 1
                        bar.advance(len(part))
        return clips

    def sample_variations(self, count: int, clip_shape: tuple[int, ...], seed: int) -> Variations:
        """Samples `count` clips of all classes in turn, and their variations.

        Clips of a model with captions have random classes. Their captions belong to the motion seed, so latents are
        exchanged instead of seeds.
        """
        if self.has_captions:
            return self._variations_of_captions(count, seed)
        parts = []
        categories = range(len(self.labels)) or (ANY_CATEGORY,)
        most = min(CLIPS_PER_CALL, math.ceil(count / len(categories)))
        for number, start in enumerate(range(0, count, most)):
            size, one = min(most, count - start), seed + 2 * number
            category, other = categories[number % len(categories)], one + 1
            calls = [(one, one, category), (one, other, category), (other, one, category)]
            calls.append((one, other, ANY_CATEGORY))
            parts.append(
                [
                    self._call(
                        SAMPLE_CONTROLLED,
                        size,
                        clip_shape,
                        content_seed=content_seed,
                        motion_seed=motion_seed,
                        category=its_category,
                    )
                    for content_seed, motion_seed, its_category in calls
                ]
            )
        return Variations(*(np.concatenate(clips) for clips in zip(*parts, strict=True)))

    def _variations_of_captions(self, count: int, seed: int) -> Variations:
        parts = []
        for start in range(0, count, CLIPS_PER_CALL):
            numbers = np.arange(start, min(start + CLIPS_PER_CALL, count))
            one, other = (
                self.latents(seed + numbers + more, ANY_CATEGORY, self.clip_shape[0])
                for more in (0, count)
            )
            other_motion = one._replace(
                motion_noise=other.motion_noise, first_state=other.first_state
            )
            clips = (
                one,
                other_motion,
                one._replace(z_content=other.z_content),
                other._replace(z_content=one.z_content),
            )
            parts.append([self.render(each) for each in clips])
        return Variations(*(np.concatenate(clips) for clips in zip(*parts, strict=True)))

    def sample_seed(self, content_seed: int, motion_seed: int, category: int) -> np.ndarray:
        """Samples the first clip of a seed -> uint8 [T, H, W, 3].

        Two different seeds need `has_separate_seeds`. The class comes from the motion seed, unless it is given.
        """
        if content_seed == motion_seed:
            return self._sample(category, 1, None, content_seed)[0]
        seeds = {"content_seed": content_seed, "motion_seed": motion_seed}
        return self._call(SAMPLE_CONTROLLED, 1, None, **seeds, category=category)[0]

    def latents(
        self,
        seeds: Sequence[int] | np.ndarray,
        category: int,
        num_frames: int,
        captions: Sequence[str] | None = None,
    ) -> ClipLatents:
        """Draws the latents of the first clip of each seed. Needs `has_latents`.

        `captions`: one for each seed, which needs `has_captions`. None: captions of training clips, if there are any.
        """
        inputs = {
            "seed": tf.constant(seeds, tf.int64),
            "category": tf.fill([len(seeds)], tf.constant(category, tf.int64)),
            "num_frames": tf.constant(num_frames, tf.int32),
        }
        if captions is None:
            return self._latents(LATENTS, inputs)
        texts = [caption.encode() for caption in captions]
        return self._latents(LATENTS_CAPTION, {**inputs, "caption": tf.constant(texts)})

    def _latents(self, signature: str, inputs: Mapping[str, tf.Tensor]) -> ClipLatents:
        names = [name for name in ClipLatents._fields if self.has_captions or name != "z_caption"]
        parts = dict(zip(names, self._outputs(signature, inputs, names), strict=True))
        no_caption = np.zeros((len(parts["category"]), 0), np.float32)
        return ClipLatents(**{"z_caption": no_caption, **parts})

    def render(self, latents: ClipLatents) -> np.ndarray:
        """Draws a clip from each row -> uint8 [N, T, H, W, 3]. Needs `has_latents`."""
        inputs = {name: tf.constant(part) for name, part in latents._asdict().items()}
        if not self.has_captions:
            del inputs["z_caption"]
        count, num_frames, _ = latents.motion_noise.shape
        (clips,) = self._outputs(RENDER, inputs, ("clips",))
        return self._checked(clips, (count, num_frames))

    def sample_captions(self, captions: Sequence[str], seed: int) -> np.ndarray:
        """Draws a clip for each caption, from seed to seed -> uint8 [N, T, H, W, 3]. Needs `has_captions`."""
        clips = np.empty((len(captions), *self.clip_shape), np.uint8)
        with progress("sampling captions", len(captions), "clips") as bar:
            for start in range(0, len(captions), CLIPS_PER_CALL):
                texts = captions[start : start + CLIPS_PER_CALL]
                seeds = range(seed + start, seed + start + len(texts))
                latents = self.latents(seeds, ANY_CATEGORY, self.clip_shape[0], texts)
                clips[start : start + len(texts)] = self.render(latents)
                bar.advance(len(texts))
        return clips

    def repeats(self, clip_shape: tuple[int, ...], seed: int) -> bool:
        """Whether two calls with the same seed return the same clips."""
        first, second = (self._call(SIGNATURE, 2, clip_shape, seed=seed) for _ in range(2))
        return np.array_equal(first, second)

    def follows_seed(self, clip_shape: tuple[int, ...], seed: int) -> bool:
        """Whether two calls with different seeds return different clips."""
        calls = (
            self._call(SIGNATURE, CLIPS_PER_CALL, clip_shape, seed=s) for s in (seed, seed + 1)
        )
        first, second = calls
        return not any(np.array_equal(a, b) for a, b in zip(first, second, strict=True))

    def _sample(
        self, category: int, count: int, clip_shape: tuple[int, ...] | None, seed: int
    ) -> np.ndarray:
        if category == ANY_CATEGORY:
            return self._call(SIGNATURE, count, clip_shape, seed=seed)
        return self._call(SAMPLE_CATEGORY, count, clip_shape, seed=seed, category=category)

    def _call(
        self, name: str, count: int, clip_shape: tuple[int, ...] | None, **inputs: int
    ) -> np.ndarray:
        tensors = {key: tf.constant(value, tf.int64) for key, value in inputs.items()}
        tensors["num_clips"] = tf.constant(count, tf.int32)
        (clips,) = self._outputs(name, tensors, ("clips",))
        return self._checked(clips, (count, *(clip_shape or ())))

    def _outputs(
        self, name: str, inputs: Mapping[str, tf.Tensor], names: Sequence[str]
    ) -> list[np.ndarray]:
        """Calls a signature and returns its outputs in the order of `names`."""
        try:
            if self._caller is not None:
                outputs: Mapping[str, Any] = self._caller(name, inputs)
            else:
                outputs = self.signatures[name](**inputs)
            return [np.asarray(outputs[key]) for key in names]
        except (tf.errors.OpError, KeyError, TypeError) as error:
            raise OutputContractError(
                f"signature {name!r} of the model in {self.path} failed: {first_line(error)}"
            ) from error

    def _checked(self, clips: np.ndarray, begin: tuple[int, ...]) -> np.ndarray:
        """Returns the clips if they are uint8 and their shape begins with `begin`."""
        expected = (*begin, *clips.shape[len(begin) :])
        if clips.shape != expected or clips.ndim != 5 or clips.dtype != np.uint8:
            raise OutputContractError(
                f"the model in {self.path} must return clips {expected} uint8, "
                f"but it returned {clips.shape} {clips.dtype}"
            )
        return clips


def first_line(error: Exception) -> str:
    """Returns the message of an error in one line, without lines about the graph."""
    lines = (line for line in str(error).splitlines() if line.strip())
    return next((line for line in lines if not line.startswith(_ABOUT_THE_GRAPH)), repr(error))
