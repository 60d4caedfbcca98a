"""The figures of shape motion beside the real clips' and what is aimed at, as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Row(NamedTuple):
    """A line of the table; `reaches` says whether a figure is good enough, given all figures."""

    figure: str
    real: str | None = None  # key of the real clips' figure
    target: str = ""
    reaches: Callable[[float, Mapping[str, Any]], bool] | None = None


ROWS = (
    Row("found", "found_real", ">= 0.95", lambda found, _: found >= 0.95),
    Row("acd", "acd_real", "<= 5", lambda acd, _: acd <= 5),
    Row(
        "travel",
        "travel_real",
        "real within 25 %",
        lambda travel, figures: abs(travel / figures["travel_real"] - 1) <= 0.25,
    ),
    Row("path", "path_real"),
    Row("modes", "modes_of_as_many_real", ">= 0.9", lambda modes, _: modes >= 0.9),
    Row("size_spread", "size_spread_real"),
    Row("form_spread", "form_spread_real"),
    Row("size_variation", "size_variation_real"),
    Row("jitter", "jitter_real"),
    Row(
        "class_control",
        "classifier_accuracy_real",
        ">= 0.9",
        lambda agreement, _: agreement >= 0.9,
    ),
    Row("content_kept"),
    Row("size_kept"),
    Row("form_kept"),
    Row("motion_kept"),
    Row("steps"),
    Row("minutes"),
    Row("clips_per_second"),
)


def as_table(figures: Mapping[str, Any]) -> str:
    """A line a figure: reached, real, target, and "ok" or "missed" where there is a target; "-": not measured."""
    lines = [f"{'figure':<18}{'reached':>10}{'real':>10}  {'target':<18}".rstrip()]
    for row in ROWS:
        reached = figures.get(row.figure)
        real = figures.get(row.real) if row.real else None
        lines.append(
            f"{row.figure:<18}{_text(reached):>10}{_text(real):>10}  {row.target:<18}"
            f"{_judgement(row, reached, figures)}".rstrip()
        )
    return "\n".join(lines)


def rounded(figures: Mapping[str, Any]) -> dict[str, Any]:
    """With four decimals, which is more than the figures are worth."""
    return {
        name: round(value, 4) if isinstance(value, float) else value
        for name, value in figures.items()
    }


def _judgement(row: Row, reached: float | None, figures: Mapping[str, Any]) -> str:
    if row.reaches is None:
        return ""
    if reached is None:
        return "not measured"
    return "ok" if row.reaches(reached, figures) else "missed"


def _text(figure: float | None) -> str:
    if figure is None:
        return "-"
    return str(figure) if isinstance(figure, int) else f"{figure:.3f}"
