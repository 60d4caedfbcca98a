"""Mode coverage: share of the modes of the real clips that the generated clips reach. Pure numpy.

A mode combines a direction (2), a size (NUM_SIZES) and a color octant (8). There are 64 modes.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np

from mocogan.evaluation.shapes.detector import DetectedShapes, NotShapeMotion
from mocogan.evaluation.shapes.shape_metrics import clip_medians

NUM_SIZES = 4  # the authors' set has four sizes of each shape
SAMPLE_SIZES = (256, 1024)  # numbers of clips to try, until real clips reach _ENOUGH_COVERAGE
_ENOUGH_COVERAGE = 0.95  # share of the modes
_MIN_MODE_FREQUENCY = 0.002  # share of the real clips that a mode needs (64 equal modes: 0.016)
_MIN_DISPLACEMENT = 1 / 8  # of the frame's side; a clip that moves less has no direction

UP, LEFT = "bottom_to_top", "right_to_left"
Mode = tuple[str, int, int]  # direction, size, color octant


class ModeCoverage(NamedTuple):
    """Share of the modes that generated and real clips reach."""

    generated: float  # share of the modes that the first `num_clips` generated clips reach
    real: float  # share that `num_clips` real clips reach, the value of a perfect generator
    num_clips: int
    num_modes: int  # modes with at least 0.2 % of the real clips
    size_edges: np.ndarray  # [NUM_SIZES - 1] pixels


def mode_coverage(
    real: DetectedShapes, generated: DetectedShapes, side: int, seed: int
) -> ModeCoverage:
    """Measure the share of modes that equal numbers of generated and real clips reach.

    The number of clips is 256, or 1024 if 256 real clips do not reach 0.95 of the modes. It is smaller if there are
    fewer clips.

    Args:
        real: Shapes of the real clips.
        generated: Shapes of the generated clips.
        side: Width of the frames in pixels.
        seed: Seed that selects the real clips.

    Returns:
        Coverage of generated and real clips in [0, 1], the number of clips and modes, and the size edges in pixels.

    Raises:
        NotShapeMotion: The shapes in the real clips have fewer than NUM_SIZES different areas.
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
    """Return [NUM_SIZES - 1] areas in pixels that split these clips into bins of about equal counts.

    Each edge is midway between two areas that occur, so no area is on an edge.

    Raises:
        NotShapeMotion: There are fewer different areas than bins.
    """
    areas = clip_medians(shapes.area, shapes.detected)
    values, counts = np.unique(areas, return_counts=True)
    if len(values) < NUM_SIZES:
        raise NotShapeMotion(
            f"mode coverage needs at least {NUM_SIZES} different shape areas, got {len(values)}: add videos with "
            "other shape sizes"
        )
    below = np.cumsum(counts)[:-1] / counts.sum()
    gaps = [int(np.abs(below - part / NUM_SIZES).argmin()) for part in range(1, NUM_SIZES)]
    return (values[gaps] + values[[gap + 1 for gap in gaps]]) / 2


def clip_modes(shapes: DetectedShapes, edges: np.ndarray, side: int) -> list[Mode]:
    """Return the mode of each clip that has one.

    A clip has a mode if at least half of its frames show a shape. The shape must also move at least an eighth of the
    frame's `side` up or to the left, and no more along the other axis. The size is the bin of the median area. The
    octant tells which of R, G and B of the mean color are at least 128.
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
