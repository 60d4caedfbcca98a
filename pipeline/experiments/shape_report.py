"""A table of the metrics on shape motion, with the values of the real clips and the targets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Row(NamedTuple):
    """A row of the table. `reaches` decides from the value and all metrics whether the target is reached."""

    metric: str
    real: str | None = None  # key of the real clips' value
    target: str = ""
    reaches: Callable[[float, Mapping[str, Any]], bool] | None = None


ROWS = (
    Row("detection_rate", "detection_rate_real", ">= 0.95", lambda rate, _: rate >= 0.95),
    Row("acd", "acd_real", "<= 5", lambda acd, _: acd <= 5),
    Row(
        "displacement",
        "displacement_real",
        "real within 25 %",
        lambda value, metrics: abs(value / metrics["displacement_real"] - 1) <= 0.25,
    ),
    Row("path_length", "path_length_real"),
    Row("mode_coverage", "mode_coverage_real", ">= 0.9", lambda coverage, _: coverage >= 0.9),
    Row("size_std", "size_std_real"),
    Row("fill_std", "fill_std_real"),
    Row("size_variation", "size_variation_real"),
    Row("jitter", "jitter_real"),
    Row(
        "motion_control_score",
        "motion_control_score_real",
        ">= 0.9",
        lambda score, _: score >= 0.9,
    ),
    Row("content_disentanglement"),
    Row("size_disentanglement"),
    Row("fill_disentanglement"),
    Row("motion_disentanglement"),
    Row("steps"),
    Row("minutes"),
    Row("clips_per_second"),
)


def as_table(metrics: Mapping[str, Any]) -> str:
    """One line per metric: its value, the value of real clips, the target, and "ok" or "missed".

    "-" means not measured.
    """
    lines = [f"{'metric':<26}{'reached':>10}{'real':>10}  {'target':<18}".rstrip()]
    for row in ROWS:
        reached = metrics.get(row.metric)
        real = metrics.get(row.real) if row.real else None
        lines.append(
            f"{row.metric:<26}{_text(reached):>10}{_text(real):>10}  {row.target:<18}"
            f"{_verdict(row, reached, metrics)}".rstrip()
        )
    return "\n".join(lines)


def _verdict(row: Row, reached: float | None, metrics: Mapping[str, Any]) -> str:
    if row.reaches is None:
        return ""
    if reached is None:
        return "not measured"
    return "ok" if row.reaches(reached, metrics) else "missed"


def _text(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}"
