"""Motion and flicker of clips. Pure numpy.

There are two measures of motion. `frame_differences` counts each pixel, so pixel noise counts as motion. `rms_change`
takes downsampled clips, so pixel noise averages out and a noisy still clip has almost no motion.
"""

from __future__ import annotations

import numpy as np

_STILL = 1.0  # gray levels: a smaller change is not visible


def frame_differences(clips: np.ndarray) -> np.ndarray:
    """Return the mean absolute difference of successive frames.

    Args:
        clips: [N, T, H, W, 3] uint8, T >= 2.

    Returns:
        [N, T - 1] float64 in gray levels, 0 to 255.
    """
    assert (clips.ndim, clips.dtype) == (5, np.uint8), (clips.shape, clips.dtype)
    # One pair of frames at a time limits memory. The larger minus the smaller value fits in 8 bits.
    pairs = [
        np.maximum(first, second) - np.minimum(first, second)
        for first, second in ((clips[:, t], clips[:, t + 1]) for t in range(clips.shape[1] - 1))
    ]
    return np.stack([pair.mean(axis=(1, 2, 3)) for pair in pairs], axis=1)


def rms_change(clips: np.ndarray) -> float:
    """Return the root mean square change from one frame to the next.

    Args:
        clips: [N, T, h, w, 3] float32 in [0, 255], downsampled, with T >= 2.

    Returns:
        Gray levels, 0 to 255.
    """
    return float(np.sqrt(np.mean(np.square(np.diff(clips, axis=1)))))


def flicker(clips: np.ndarray) -> float | None:
    """Return how much of each change the next frame undoes: the negated correlation of successive changes.

    Args:
        clips: [N, T, h, w, 3] float32 in [0, 255], downsampled so that pixel noise does not count.

    Returns:
        1 for two alternating frames, 0.5 for independent frames, 0 or less for steady motion. None for T < 3, or if the
        root mean square change is below one gray level.
    """
    if clips.shape[1] < 3 or rms_change(clips) < _STILL:
        return None
    changes = np.diff(clips, axis=1)
    before, after = changes[:, :-1], changes[:, 1:]
    power = 0.5 * np.sum(np.square(before) + np.square(after))
    return float(-np.sum(before * after) / power)
