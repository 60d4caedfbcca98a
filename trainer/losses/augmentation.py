"""Differentiable augmentation of discriminator inputs (arXiv:2006.10738), the same in all frames of a clip.

Real and fake clips are both augmented, so the generator still learns clips without augmentation. A different change in
each frame would add motion that no real clip has (arXiv:2112.14683, section 4.2). Clips are never rotated or mirrored,
because the direction of a motion can be a class.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import tensorflow as tf

from mocogan.trainer.config import Augmentation
from mocogan.trainer.runtime.randomness import RandomStream

# The ranges of the authors of arXiv:2006.10738.
_BRIGHTNESS = -0.5, 0.5  # added
_SATURATION = 0.0, 2.0  # factor of the distance to the pixel's gray
_CONTRAST = 0.5, 1.5  # factor of the distance to the clip's mean
_SHIFT_SHARE = 1 / 8  # maximum shift in each direction, as a share of the frame size
_HOLE_SHARE = 1 / 2  # of the frame's height and of its width
_LEVELS = 2**24  # number of random values in a range; float32 resolves no more below 1


def augment(clips: tf.Tensor, random: RandomStream, kinds: Collection[Augmentation]) -> tf.Tensor:
    """Applies random augmentations to clips, the same in all frames of a clip.

    Args:
        clips: Clips [B, T, H, W, 3], float32 in [-1, 1].
        random: Stream that the augmentations are drawn from.
        kinds: Any of `color`, `translation` and `cutout`.

    Returns:
        Clips [B, T, H, W, 3], float32. `color` can exceed [-1, 1]; the other two fill empty pixels with 0.
    """
    for kind, change in _CHANGES.items():
        if kind in kinds:
            clips = change(clips, random)
    return clips


def _jitter_color(clips: tf.Tensor, random: RandomStream) -> tf.Tensor:
    brightness, saturation, contrast = (
        _uniform(clips, *bounds, random) for bounds in (_BRIGHTNESS, _SATURATION, _CONTRAST)
    )
    gray = tf.reduce_mean(clips, axis=-1, keepdims=True)
    mean = tf.reduce_mean(gray, axis=[1, 2, 3], keepdims=True)
    # Three changes in this order: x + brightness; gray + saturation * (x - gray); mean + contrast * (x - mean).
    # All are linear, so they combine into one factor per clip and one summand per pixel.
    summand = contrast * (1 - saturation) * gray + (1 - contrast) * mean + brightness
    return contrast * saturation * clips + summand


def _shift(clips: tf.Tensor, random: RandomStream) -> tf.Tensor:
    most = int(clips.shape[2] * _SHIFT_SHARE + 0.5)
    shifts = random.integers([tf.shape(clips)[0], 2], 2 * most + 1) - most
    return translate(clips, shifts)


@tf.custom_gradient
def translate(
    clips: tf.Tensor, shifts: tf.Tensor
) -> tuple[tf.Tensor, Callable[[tf.Tensor], tuple[tf.Tensor, None]]]:
    """Moves each clip of [B, T, H, W, C] down and right by int32 [B, 2] pixels and fills the gap with zeros."""

    def move(clip_and_shift: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        clip, shift = clip_and_shift
        gap, lost = tf.maximum(shift, 0), tf.maximum(-shift, 0)
        num_frames, height, width, channels = clip.shape
        size = [num_frames, height - tf.abs(shift[0]), width - tf.abs(shift[1]), channels]
        kept = tf.slice(clip, [0, lost[0], lost[1], 0], size)
        return tf.pad(kept, [[0, 0], [gap[0], lost[0]], [gap[1], lost[1]], [0, 0]])

    # Slice and pad copy whole rows. A gather of pixels takes twice as long, and its gradient even longer.
    moved = tf.map_fn(
        move, (clips, shifts), fn_output_signature=tf.TensorSpec(clips.shape[1:], clips.dtype)
    )
    return moved, lambda upstream: (translate(upstream, -shifts), None)


def _cut_out(clips: tf.Tensor, random: RandomStream) -> tf.Tensor:
    rows, columns = (_inside(size, clips, random) for size in clips.shape[2:4])
    hole = (
        rows[:, tf.newaxis, :, tf.newaxis, tf.newaxis]
        & columns[:, tf.newaxis, tf.newaxis, :, tf.newaxis]
    )
    return clips * tf.cast(~hole, clips.dtype)


def _inside(size: int, clips: tf.Tensor, random: RandomStream) -> tf.Tensor:
    """[B, size] bool: the part of an axis inside the hole. Its middle can be anywhere, so the frame can cut it off."""
    length = int(size * _HOLE_SHARE + 0.5)
    middles = random.integers([tf.shape(clips)[0], 1], size + 1 - length % 2)
    places = tf.range(size)[tf.newaxis] - (middles - length // 2)
    return (places >= 0) & (places < length)


def _uniform(clips: tf.Tensor, lower: float, upper: float, random: RandomStream) -> tf.Tensor:
    """[B, 1, 1, 1, 1] float32: one number per clip, from `lower` to `upper`."""
    levels = random.integers([tf.shape(clips)[0], 1, 1, 1, 1], _LEVELS)
    return lower + (upper - lower) / _LEVELS * tf.cast(levels, tf.float32)


_CHANGES: dict[Augmentation, Callable[[tf.Tensor, RandomStream], tf.Tensor]] = {
    "color": _jitter_color,
    "translation": _shift,
    "cutout": _cut_out,
}
