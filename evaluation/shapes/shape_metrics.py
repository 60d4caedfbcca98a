"""Metrics of detected shapes, and their registry. Pure numpy.

Most metrics are means over clips in which at least two frames show a shape. Compare ACD only together with the
detection rate and the displacement, because a frozen clip has an ACD of 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from mocogan.evaluation.metric import Metric
from mocogan.evaluation.shapes.detector import DetectedShapes

_PIXELS = "pixels"


def detection_rate(shapes: DetectedShapes) -> float:
    """Return the share of frames that show one shape on black, in [0, 1]. 0 without frames."""
    return float(shapes.detected.mean()) if shapes.detected.size else 0.0


def num_measured_clips(shapes: DetectedShapes) -> int:
    """Count the clips with a shape in at least two frames."""
    return sum(1 for _ in _measured_clips(shapes))


def acd(shapes: DetectedShapes) -> float | None:
    """Return the average content distance (ACD; Tulyakov et al., CVPR 2018, section 4.1).

    ACD is the mean L2 distance between the shape's mean RGB colors (0-255) in two frames. The mean covers all pairs of
    frames with a shape in a clip, then all clips. The authors' set has an ACD of 0. Edges smoothed over one pixel, as
    in `data.synthetic.shapes`, give about 4 at 64x64.

    Args:
        shapes: Shapes detected in N clips of T frames.

    Returns:
        A distance in color levels, or None if no clip has two frames with a shape.
    """
    return _mean_over_clips(shapes, lambda clip: _mean_distance(clip.color))


def displacement(shapes: DetectedShapes) -> float | None:
    """Return the distance of the center between the first and the last frame with a shape, in pixels."""
    return _mean_over_clips(
        shapes, lambda clip: float(np.linalg.norm(clip.center[-1] - clip.center[0]))
    )


def path_length(shapes: DetectedShapes) -> float | None:
    """Return the length of the path of the center, in pixels."""
    return _mean_over_clips(
        shapes, lambda clip: float(np.linalg.norm(np.diff(clip.center, axis=0), axis=1).sum())
    )


def size_variation(shapes: DetectedShapes) -> float | None:
    """Return the standard deviation of the area within a clip divided by its mean."""
    return _mean_over_clips(shapes, lambda clip: float(clip.area.std() / clip.area.mean()))


def jitter(shapes: DetectedShapes) -> float | None:
    """Return the length of the second difference of the center, in pixels, over three successive shape frames."""
    lengths = []
    for detected, center in zip(shapes.detected, shapes.center, strict=True):
        successive = detected[:-2] & detected[1:-1] & detected[2:]
        if successive.any():
            turns = np.diff(center, n=2, axis=0)[successive]
            lengths.append(float(np.linalg.norm(turns, axis=1).mean()))
    return float(np.mean(lengths)) if lengths else None


def size_std(shapes: DetectedShapes) -> float | None:
    """Return how much clips differ in size: the standard deviation of their median areas, in pixels."""
    areas = clip_medians(shapes.area, shapes.detected)
    return float(areas.std()) if len(areas) else None


def fill_std(shapes: DetectedShapes) -> float | None:
    """Return how much clips differ in form: the standard deviation of their median fills."""
    fills = clip_medians(shapes.fill, shapes.detected)
    return float(fills.std()) if len(fills) else None


def clip_medians(values: np.ndarray, detected: np.ndarray) -> np.ndarray:
    """[N, T], [N, T] bool -> [M] medians over frames with a shape, for the M clips that have such frames."""
    pairs = zip(values, detected, strict=True)
    return np.array([np.median(clip[seen]) for clip, seen in pairs if seen.any()])


SHAPE_METRICS: tuple[Metric[DetectedShapes], ...] = (
    Metric("detection_rate", "share of frames", "higher", detection_rate),
    Metric("acd", "color levels", "lower", acd),
    Metric("displacement", _PIXELS, "none", displacement),
    Metric("path_length", _PIXELS, "none", path_length),
    Metric("size_variation", "share of the area", "lower", size_variation),
    Metric("jitter", _PIXELS, "lower", jitter),
    Metric("size_std", _PIXELS, "none", size_std),
    Metric("fill_std", "share of the bounding box", "none", fill_std),
)


def _measured_clips(shapes: DetectedShapes) -> Iterator[DetectedShapes]:
    """Yield the frames with a shape, [F, ...], of each clip that has at least two."""
    for clip in zip(*shapes, strict=True):
        detected = clip[0]
        if detected.sum() >= 2:
            yield DetectedShapes(*(values[detected] for values in clip))


def _mean_over_clips(
    shapes: DetectedShapes, function: Callable[[DetectedShapes], float]
) -> float | None:
    values = [function(clip) for clip in _measured_clips(shapes)]
    return float(np.mean(values)) if values else None


def _mean_distance(points: np.ndarray) -> float:
    """[P, D] -> mean L2 distance over the pairs of different points, P >= 2."""
    distances = np.linalg.norm(points[:, None] - points[None], axis=-1)
    return float(distances.sum() / (len(points) * (len(points) - 1)))
