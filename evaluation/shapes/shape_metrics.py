"""Metrics of detected shapes, with their registry. Pure numpy.

Each is a mean over clips. Clips in which fewer than two frames show a shape are left out of all but the detection rate.
Read ACD beside the detection rate and the displacement: a frozen clip has an ACD of 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from mocogan.evaluation.metric import Metric
from mocogan.evaluation.shapes.detector import DetectedShapes

_PIXELS = "pixels"


def detection_rate(shapes: DetectedShapes) -> float:
    """Share of all frames that hold one shape on black, in [0, 1]; 0 without frames."""
    return float(shapes.detected.mean()) if shapes.detected.size else 0.0


def num_measured_clips(shapes: DetectedShapes) -> int:
    """Clips with a shape in at least two frames."""
    return sum(1 for _ in _measured_clips(shapes))


def acd(shapes: DetectedShapes) -> float | None:
    """Average content distance (Tulyakov et al., CVPR 2018, section 4.1).

    The mean L2 distance between the shape's mean RGB colors (0-255) in two frames, over all pairs of a clip's frames
    with a shape. The authors' set has 0. Edges smoothed over one pixel, as `data.synthetic.shapes` draws them, give
    about 4 at 64x64.
    """
    return _mean_over_clips(shapes, lambda clip: _mean_distance(clip.color))


def displacement(shapes: DetectedShapes) -> float | None:
    """Straight distance of the center from the first frame with a shape to the last, in pixels."""
    return _mean_over_clips(
        shapes, lambda clip: float(np.linalg.norm(clip.center[-1] - clip.center[0]))
    )


def path_length(shapes: DetectedShapes) -> float | None:
    """Distance that the center moves along its way, in pixels."""
    return _mean_over_clips(
        shapes, lambda clip: float(np.linalg.norm(np.diff(clip.center, axis=0), axis=1).sum())
    )


def size_variation(shapes: DetectedShapes) -> float | None:
    """Standard deviation of the area over its mean, along a clip."""
    return _mean_over_clips(shapes, lambda clip: float(clip.area.std() / clip.area.mean()))


def jitter(shapes: DetectedShapes) -> float | None:
    """Length of the second difference of the center, in pixels, over three successive frames with a shape."""
    lengths = []
    for detected, center in zip(shapes.detected, shapes.center, strict=True):
        successive = detected[:-2] & detected[1:-1] & detected[2:]
        if successive.any():
            turns = np.diff(center, n=2, axis=0)[successive]
            lengths.append(float(np.linalg.norm(turns, axis=1).mean()))
    return float(np.mean(lengths)) if lengths else None


def size_std(shapes: DetectedShapes) -> float | None:
    """How much clips differ in size: the standard deviation over clips of their median area, in pixels."""
    areas = clip_medians(shapes.area, shapes.detected)
    return float(areas.std()) if len(areas) else None


def fill_std(shapes: DetectedShapes) -> float | None:
    """How much clips differ in form: the standard deviation over clips of their median fill."""
    fills = clip_medians(shapes.fill, shapes.detected)
    return float(fills.std()) if len(fills) else None


def clip_medians(values: np.ndarray, detected: np.ndarray) -> np.ndarray:
    """[N, T], [N, T] bool -> [M] medians over the frames with a shape, of the M clips that have one."""
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
    """The frames with a shape, [F, ...], of each clip that has at least two."""
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
    """[P, D] -> mean L2 distance over the pairs of different points; P >= 2."""
    distances = np.linalg.norm(points[:, None] - points[None], axis=-1)
    return float(distances.sum() / (len(points) * (len(points) - 1)))
