"""Attributes of moving shapes: size, color, form and direction, as a detector sees them. Pure numpy.

A requested attribute agrees if the detector names the same value. Clips without an attribute that can be named agree
with nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mocogan.evaluation.shapes.detector import DetectedShapes

ATTRIBUTES = ("size", "color", "form", "direction")
UNKNOWN = ""  # value of an attribute that cannot be named

_MIN_FRAMES = 0.5  # share of the frames that must show a shape
_MIN_DISPLACEMENT = 1 / 8  # of the frame's side; a clip that moves less has no direction
_FILL_BETWEEN = 0.89  # of the bounding box: 0.79 for a disc, 1 for a square


class ShapeValues(NamedTuple):
    """The values that attributes can have."""

    sizes: Mapping[
        str, float
    ]  # name -> radius or half of a square's side, as a share of the frame's
    colors: Mapping[str, tuple[int, int, int]]  # name -> RGB
    disc: str  # name of the form
    square: str


def name_attributes(
    shapes: DetectedShapes, side: int, values: ShapeValues
) -> dict[str, np.ndarray]:
    """Names the attributes of each clip.

    - Color: the value that is nearest to the mean color over the frames with a shape, in RGB.
    - Form: from the median share of the bounding box that the shape fills.
    - Size: the value that is nearest to the radius of a shape of the named form with the median area.
    - Direction: `left_to_right`, `right_to_left`, `top_to_bottom` or `bottom_to_top`, from the first and last center.

    Args:
        shapes: Shapes of N clips.
        side: Height and width of the frames in pixels.
        values: The values to choose from.

    Returns:
        Names by attribute, [N] of texts. UNKNOWN if fewer than half of the frames show a shape, or if it moves less
        than an eighth of the side.
    """
    rows = [
        _of_clip(DetectedShapes(*(part[n] for part in shapes)), side, values)
        for n in range(len(shapes.detected))
    ]
    return {
        name: np.array([row[number] for row in rows], object)
        for number, name in enumerate(ATTRIBUTES)
    }


def _of_clip(clip: DetectedShapes, side: int, values: ShapeValues) -> tuple[str, str, str, str]:
    seen = clip.detected
    if seen.sum() < max(2, _MIN_FRAMES * len(seen)):
        return UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN
    is_square = np.median(clip.fill[seen]) > _FILL_BETWEEN
    area = float(np.median(clip.area[seen]))
    radius = np.sqrt(area / (4 if is_square else np.pi)) / side
    color = clip.color[seen].mean(axis=0)
    return (
        _nearest(values.sizes, np.array([radius])),
        _nearest(values.colors, color),
        values.square if is_square else values.disc,
        _direction(clip.center[seen], side),
    )


def _nearest(values: Mapping[str, Any], found: np.ndarray) -> str:
    distances = [np.linalg.norm(found - np.atleast_1d(value)) for value in values.values()]
    return list(values)[int(np.argmin(distances))]


def _direction(centers: np.ndarray, side: int) -> str:
    right, down = centers[-1] - centers[0]
    if max(abs(right), abs(down)) < side * _MIN_DISPLACEMENT:
        return UNKNOWN
    if abs(right) > abs(down):
        return "left_to_right" if right > 0 else "right_to_left"
    return "top_to_bottom" if down > 0 else "bottom_to_top"


def agreement(
    named: Mapping[str, np.ndarray], requested: Mapping[str, Sequence[str]]
) -> dict[str, float]:
    """Share of the clips whose named attribute is the requested one, by attribute, and `all` of them together."""
    equal = {name: named[name] == np.array(requested[name], object) for name in ATTRIBUTES}
    every = np.all(list(equal.values()), axis=0)
    return {name: float(same.mean()) for name, same in {**equal, "all": every}.items()}


def chance(requested: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Agreement of a model that does not read captions but knows how often values occur, by attribute and `all`.

    It is the sum of the squared shares of the values.
    """
    rows = list(zip(*(requested[name] for name in ATTRIBUTES), strict=True))
    return {
        **{name: _by_guess(list(requested[name])) for name in ATTRIBUTES},
        "all": _by_guess([repr(row) for row in rows]),
    }


def _by_guess(values: list[str]) -> float:
    _, counts = np.unique(np.array(values), return_counts=True)
    return float(np.square(counts / len(values)).sum())
