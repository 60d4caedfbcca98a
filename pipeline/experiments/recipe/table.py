"""A table of one configuration on several data sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Row(NamedTuple):
    """A row: its text, the key of the value, and the key of the value of real clips."""

    text: str
    key: str
    real: str = ""


_ROWS = (
    Row("steps", "steps"),
    Row("clips per second", "clips_per_second"),
    Row("blessed", "blessed"),
    Row("mean place on the scales", "mean_place"),
    Row("largest place", "largest_place"),
    Row("of", "largest_place_of"),
    Row("clip distance", "clip_distance"),
    Row("content consistency", "content_consistency"),
    Row("disentanglement", "disentanglement"),
    Row("motion control score", "motion_control_score"),
    Row("shapes: detection rate", "detection_rate", "detection_rate_real"),
    Row("shapes: ACD", "acd", "acd_real"),
    Row("shapes: mode coverage", "mode_coverage", "mode_coverage_real"),
    Row("shapes: spread of the form", "fill_std", "fill_std_real"),
    Row("digits: recognized", "digits_recognized", "digits_recognized_real"),
    Row("digits: same digit in the clip", "digits_same_digit", "digits_same_digit_real"),
    Row("digits: as asked", "digits_as_asked", "digits_as_asked_real"),
    Row("digits: share of the rarest", "digits_rarest", "digits_rarest_real"),
)


def as_markdown(results: Mapping[str, Mapping[str, Any]]) -> str:
    """One column for each data set. Values of real clips are in parentheses. "-" means not measured."""
    lines = [["", *results], ["---"] * (1 + len(results))]
    for row in _ROWS:
        cells = [_cell(result, row) for result in results.values()]
        if any(cell != "-" for cell in cells):
            lines.append([row.text, *cells])
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _cell(result: Mapping[str, Any], row: Row) -> str:
    value, real = result.get(row.key), result.get(row.real)
    return _text(value) if real is None or value is None else f"{_text(value)} ({_text(real)})"


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.3g}" if isinstance(value, float) else str(value)
