"""The table of an ablation, with one row for the real clips, one for the default and one per variant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mocogan.pipeline.experiments.ablation_variants import Variant

Metrics = Mapping[str, Any]  # of one run; for a failed run, `failed` with the reason

_REAL = {
    "detection_rate": "detection_rate_real",
    "acd": "acd_real",
    "displacement": "displacement_real",
    "mode_coverage": "mode_coverage_real",
}
COLUMNS = (*_REAL, "steps")


def as_markdown(variants: Sequence[Variant], runs: Mapping[str, Metrics]) -> str:
    """The table as Markdown. `runs` maps each variant's name to its metrics."""
    lines = [
        "| variant | `--set` | detection rate | ACD | displacement | mode coverage | steps |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    measured = [metrics for metrics in runs.values() if "failed" not in metrics]
    if measured:
        real = {name: measured[0][key] for name, key in _REAL.items()}
        lines.append(_line("real clips", "", real))
    for variant in variants:
        change = " ".join(variant.assignments).replace('"', "")  # YAML needs no quotes here
        lines.append(_line(variant.name, change and f"`{change}`", runs[variant.name]))
    return "\n".join(lines) + "\n"


def _line(name: str, change: str, metrics: Metrics) -> str:
    if reason := metrics.get("failed"):
        cells = [f"failed: {reason.replace('|', '/')}", *[""] * (len(COLUMNS) - 1)]
    else:
        cells = [_cell(metrics.get(key)) for key in COLUMNS]
    return f"| {' | '.join([name, change, *cells])} |"


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.3g}" if isinstance(value, float) else str(value)
