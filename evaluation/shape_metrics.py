"""What models of shape motion are measured by: found, ACD, travel, modes, and some figures beside them. Pure numpy.

Shape motion and the average content distance (ACD) are those of Tulyakov et al., CVPR 2018, section 4.1.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

import numpy as np

from mocogan.evaluation.shape_detector import (
    AUTHORS_AREAS,
    AreaRange,
    FoundShapes,
    NotShapeMotion,
    areas_of,
    find_shapes,
)

SIZES = 4  # bins of area; the authors' set has four sizes of each shape
MODE_SAMPLES = (256, 1024)  # clips to count modes of: the first with which real clips reach ...
_REAL_REACH = 0.95  # ... this share of the cells
_COMMON_CELL = 0.002  # share of the real clips from which a cell counts; 1 of 64 cells has 0.016
_LEAST_TRAVEL = 1 / 8  # of the frame's side: less is no direction

UP, LEFT = "bottom_to_top", "right_to_left"
Cell = tuple[str, int, int]  # direction, size, colour octant
Modes = set[Cell]


class ShapeFigures(NamedTuple):
    """The figures of a set of clips; None where no clip has the frames that a figure needs."""

    clips: int
    measured_clips: int  # with at least two found frames: those of the figures below `found`
    found: float  # share of all frames that hold one shape on black (`find_shapes`)
    acd: float | None  # colour levels (0-255): lower is better, 0 when nothing changes
    travel: float | None  # pixels from the first found frame to the last, as the crow flies
    path: float | None  # pixels along the way
    size_variation: float | None  # standard deviation of the area over its mean, along a clip
    jitter: float | None  # pixels, length of the centre's second difference


def shape_figures(clips: np.ndarray, areas: AreaRange = AUTHORS_AREAS) -> ShapeFigures:
    """uint8 [N, T, H, W, 3] -> the figures, each the mean over clips with at least two found frames.

    `areas` are those of the real shapes (`areas_of`). ACD is the mean L2 distance between the shape's mean RGB colours
    (0-255) of two found frames, over all pairs of a clip's found frames (Tulyakov et al., 4.1; the authors' set has 0).
    Edges smoothed over one pixel, as `synthetic.shapes` draws, give some 4 of it at 64x64. A blank clip is
    left out and a frozen one scores 0, so it is to be read beside `found` and `travel`. Jitter takes found frames that
    follow each other.
    """
    return figures_of(find_shapes(clips, areas))


def figures_of(shapes: FoundShapes) -> ShapeFigures:
    """`shape_figures` of shapes that were found before."""
    measured = np.flatnonzero(shapes.found.sum(axis=1) >= 2)
    of_clips: dict[str, list[float]] = {name: [] for name in ShapeFigures._fields[3:]}
    for clip in measured:
        seen = shapes.found[clip]
        area, centre = shapes.area[clip][seen], shapes.centre[clip][seen]
        of_clips["acd"].append(_mean_distance(shapes.colour[clip][seen]))
        of_clips["travel"].append(float(np.linalg.norm(centre[-1] - centre[0])))
        of_clips["path"].append(float(np.linalg.norm(np.diff(centre, axis=0), axis=1).sum()))
        of_clips["size_variation"].append(float(area.std() / area.mean()))
        in_a_row = seen[:-2] & seen[1:-1] & seen[2:]
        if in_a_row.any():
            turns = np.diff(shapes.centre[clip], n=2, axis=0)[in_a_row]
            of_clips["jitter"].append(float(np.linalg.norm(turns, axis=1).mean()))
    return ShapeFigures(
        clips=len(shapes.found),
        measured_clips=len(measured),
        found=float(shapes.found.mean()) if shapes.found.size else 0.0,
        **{name: float(np.mean(values)) if values else None for name, values in of_clips.items()},
    )


def spreads_of(shapes: FoundShapes) -> dict[str, float | None]:
    """How much clips differ from each other: the standard deviations over them of their median area, in pixels, and of
    their median fill, which tells squares (1) from discs (some 0.7). None where no clip holds a shape."""
    areas, fills = _medians(shapes.area, shapes.found), _medians(shapes.fill, shapes.found)
    if not len(areas):
        return {"size_spread": None, "form_spread": None}
    return {"size_spread": float(areas.std()), "form_spread": float(fills.std())}


def size_edges(shapes: FoundShapes) -> np.ndarray:
    """[SIZES - 1] areas in pixels between the bins of size, each with about as many of these clips as the others.

    An edge lies midway between two areas that occur: where sizes are discrete, no size lies on an edge. Raises
    NotShapeMotion for fewer areas than bins.
    """
    areas = _medians(shapes.area, shapes.found)
    values, counts = np.unique(areas, return_counts=True)
    if len(values) < SIZES:
        raise NotShapeMotion(
            f"{SIZES} sizes need as many areas, the clips have {len(values)}: add films of other sizes"
        )
    below = np.cumsum(counts)[:-1] / counts.sum()
    gaps = [int(np.abs(below - part / SIZES).argmin()) for part in range(1, SIZES)]
    return (values[gaps] + values[[gap + 1 for gap in gaps]]) / 2


def modes_of(shapes: FoundShapes, edges: np.ndarray, side: int) -> list[Cell]:
    """The cell of each clip that has one: direction x size x colour octant, 2 x 4 x 8 in all.

    A clip has one when a shape was found in at least half of its frames and travels at least an eighth of the frame's
    `side`, more upwards than sideways or more to the left than up or down. Size is the bin of its median area; the
    octant says which of R, G and B of its mean colour are 128 or more.
    """
    cells: list[Cell] = []
    for found, area, colour, centre in zip(
        shapes.found, shapes.area, shapes.colour, shapes.centre, strict=True
    ):
        if found.sum() < max(2, len(found) / 2):
            continue
        right, down = centre[found][-1] - centre[found][0]
        if max(-right, -down) < max(abs(right), abs(down), side * _LEAST_TRAVEL):
            continue
        octant = int((colour[found].mean(axis=0) >= 128) @ [4, 2, 1])
        size = int(np.searchsorted(edges, np.median(area[found])))
        cells.append((UP if -down > -right else LEFT, size, octant))
    return cells


def modes(clips: np.ndarray, edges: np.ndarray, areas: AreaRange = AUTHORS_AREAS) -> Modes:
    """The cells (`modes_of`) that at least one of the clips, uint8 [N, T, H, W, 3], lies in."""
    return set(modes_of(find_shapes(clips, areas), edges, clips.shape[3]))


def check_real(clips: np.ndarray) -> None:
    """Raises NotShapeMotion unless real clips, uint8 [N, T, H, W, 3], are such as `describe` compares with."""
    size_edges(find_shapes(clips, areas_of(clips)))


def describe(real: np.ndarray, generated: np.ndarray, seed: int = 0) -> dict[str, Any]:
    """Real and generated clips, uint8 [N, T, H, W, 3] -> all figures, for JSON.

    `modes` is the share, of the cells that at least 0.2 % of the real clips lie in, that the first `modes_clips`
    generated clips reach; `modes_of_as_many_real` is the share that as many real clips reach, drawn by `seed`: the
    ceiling. `modes_clips` is 256, or 1024 if 256 real clips do not reach 0.95 of the cells, or what there is. The same
    figures end in `_real` for the real clips. Raises NotShapeMotion when the real clips hold no shapes of
    several sizes.
    """
    areas = areas_of(real)
    of_real, of_generated = find_shapes(real, areas), find_shapes(generated, areas)
    figures, real_figures = (
        figures_of(shapes)._asdict() | spreads_of(shapes) for shapes in (of_generated, of_real)
    )
    figures |= {f"{name}_real": value for name, value in real_figures.items()}
    edges = size_edges(of_real)
    order = np.random.default_rng(seed).permutation(len(real))
    side = real.shape[3]
    cells = _common_cells(modes_of(of_real, edges, side), len(real))
    for count in MODE_SAMPLES:
        count = min(count, len(real), len(generated))
        reached_by_real = _reach(_some(of_real, order[:count]), edges, side, cells)
        if reached_by_real >= _REAL_REACH:
            break
    return figures | {
        "modes": _reach(_some(of_generated, np.arange(count)), edges, side, cells),
        "modes_of_as_many_real": reached_by_real,
        "modes_clips": count,
        "modes_cells": len(cells),
        "size_edges": edges.tolist(),
        "areas_real": list(areas),
    }


def _common_cells(cells: list[Cell], num_clips: int) -> Modes:
    return {cell for cell, count in Counter(cells).items() if count >= _COMMON_CELL * num_clips}


def _reach(shapes: FoundShapes, edges: np.ndarray, side: int, cells: Modes) -> float:
    return len(cells.intersection(modes_of(shapes, edges, side))) / max(1, len(cells))


def _some(shapes: FoundShapes, clips: np.ndarray) -> FoundShapes:
    return FoundShapes(*(values[clips] for values in shapes))


def _medians(values: np.ndarray, found: np.ndarray) -> np.ndarray:
    """[M] of the M clips in which a shape was found."""
    return np.array([np.median(v[f]) for v, f in zip(values, found, strict=True) if f.any()])


def _mean_distance(points: np.ndarray) -> float:
    """[P, D] -> mean L2 distance over the pairs of different points; P >= 2."""
    distances = np.linalg.norm(points[:, None] - points[None], axis=-1)
    return float(distances.sum() / (len(points) * (len(points) - 1)))
