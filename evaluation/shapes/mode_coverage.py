"""Mode coverage: which share of the real clips' modes the generated clips reach. Pure numpy.

A mode is a direction x one of NUM_SIZES sizes x a color octant, 64 in all.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np

from mocogan.evaluation.shapes.detector import DetectedShapes, NotShapeMotion
from mocogan.evaluation.shapes.shape_metrics import clip_medians

NUM_SIZES = 4  # the authors' set has four sizes of each shape
SAMPLE_SIZES = (256, 1024)  # clips to count modes of: the first with which real clips reach ...
_ENOUGH_COVERAGE = 0.95  # ... this share of the modes
_MIN_MODE_FREQUENCY = 0.002  # of the real clips, for a mode to count; one of 64 modes has 0.016
_MIN_DISPLACEMENT = 1 / 8  # of the frame's side: less is no direction

UP, LEFT = "bottom_to_top", "right_to_left"
Mode = tuple[str, int, int]  # direction, size, color octant


class ModeCoverage(NamedTuple):
    """How many modes clips reach."""

    generated: float  # share of the modes that the first `num_clips` generated clips reach
    real: float  # share that as many real clips reach: what a perfect generator would get
    num_clips: int
    num_modes: int  # that at least 0.2 % of the real clips lie in
    size_edges: np.ndarray  # [NUM_SIZES - 1] pixels


def mode_coverage(
    real: DetectedShapes, generated: DetectedShapes, side: int, seed: int
) -> ModeCoverage:
    """Compares as many generated as real clips.

    The number of clips is 256, or 1024 if 256 real clips do not reach 0.95 of the modes, or what there is.

    Args:
        real: Shapes of the real clips.
        generated: Shapes of the generated clips.
        side: Width of the frames in pixels.
        seed: Draws the real clips that are compared.

    Raises:
        NotShapeMotion: The real clips have fewer areas than NUM_SIZES.
    """
    edges = size_edges(real)
    modes = _common_modes(clip_modes(real, edges, side), len(real.detected))
    order = np.random.default_rng(seed).permutation(len(real.detected))
    for size in SAMPLE_SIZES:
        count = min(size, len(real.detected), len(generated.detected))
        real_coverage = _coverage(_select(real, order[:count]), edges, side, modes)
        if real_coverage >= _ENOUGH_COVERAGE:
            break
    first = _select(generated, np.arange(count))
    return ModeCoverage(
        _coverage(first, edges, side, modes), real_coverage, count, len(modes), edges
    )


def size_edges(shapes: DetectedShapes) -> np.ndarray:
    """[NUM_SIZES - 1] areas in pixels that split these clips into bins of about equal counts.

    An edge lies midway between two areas that occur: where sizes are discrete, no size lies on an edge.

    Raises:
        NotShapeMotion: There are fewer areas than bins.
    """
    areas = clip_medians(shapes.area, shapes.detected)
    values, counts = np.unique(areas, return_counts=True)
    if len(values) < NUM_SIZES:
        raise NotShapeMotion(
            f"{NUM_SIZES} sizes need as many areas, the clips have {len(values)}: add videos of other sizes"
        )
    below = np.cumsum(counts)[:-1] / counts.sum()
    gaps = [int(np.abs(below - part / NUM_SIZES).argmin()) for part in range(1, NUM_SIZES)]
    return (values[gaps] + values[[gap + 1 for gap in gaps]]) / 2


def clip_modes(shapes: DetectedShapes, edges: np.ndarray, side: int) -> list[Mode]:
    """The mode of each clip that has one.

    A clip has a mode when at least half of its frames show a shape and the shape moves at least an eighth of the
    frame's `side`, more upwards than sideways or more to the left than up or down. The size is the bin of the median
    area. The octant says which of R, G and B of the mean color are 128 or more.
    """
    modes: list[Mode] = []
    for detected, area, color, center in zip(
        shapes.detected, shapes.area, shapes.color, shapes.center, strict=True
    ):
        if detected.sum() < max(2, len(detected) / 2):
            continue
        right, down = center[detected][-1] - center[detected][0]
        if max(-right, -down) < max(abs(right), abs(down), side * _MIN_DISPLACEMENT):
            continue
        octant = int((color[detected].mean(axis=0) >= 128) @ [4, 2, 1])
        size = int(np.searchsorted(edges, np.median(area[detected])))
        modes.append((UP if -down > -right else LEFT, size, octant))
    return modes


def _common_modes(modes: list[Mode], num_clips: int) -> set[Mode]:
    least = _MIN_MODE_FREQUENCY * num_clips
    return {mode for mode, count in Counter(modes).items() if count >= least}


def _coverage(shapes: DetectedShapes, edges: np.ndarray, side: int, modes: set[Mode]) -> float:
    return len(modes.intersection(clip_modes(shapes, edges, side))) / max(1, len(modes))


def _select(shapes: DetectedShapes, clips: np.ndarray) -> DetectedShapes:
    return DetectedShapes(*(values[clips] for values in shapes))
