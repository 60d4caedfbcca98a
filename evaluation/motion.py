"""How much clips move, and whether they flicker. Pure numpy.

There are two measures of how much moves. `frame_differences` counts each pixel and therefore sees noise. `rms_change`
of downsampled clips is blind to noise of single pixels and sees that a noisy clip stands still.
"""

from __future__ import annotations

import numpy as np

_STILL = 1.0  # gray levels: a smaller change cannot be seen


def frame_differences(clips: np.ndarray) -> np.ndarray:
    """Mean absolute difference of successive frames: how much moves.

    Args:
        clips: [N, T, H, W, 3] uint8, T >= 2.

    Returns:
        [N, T - 1] float64 in gray levels, 0 to 255.
    """
    assert (clips.ndim, clips.dtype) == (5, np.uint8), (clips.shape, clips.dtype)
    # One pair of frames at a time, in 8 bits, which hold the difference of the larger and the smaller number.
    pairs = [
        np.maximum(first, second) - np.minimum(first, second)
        for first, second in ((clips[:, t], clips[:, t + 1]) for t in range(clips.shape[1] - 1))
    ]
    return np.stack([pair.mean(axis=(1, 2, 3)) for pair in pairs], axis=1)


def rms_change(clips: np.ndarray) -> float:
    """Root mean square change from a frame to the next.

    Args:
        clips: [N, T, h, w, 3] float32 in [0, 255], downsampled; T >= 2.

    Returns:
        Gray levels, 0 to 255.
    """
    return float(np.sqrt(np.mean(np.square(np.diff(clips, axis=1)))))


def flicker(clips: np.ndarray) -> float | None:
    """How much of a change the next frame takes back: the negated correlation of successive changes.

    Args:
        clips: [N, T, h, w, 3] float32 in [0, 255], downsampled so that noise of single pixels does not count.

    Returns:
        1 for two frames that alternate, 0.5 for frames that are independent of each other, 0 or less for steady
        motion. None for T < 3, and where the root mean square change is below one gray level.
    """
    if clips.shape[1] < 3 or rms_change(clips) < _STILL:
        return None
    changes = np.diff(clips, axis=1)
    before, after = changes[:, :-1], changes[:, 1:]
    power = 0.5 * np.sum(np.square(before) + np.square(after))
    return float(-np.sum(before * after) / power)
