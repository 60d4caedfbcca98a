"""Damages of real clips, to show what a metric sees and to give each metric a scale.

A damage takes clips [N, T, H, W, 3] uint8 and a random generator, and returns as many clips of the same shape.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import ndimage

Damaging = Callable[[np.ndarray, np.random.Generator], np.ndarray]


class Damage(NamedTuple):
    """One way to damage clips. `broken` damages leave nothing that a model may be blessed for."""

    name: str
    broken: bool
    function: Damaging
    description: str  # for readers of a report


def pixel_noise(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Independent random pixels."""
    return random.integers(0, 256, clips.shape, dtype=np.uint8)


def normal_noise(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Independent normal pixels with the mean and the spread of the real ones."""
    return _to_uint8(random.normal(clips.mean(), clips.std(), clips.shape))


def noise_blobs(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Noise that is smooth in space and time, with the mean and the spread of real clips."""
    smooth = np.stack(
        [
            ndimage.gaussian_filter(random.normal(size=clips.shape[1:]), (3, 6, 6, 0), mode="wrap")
            for _ in clips
        ]
    )
    return _to_uint8(clips.mean() + smooth / smooth.std() * clips.std())


def black(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Nothing but black."""
    return np.zeros_like(clips)


def flat(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """One random color a clip."""
    colors = random.integers(0, 256, (len(clips), 1, 1, 1, 3), dtype=np.uint8)
    return np.broadcast_to(colors, clips.shape).copy()


def inverted(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Inverted colors."""
    return 255 - clips


def shuffled(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Frames in random order, another order in each clip."""
    return np.stack([clip[random.permutation(len(clip))] for clip in clips])


def crossed(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Each frame from another clip, at its own time."""
    times = range(clips.shape[1])
    return np.stack([clips[random.permutation(len(clips)), time] for time in times], axis=1)


def still(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The first frame, held."""
    return np.broadcast_to(clips[:, :1], clips.shape).copy()


def still_with_flicker(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The first frame, held, with a flicker of three gray levels."""
    flicker = np.where(np.arange(clips.shape[1]) % 2, 3, -3)[:, None, None, None]
    return _clip_by_clip(clips, lambda clip: clip[:1] + flicker)


def cross_faded(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Each clip fades into another clip, which is moved along the path of the first one."""
    others = clips[_other(len(clips), random)]
    share = np.linspace(0, 1, clips.shape[1])[:, None, None, None]
    pairs = zip(clips, others, strict=True)
    return np.stack([_to_uint8(a * (1 - share) + _moved_along(b, a) * share) for a, b in pairs])


def half_of_clips_black(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Every second clip is black."""
    damaged = clips.copy()
    damaged[1::2] = 0
    return damaged


def half_of_each_clip_black(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The second half of each clip is black."""
    damaged = clips.copy()
    damaged[:, clips.shape[1] // 2 :] = 0
    return damaged


def half_of_picture_gray(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The right half of the picture is gray."""
    damaged = clips.copy()
    damaged[:, :, :, clips.shape[3] // 2 :] = 128
    return damaged


def checkerboard(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A still checkerboard of +-100 over each clip."""
    rows, columns = np.indices(clips.shape[2:4]) // 4
    board = np.where((rows + columns) % 2, 100, -100)[..., None]
    return _clip_by_clip(clips, lambda clip: clip + board)


def flash(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """One white frame in the middle."""
    damaged = clips.copy()
    damaged[:, clips.shape[1] // 2 - 1] = 255
    return damaged


def mean_clip(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The mean of all clips, with a tenth of each clip."""
    mean = clips.mean(axis=0)
    return _clip_by_clip(clips, lambda clip: 0.9 * mean + 0.1 * clip)


def few_clips(count: int) -> Damaging:
    """Only `count` clips, over and over."""
    return lambda clips, random: clips[np.arange(len(clips)) % count]


def reversed_in_time(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Frames in reverse order."""
    return clips[:, ::-1].copy()


def posterized(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Two levels a channel."""
    return np.where(clips >= 128, 255, 0).astype(np.uint8)


def grayscale(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """No colors."""
    gray = clips.mean(axis=-1, keepdims=True)
    return _to_uint8(np.broadcast_to(gray, clips.shape))


def red_and_blue_swapped(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Channels in reverse order."""
    return clips[..., ::-1].copy()


def missing_colors(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Only the half of the clips with the least red."""
    order = np.argsort(clips[..., 0].mean(axis=(1, 2, 3)), kind="stable")
    least = order[: (len(clips) + 1) // 2]
    return clips[np.resize(least, len(clips))]


def upside_down(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Frames upside down."""
    return clips[:, :, ::-1].copy()


def blocks(side: int) -> Damaging:
    """Blocks of `side` x `side` pixels with the color of their center."""

    def pixelate(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
        rows, columns = (
            np.minimum(np.arange(length) // side * side + side // 2, length - 1)
            for length in clips.shape[2:4]
        )
        return clips[:, :, rows[:, None], columns]

    return pixelate


def blurred(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Blurred with a radius of one pixel."""
    return _clip_by_clip(clips, lambda clip: ndimage.gaussian_filter(clip * 1.0, (0, 1, 1, 0)))


def noisy(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Normal noise of eight gray levels."""
    return _clip_by_clip(
        clips, lambda clip: clip + random.normal(0, 8, clip.shape).astype(np.float32)
    )


def jitter(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Each frame moved by up to two pixels."""
    damaged = np.empty_like(clips)
    for index in np.ndindex(clips.shape[:2]):
        damaged[index] = _shifted(clips[index], *random.integers(-2, 3, size=2))
    return damaged


def cut(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The second half of each clip from another clip."""
    damaged, half = clips.copy(), clips.shape[1] // 2
    damaged[:, half:] = clips[_other(len(clips), random), half:]
    return damaged


def color_flicker(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Channels in another order after every two frames."""
    damaged = clips.copy()
    for time in range(clips.shape[1]):
        damaged[:, time] = np.roll(clips[:, time], time // 2, axis=-1)
    return damaged


def fade(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Each clip fades to half of its brightness."""
    brightness = np.linspace(1, 0.5, clips.shape[1])[:, None, None, None]
    return _clip_by_clip(clips, lambda clip: clip * brightness)


def slow_motion(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Each frame twice: the first half at half the speed."""
    return clips[:, np.arange(clips.shape[1]) // 2]


def ping_pong(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Forward, then backward."""
    half = (clips.shape[1] + 1) // 2
    forward = np.arange(half)
    return clips[:, np.concatenate([forward, forward[::-1]])[: clips.shape[1]]]


def low_contrast(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Half of the contrast."""
    return _clip_by_clip(clips, lambda clip: 128 + (clip - 128.0) / 2)


def in_some(share: float, damaging: Damaging) -> Damaging:
    """The damage in a share of the clips, the others as they are."""

    def damage(clips: np.ndarray, random: np.random.Generator) -> np.ndarray:
        damaged = clips.copy()
        chosen = random.permutation(len(clips))[: round(share * len(clips))]
        damaged[chosen] = damaging(clips, random)[chosen]
        return damaged

    return damage


DAMAGES: dict[str, Damage] = {
    damage.name: damage
    for damage in (
        Damage("pixel_noise", True, pixel_noise, "random pixels"),
        Damage("normal_noise", True, normal_noise, "normal noise"),
        Damage("noise_blobs", True, noise_blobs, "blobs of noise"),
        Damage("black", True, black, "black clips"),
        Damage("flat", True, flat, "one flat color a clip"),
        Damage("inverted", True, inverted, "inverted colors"),
        Damage("shuffled", True, shuffled, "frames in random order"),
        Damage("crossed", True, crossed, "every frame from another clip"),
        Damage("still", True, still, "still clips"),
        Damage("still_with_flicker", True, still_with_flicker, "still clips with flicker"),
        Damage("cross_faded", True, cross_faded, "things that turn into others"),
        Damage("half_of_clips_black", True, half_of_clips_black, "every second clip black"),
        Damage(
            "half_of_each_clip_black",
            True,
            half_of_each_clip_black,
            "second half of each clip black",
        ),
        Damage("half_of_picture_gray", True, half_of_picture_gray, "half of the picture gray"),
        Damage("checkerboard", True, checkerboard, "a checkerboard over each clip"),
        Damage("flash", True, flash, "a white flash"),
        Damage("mean_clip", True, mean_clip, "the mean of all clips"),
        Damage("one_clip", True, few_clips(1), "one clip over and over"),
        Damage("two_clips", True, few_clips(2), "two clips over and over"),
        Damage("four_clips", True, few_clips(4), "four clips over and over"),
        Damage("sixteen_clips", False, few_clips(16), "sixteen clips over and over"),
        Damage("reversed", False, reversed_in_time, "reversed time"),
        Damage("posterized", False, posterized, "two levels a channel"),
        Damage("grayscale", False, grayscale, "no colors"),
        Damage("red_and_blue_swapped", False, red_and_blue_swapped, "red and blue swapped"),
        Damage("missing_colors", False, missing_colors, "half of the clips missing, by color"),
        Damage("upside_down", False, upside_down, "upside down"),
        Damage("blocks_4", False, blocks(4), "blocks of 4 pixels"),
        Damage("blocks_8", False, blocks(8), "blocks of 8 pixels"),
        Damage("blocks_16", False, blocks(16), "blocks of 16 pixels"),
        Damage("blurred", False, blurred, "blurred clips"),
        Damage("noisy", False, noisy, "weak noise"),
        Damage("jitter", False, jitter, "trembling by up to 2 pixels"),
        Damage("cut", False, cut, "a cut to another clip"),
        Damage("color_flicker", False, color_flicker, "color flicker"),
        Damage("fade", False, fade, "fading to half of the brightness"),
        Damage("slow_motion", False, slow_motion, "half of the speed"),
        Damage("ping_pong", False, ping_pong, "forward and backward"),
        Damage("low_contrast", False, low_contrast, "half of the contrast"),
        Damage(
            "shuffled_30_percent",
            False,
            in_some(0.3, shuffled),
            "frames in random order in 30 % of clips",
        ),
        Damage("black_30_percent", False, in_some(0.3, black), "30 % black clips"),
        Damage("cut_30_percent", False, in_some(0.3, cut), "a cut in 30 % of clips"),
    )
}


def _clip_by_clip(clips: np.ndarray, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Apply `function` to each clip. Floats of all clips would take 8 times the memory of the clips."""
    return np.stack([_to_uint8(function(clip)) for clip in clips])


def _to_uint8(values: np.ndarray) -> np.ndarray:
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


def _other(count: int, random: np.random.Generator) -> np.ndarray:
    """Return for each clip the number of another clip."""
    order = random.permutation(count)
    other = np.empty(count, int)
    other[order] = np.roll(order, 1)
    return other


def _shifted(frame: np.ndarray, down: int, right: int) -> np.ndarray:
    """[H, W, 3] moved by whole pixels. What enters repeats the border."""
    height, width = frame.shape[:2]
    rows = np.clip(np.arange(height) - down, 0, height - 1)
    columns = np.clip(np.arange(width) - right, 0, width - 1)
    return frame[rows[:, None], columns]


def _moved_along(clip: np.ndarray, path_of: np.ndarray) -> np.ndarray:
    """Move each frame of `clip` so that the center of its contrast is that of the same frame of `path_of`."""
    moves = np.round(_centers(path_of) - _centers(clip)).astype(int)
    return np.stack([_shifted(frame, *move) for frame, move in zip(clip, moves, strict=True)])


def _centers(clip: np.ndarray) -> np.ndarray:
    """[T, H, W, 3] -> [T, 2]: center of the difference from the median color of the clip."""
    contrast = np.abs(clip - np.median(clip, axis=(0, 1, 2))).sum(axis=-1) + 1e-6
    totals = contrast.sum(axis=(1, 2))
    down = contrast.sum(axis=2) @ np.arange(clip.shape[1]) / totals
    right = contrast.sum(axis=1) @ np.arange(clip.shape[2]) / totals
    return np.stack([down, right], axis=1)
