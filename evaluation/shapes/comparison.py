"""All shape metrics of generated and real clips, side by side."""

from __future__ import annotations

from typing import Any

import numpy as np

from mocogan.evaluation.metric import measure
from mocogan.evaluation.shapes.detector import area_range, detect_shapes
from mocogan.evaluation.shapes.mode_coverage import mode_coverage, size_edges
from mocogan.evaluation.shapes.shape_metrics import SHAPE_METRICS, num_measured_clips


def check_shape_motion(real: np.ndarray) -> None:
    """Raise NotShapeMotion unless `compare_shape_motion` can use these real clips, [N, T, H, W, 3] uint8."""
    size_edges(detect_shapes(real, area_range(real)))


def compare_shape_motion(real: np.ndarray, generated: np.ndarray, seed: int = 0) -> dict[str, Any]:
    """Compute SHAPE_METRICS and mode coverage of generated and real clips [N, T, H, W, 3] uint8.

    Args:
        real: Real clips, [N, T, H, W, 3] uint8.
        generated: Generated clips, [M, T, H, W, 3] uint8.
        seed: Seed that selects the real clips whose modes are counted.

    Returns:
        JSON values by name. Names of real values end in `_real`. A value is None if no clip has the frames that the
        metric needs. `area_range_real` and `size_edges` are in pixels.

    Raises:
        NotShapeMotion: The real clips do not show shapes of enough sizes.
        ValueError: The clips are not [N, T, H, W, 3] uint8.
    """
    areas = area_range(real)
    real_shapes, generated_shapes = detect_shapes(real, areas), detect_shapes(generated, areas)
    values: dict[str, Any] = {}
    for shapes, suffix in ((generated_shapes, ""), (real_shapes, "_real")):
        values[f"num_clips{suffix}"] = len(shapes.detected)
        values[f"num_measured_clips{suffix}"] = num_measured_clips(shapes)
        measured = measure(SHAPE_METRICS, shapes)
        values |= {f"{name}{suffix}": value for name, value in measured.items()}
    coverage = mode_coverage(real_shapes, generated_shapes, real.shape[3], seed)
    return values | {
        "mode_coverage": coverage.generated,
        "mode_coverage_real": coverage.real,
        "mode_coverage_clips": coverage.num_clips,
        "num_modes": coverage.num_modes,
        "size_edges": coverage.size_edges.tolist(),
        "area_range_real": list(areas),
    }
